package io.hongbao.query;

import io.hongbao.kit.LagBuckets;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Every meter of query-svc, by name. */
@ApplicationScoped
public class QueryMetrics {
    /** What was asked for. */
    public enum Read {
        PACKET,
        SHARES,
        SENT,
        RECEIVED,
        SUMMARY
    }

    /** Where a packet came from. */
    public enum PacketSource {
        /** From memory: it never changes again. */
        CACHE,
        /** From its SET. */
        SET,
        /** From a read of its SET that others waited for too. */
        SHARED_READ
    }

    /** Facts in the user records. */
    public enum Fact {
        PUBLISHED,
        OPENED,
        ENDED
    }

    /** What can never be recorded, and was skipped. */
    public enum Unreadable {
        /** A Kafka record that is no batch, or a batch without its time. */
        RECORD,
        /** An event with a value that no packet can have. */
        EVENT,
        /** An event of a kind this version does not know. */
        UNKNOWN_KIND
    }

    private static final String PREFIX = "hongbao.query.";
    private static final double NANOS_PER_SECOND = 1e9;

    /** Buckets add up over pods, as percentiles of a pod do not. A cached packet takes microseconds. */
    private static final Duration[] READ_TIMES = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };

    private final MeterRegistry registry;
    private final Timer recordLag;
    private final Counter recordRetries;
    /** Commit time of the events in hand; MAX if there are none. */
    private volatile Instant waitingSince = Instant.MAX;
    /** When each region was heard last, by our own clock that only runs forward. */
    private final Map<Integer, AtomicLong> heardNanos = new ConcurrentHashMap<>();

    private final Counter greetingsUnreadable;
    private final Map<String, AtomicInteger> dependencies = new ConcurrentHashMap<>();

    public QueryMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.recordLag = Timer.builder(PREFIX + "record.lag")
                .description("From the commit of an event to its record; clocks of two machines")
                .serviceLevelObjectives(LagBuckets.all())
                .register(registry);
        this.recordRetries = Counter.builder(PREFIX + "record.retries")
                .description("Attempts to store a batch that failed and are repeated")
                .register(registry);
        this.greetingsUnreadable = Counter.builder(PREFIX + "greetings.unreadable")
                .description("Greetings told as empty: their key is not known, or they were changed in the store")
                .register(registry);
        // From the start: an alert on a counter that is made by its first event misses that event.
        for (Unreadable what : Unreadable.values()) {
            registry.counter(PREFIX + "unreadable", "what", name(what));
        }
        for (PacketSource source : PacketSource.values()) {
            registry.counter(PREFIX + "packets", "source", name(source));
        }
        for (Fact fact : Fact.values()) {
            registry.counter(PREFIX + "events.applied", "kind", name(fact));
            registry.counter(PREFIX + "events.duplicate", "kind", name(fact));
        }
    }

    /** @param outcome {@code ok}, or the reason of the refusal */
    public void read(Read what, String outcome, Duration time) {
        Timer.builder(PREFIX + "reads")
                .description("Answered requests, and how long they took")
                .tag("kind", name(what))
                .tag("outcome", outcome.toLowerCase(Locale.ROOT))
                .serviceLevelObjectives(READ_TIMES)
                .register(registry)
                .record(time);
    }

    public void packet(PacketSource source) {
        registry.counter(PREFIX + "packets", "source", name(source)).increment();
    }

    /** How much the packet cache holds: packets and shares together. */
    public void packetCacheWeight(Supplier<Number> weight) {
        Gauge.builder(PREFIX + "packet.cache.weight", weight)
                .description("Packets and shares in the cache")
                .register(registry);
    }

    /**
     * Events of one batch are recorded.
     *
     * @param applied how many were new
     * @param duplicates how many were recorded before
     */
    public void recorded(Fact fact, long applied, long duplicates) {
        registry.counter(PREFIX + "events.applied", "kind", name(fact)).increment(applied);
        registry.counter(PREFIX + "events.duplicate", "kind", name(fact)).increment(duplicates);
    }

    /** @param lag from the commit of the events to now; a clock ahead of ours counts as none */
    public void recordLag(Duration lag) {
        recordLag.record(lag.isNegative() ? Duration.ZERO : lag);
    }

    /** The consumer has events of this time in hand that are not recorded yet. It takes one batch after the other. */
    public void waitsForRecords(Instant occurredAt) {
        waitingSince = occurredAt;
    }

    public void nothingWaits() {
        waitingSince = Instant.MAX;
    }

    private double waitingSeconds() {
        Instant since = waitingSince;
        return since.equals(Instant.MAX)
                ? 0
                : Math.max(0, Duration.between(since, Instant.now()).toMillis() / 1e3);
    }

    /** Our own region: silent from the start until the records have heard it, and with it what waits. */
    public void regionSilent(int region) {
        Gauge.builder(PREFIX + "records.waiting.seconds", this, QueryMetrics::waitingSeconds)
                .description("Age of the events that wait for the user records; 0 if none do")
                .tag("region", Integer.toString(region))
                .register(registry);
        regionHeard(region, 0);
    }

    /** @param silentSeconds since the user records last heard of a region */
    public void regionHeard(int region, double silentSeconds) {
        long heardAtNanos = System.nanoTime() - (long) (silentSeconds * NANOS_PER_SECOND);
        heardNanos
                .computeIfAbsent(region, name -> {
                    var heard = new AtomicLong(heardAtNanos);
                    Gauge.builder(
                                    PREFIX + "region.silent.seconds",
                                    heard,
                                    last -> (System.nanoTime() - last.get()) / NANOS_PER_SECOND)
                            .description("Since the user records last heard of the region, as far as this pod knows")
                            .tag("region", Integer.toString(region))
                            .register(registry);
                    return heard;
                })
                .set(heardAtNanos);
    }

    public void recordRetry() {
        recordRetries.increment();
    }

    public void greetingUnreadable() {
        greetingsUnreadable.increment();
    }

    public void unreadable(Unreadable what) {
        registry.counter(PREFIX + "unreadable", "what", name(what)).increment();
    }

    /** @param dependency {@code records}, {@code kafka}, or a SET's name */
    public void dependency(String dependency, boolean answers) {
        dependencies
                .computeIfAbsent(
                        dependency,
                        name -> registry.gauge(
                                PREFIX + "dependency.up", Tags.of("dependency", name), new AtomicInteger()))
                .set(answers ? 1 : 0);
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
