package io.hongbao.grab;

import io.hongbao.v1.GrabResult;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Owns the names of all meters of this service. */
@ApplicationScoped
public class GrabMetrics {
    private static final String GRABS = "hongbao.grab.grabs";

    private final MeterRegistry registry;
    private final Map<Source, Map<GrabResult, Counter>> grabs = new EnumMap<>(Source.class);
    private final Map<Source, Counter> otherGroup = new EnumMap<>(Source.class);
    private final Counter shed;
    private final Counter slowed;
    private final Timer redis;
    private final Counter redisFailures;
    private final Map<Feed, Timer> eventDelay = new EnumMap<>(Feed.class);
    private final Map<Feed, Counter> eventGarbage = new EnumMap<>(Feed.class);
    private final Counter stockWriteRetries;

    /** Who answered a grab. */
    public enum Source {
        /** This pod's memory of finished packets. */
        MEMORY,
        /** Redis. */
        REDIS,
        /** Nobody: Redis is away, or does not know the packet. */
        DEGRADED
    }

    /** Who reads events. */
    public enum Feed {
        /** Writes to Redis. */
        STOCK,
        /** Writes to this pod's memory. */
        MEMORY
    }

    public GrabMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (Source source : Source.values()) {
            var byResult = new EnumMap<GrabResult, Counter>(GrabResult.class);
            for (GrabResult result : GrabResult.values()) {
                if (result != GrabResult.GRAB_RESULT_UNSPECIFIED && result != GrabResult.UNRECOGNIZED) {
                    byResult.put(result, grabs(source, tag(result)));
                }
            }
            grabs.put(source, byResult);
            otherGroup.put(source, grabs(source, "not_in_group"));
        }
        shed = grabs(Source.DEGRADED, "overloaded");
        slowed = Counter.builder("hongbao.grab.slowed")
                .description("Grabs refused because operators have slowed them")
                .register(registry);
        redis = Timer.builder("hongbao.grab.redis")
                .description("From a grab's call to Redis to its answer")
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(2),
                        Duration.ofMillis(5),
                        Duration.ofMillis(10),
                        Duration.ofMillis(50),
                        Duration.ofMillis(200))
                .register(registry);
        redisFailures = Counter.builder("hongbao.grab.redis.failures")
                .description("Grabs that Redis did not answer")
                .register(registry);
        stockWriteRetries = Counter.builder("hongbao.grab.events.retries")
                .description("Event batches written to Redis once more, because Redis did not answer")
                .register(registry);
        for (Feed feed : Feed.values()) {
            String name = feed.name().toLowerCase(java.util.Locale.ROOT);
            eventDelay.put(
                    feed,
                    Timer.builder("hongbao.grab.events.delay")
                            .description("From a decision to its effect here: the lag of events")
                            .tag("feed", name)
                            .register(registry));
            eventGarbage.put(
                    feed,
                    Counter.builder("hongbao.grab.events.garbage")
                            .description("Records that are no event batch, skipped")
                            .tag("feed", name)
                            .register(registry));
        }
    }

    void answered(Source source, GrabResult result) {
        known(known(grabs, source), result).increment();
    }

    void refusedOtherGroup(Source source) {
        known(otherGroup, source).increment();
    }

    void slowed() {
        slowed.increment();
    }

    void shed() {
        shed.increment();
    }

    void redisAnswered(long nanos) {
        redis.record(nanos, TimeUnit.NANOSECONDS);
    }

    void redisFailed() {
        redisFailures.increment();
    }

    public void eventSeen(Feed feed, Duration delay) {
        if (!delay.isNegative()) {
            known(eventDelay, feed).record(delay);
        }
    }

    public void eventGarbage(Feed feed) {
        known(eventGarbage, feed).increment();
    }

    public void stockWriteRetried() {
        stockWriteRetries.increment();
    }

    public void watchFinishedPackets(Supplier<Number> size) {
        Gauge.builder("hongbao.grab.finished.packets", size)
                .description("Packets this pod remembers as final")
                .register(registry);
    }

    /** @return how many tickets were issued that Redis did not agree to */
    double uncheckedTickets() {
        return known(known(grabs, Source.DEGRADED), GrabResult.GRAB_RESULT_GRANTED)
                .count();
    }

    /** The meter of a key; the constructor made one for each. */
    private static <K, V> V known(Map<K, V> meters, K key) {
        return Objects.requireNonNull(meters.get(key), () -> "no meter for " + key);
    }

    private Counter grabs(Source source, String result) {
        return Counter.builder(GRABS)
                .description("Grabs by result and by who answered; result granted from source degraded is a ticket"
                        + " issued unchecked")
                .tag("source", source.name().toLowerCase(java.util.Locale.ROOT))
                .tag("result", result)
                .register(registry);
    }

    private static String tag(GrabResult result) {
        return result.name().substring("GRAB_RESULT_".length()).toLowerCase(java.util.Locale.ROOT);
    }
}
