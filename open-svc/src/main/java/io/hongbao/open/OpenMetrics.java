package io.hongbao.open;

import io.hongbao.open.lane.Lane;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.AsyncResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** Every meter of open-svc, by name. */
@ApplicationScoped
public class OpenMetrics {
    private final MeterRegistry registry;
    private final Timer commitTime;
    private final DistributionSummary batchShares;
    private final DistributionSummary batchPackets;
    private final Counter commitFailures;
    private final Counter loadedPackets;
    private final Counter forgottenPackets;
    private final Counter relayedEvents;
    private final Counter settledShares;
    private final Counter expiredPackets;

    public OpenMetrics(MeterRegistry registry) {
        this.registry = registry;
        commitTime = Timer.builder("hongbao.open.commit")
                .description("Time from sending a batch to the order store to its answer")
                .publishPercentileHistogram()
                .register(registry);
        batchShares = DistributionSummary.builder("hongbao.open.batch.shares")
                .description("Shares in one committed batch")
                .register(registry);
        batchPackets = DistributionSummary.builder("hongbao.open.batch.packets")
                .description("Packets in one committed batch")
                .register(registry);
        commitFailures = Counter.builder("hongbao.open.commit.failures")
                .description("Batches that were not committed, or whose outcome is unknown")
                .register(registry);
        loadedPackets = Counter.builder("hongbao.open.packets.loaded")
                .description("Packets read from the order store")
                .register(registry);
        forgottenPackets = Counter.builder("hongbao.open.packets.forgotten")
                .description("Idle packets dropped from memory")
                .register(registry);
        relayedEvents = Counter.builder("hongbao.open.outbox.relayed")
                .description("Events sent to Kafka")
                .register(registry);
        settledShares = Counter.builder("hongbao.open.shares.settled")
                .description("Shares marked settled")
                .register(registry);
        expiredPackets = Counter.builder("hongbao.open.packets.expired")
                .description("Packets closed at expiry by this pod")
                .register(registry);
    }

    /** What opens came to: opened, replayed, sold_out, and so on. */
    public Counter result(String result) {
        return Counter.builder("hongbao.open.requests")
                .description("Opens by what they came to")
                .tag("result", result)
                .register(registry);
    }

    /** @param answering by the probe of this pod */
    public void watchSet(String set, BooleanSupplier answering) {
        Gauge.builder("hongbao.open.set.answering", answering, watched -> watched.getAsBoolean() ? 1 : 0)
                .description("Whether the SET's server answers")
                .tag("set", set)
                .strongReference(true)
                .register(registry);
    }

    /** A request was refused to protect the pod; {@code limit} names which bound did it. */
    public void shed(String limit) {
        registry.counter("hongbao.open.shed", "limit", limit).increment();
    }

    public void committed(int shares, int packets, long nanos, AsyncResult<Long> outcome) {
        commitTime.record(nanos, TimeUnit.NANOSECONDS);
        if (outcome.succeeded()) {
            batchShares.record(shares);
            batchPackets.record(packets);
        } else {
            commitFailures.increment();
        }
    }

    public void loaded(int packets) {
        loadedPackets.increment(packets);
    }

    /** A packet's shares and row do not add up. */
    public void notConserved() {
        registry.counter("hongbao.open.packets.not.conserved").increment();
    }

    public void forgotten(int packets) {
        forgottenPackets.increment(packets);
    }

    public void relayed(int events) {
        relayedEvents.increment(events);
    }

    public void settled(int shares) {
        settledShares.increment(shares);
    }

    public void expired(int packets) {
        expiredPackets.increment(packets);
    }

    /** A run of a background job ended. */
    public void job(String job, boolean succeeded) {
        registry.counter("hongbao.open.job.runs", "job", job, "outcome", succeeded ? "success" : "failure")
                .increment();
    }

    public void lanes(Collection<Lane> lanes) {
        for (Lane lane : lanes) {
            Gauge.builder("hongbao.open.lane.waiting", lane, Lane::waitingCount)
                    .description("Requests queued or in flight")
                    .tag("lane", lane.name())
                    .register(registry);
            Gauge.builder("hongbao.open.lane.remembered", lane, Lane::rememberedCount)
                    .description("Packets in memory")
                    .tag("lane", lane.name())
                    .register(registry);
        }
    }

    /** Gauges of one SET's outbox. */
    public final class OutboxGauges {
        private final AtomicLong rows = new AtomicLong();
        private final AtomicLong oldestMillis = new AtomicLong();

        private OutboxGauges(String set) {
            Tags tags = Tags.of("set", set);
            Gauge.builder("hongbao.open.outbox.rows", rows, AtomicLong::get)
                    .description("Batches that are committed and not sent to Kafka")
                    .tags(tags)
                    .register(registry);
            Gauge.builder("hongbao.open.outbox.oldest", oldestMillis, millis -> millis.get() / 1000.0)
                    .description("Age of the oldest batch not sent to Kafka")
                    .baseUnit("seconds")
                    .tags(tags)
                    .register(registry);
        }

        public void set(long rowCount, Duration oldest) {
            rows.set(rowCount);
            oldestMillis.set(oldest.toMillis());
        }
    }

    public OutboxGauges outbox(String set) {
        return new OutboxGauges(set);
    }
}
