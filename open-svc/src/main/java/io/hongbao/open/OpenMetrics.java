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
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** Every meter of open-svc, by name. */
@ApplicationScoped
public class OpenMetrics {
    /** Why the pod refuses a request to protect itself. */
    public enum Shed {
        /** The lane's queue is full. */
        LANE_FULL,
        /** The packet's own queue is full. */
        PACKET_FULL,
        /** The request stood in a queue for longer than anybody waits. */
        WAITED_TOO_LONG,
        /** As many pods as may are opening the packet already. */
        PODS_FULL
    }

    /** What the gate of a packet that several pods open says. */
    public enum Gate {
        /** This pod is one of those that may. */
        ENTERED,
        /** Enough others are. */
        FULL,
        /** Redis did not answer, so it may. */
        UNKNOWN
    }

    /** Work that nobody calls for. */
    public enum Job {
        EXPIRY,
        SETTLE
    }

    /** What is slower than this is slow, however slow it is; it also bounds how many buckets there are. */
    private static final Duration HISTOGRAM_MAX = Duration.ofSeconds(5);

    private final MeterRegistry registry;
    private final Timer queueing;
    private final Timer commitTime;
    private final DistributionSummary batchShares;
    private final DistributionSummary batchPackets;
    private final Counter commitFailures;
    private final Counter loadedPackets;
    private final Counter forgottenPackets;
    private final Counter relayedEvents;
    private final Counter settledShares;
    private final Counter expiredPackets;
    private final Counter notConserved;
    private final Counter decidedSharesFen;
    private final Counter decidedRefundsFen;
    private final Map<Shed, Counter> shed = new EnumMap<>(Shed.class);
    private final Map<Gate, Counter> gate = new EnumMap<>(Gate.class);
    private final Counter closedForOwner;

    public OpenMetrics(MeterRegistry registry) {
        this.registry = registry;
        queueing = Timer.builder("hongbao.open.queueing")
                .description("Longest wait in a queue of the requests of one batch")
                .publishPercentileHistogram()
                .maximumExpectedValue(HISTOGRAM_MAX)
                .register(registry);
        commitTime = Timer.builder("hongbao.open.commit")
                .description("Time from sending a batch to the order store to its answer")
                .publishPercentileHistogram()
                .maximumExpectedValue(HISTOGRAM_MAX)
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
        notConserved = Counter.builder("hongbao.open.packets.not.conserved")
                .description("Packets whose shares and row do not add up; any is an alarm")
                .register(registry);
        decidedSharesFen = decidedFen("share");
        decidedRefundsFen = decidedFen("refund");
        // All from the start: an alert on a counter that is made by its first event misses that event.
        for (Shed limit : Shed.values()) {
            shed.put(
                    limit,
                    Counter.builder("hongbao.open.shed")
                            .description("Requests refused to protect the pod")
                            .tag("limit", name(limit))
                            .register(registry));
        }
        for (Gate answer : Gate.values()) {
            gate.put(
                    answer,
                    Counter.builder("hongbao.open.gate")
                            .description("Questions to the gate of packets that several pods open, by its answer")
                            .tag("answer", name(answer))
                            .register(registry));
        }
        for (Job job : Job.values()) {
            jobRuns(job, true);
            jobRuns(job, false);
        }
        closedForOwner = Counter.builder("hongbao.open.expiry.unrouted")
                .description("Packets this pod set about to close since their owner did not answer")
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

    /** A request was refused to protect the pod. */
    public void shed(Shed limit) {
        Objects.requireNonNull(shed.get(limit)).increment();
    }

    /** The gate of a packet was asked. */
    public void gate(Gate answer) {
        Objects.requireNonNull(gate.get(answer)).increment();
    }

    /** @param nanos the longest that a request of this batch has waited to be decided on */
    public void waited(long nanos) {
        queueing.record(nanos, TimeUnit.NANOSECONDS);
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

    /** Money whose receiver is durable: it has to arrive in wallets as {@code hongbao.wallet.booked.fen}. */
    public void decided(long sharesFen, long refundsFen) {
        decidedSharesFen.increment(sharesFen);
        decidedRefundsFen.increment(refundsFen);
    }

    public void loaded(int packets) {
        loadedPackets.increment(packets);
    }

    /** A packet's shares and row do not add up. */
    public void notConserved() {
        notConserved.increment();
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

    /** A packet was closed at expiry. */
    public void expired() {
        expiredPackets.increment();
    }

    /** A packet is closed here, since its owner did not. */
    public void closedForOwner() {
        closedForOwner.increment();
    }

    /** A run of a background job ended. */
    public void job(Job job, boolean succeeded) {
        jobRuns(job, succeeded).increment();
    }

    private Counter decidedFen(String kind) {
        return Counter.builder("hongbao.open.decided.fen")
                .description("Money whose receiver is decided and durable")
                .tag("kind", kind)
                .register(registry);
    }

    private Counter jobRuns(Job job, boolean succeeded) {
        return Counter.builder("hongbao.open.job.runs")
                .description("Runs of background work")
                .tag("task", name(job))
                .tag("outcome", succeeded ? "success" : "failure")
                .register(registry);
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
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
