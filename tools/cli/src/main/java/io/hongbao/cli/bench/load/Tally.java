package io.hongbao.cli.bench.load;

import io.grpc.StatusRuntimeException;
import io.hongbao.cli.bench.load.CallKind.Verdict;
import io.hongbao.cli.bench.load.LoadGenerator.Counts;
import io.hongbao.cli.call.CallFailure;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** Counts operations. Thread-safe, and cheap where one thread does most of the counting. */
final class Tally {
    /** Three digits are more than two runs agree in. */
    private static final int DIGITS = 3;

    private static final long LATENCY_NANOS_MIN = 1_000;
    private static final long LATENCY_NANOS_MAX = Duration.ofSeconds(60).toNanos();

    private final Recorder latencyNanos = new Recorder(LATENCY_NANOS_MIN, LATENCY_NANOS_MAX, DIGITS);
    private final LongAdder done = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder failedEver = new LongAdder();
    private final ConcurrentHashMap<String, LongAdder> errors = new ConcurrentHashMap<>();
    private long begunNanos;

    /** An operation came to its end. @param startNanos when it began, or was due, by {@link System#nanoTime()} */
    void answered(long startNanos, Verdict verdict) {
        latencyNanos.recordValue(Math.clamp(System.nanoTime() - startNanos, LATENCY_NANOS_MIN, LATENCY_NANOS_MAX));
        switch (verdict) {
            case DONE -> done.increment();
            case REFUSED -> refused.increment();
        }
    }

    void failed(StatusRuntimeException e) {
        failedEver.increment();
        errors.computeIfAbsent(CallFailure.of(e).word(), word -> new LongAdder())
                .increment();
    }

    void begin() {
        latencyNanos.reset();
        done.reset();
        refused.reset();
        errors.clear();
        begunNanos = System.nanoTime();
    }

    Counts end() {
        return end(List.of(this), 0);
    }

    /** What several counted together that began at the same time. */
    static Counts end(List<Tally> tallies, long droppedCount) {
        Duration time = Duration.ofNanos(System.nanoTime() - tallies.getFirst().begunNanos);
        var histogram = new Histogram(LATENCY_NANOS_MIN, LATENCY_NANOS_MAX, DIGITS);
        var counts = new TreeMap<String, Long>();
        long done = 0;
        long refused = 0;
        for (Tally tally : tallies) {
            histogram.add(tally.latencyNanos.getIntervalHistogram());
            tally.errors.forEach((word, count) -> counts.merge(word, count.sum(), Long::sum));
            done += tally.done.sum();
            refused += tally.refused.sum();
        }
        return new Counts(time, done, refused, counts, droppedCount, histogram);
    }

    long failedEver() {
        return failedEver.sum();
    }
}
