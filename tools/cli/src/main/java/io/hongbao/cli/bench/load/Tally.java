package io.hongbao.cli.bench.load;

import io.grpc.StatusRuntimeException;
import io.hongbao.cli.bench.load.CallKind.Verdict;
import io.hongbao.cli.bench.load.LoadGenerator.Counts;
import io.hongbao.cli.call.CallFailure;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** Counts operations of some thousand a second. Thread-safe. */
final class Tally {
    private static final long LATENCY_NANOS_MIN = 1_000;
    private static final long LATENCY_NANOS_MAX = Duration.ofSeconds(60).toNanos();
    private static final int DIGITS = 3;

    private final Recorder latencyNanos = new Recorder(LATENCY_NANOS_MIN, LATENCY_NANOS_MAX, DIGITS);
    private final LongAdder done = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder failedEver = new LongAdder();
    private final ConcurrentHashMap<String, LongAdder> errors = new ConcurrentHashMap<>();
    private long begunNanos;

    /** An operation came to its end. @param startNanos when it began, by {@link System#nanoTime()} */
    void answered(long startNanos, Verdict verdict) {
        latencyNanos.recordValue(Math.clamp(System.nanoTime() - startNanos, LATENCY_NANOS_MIN, LATENCY_NANOS_MAX));
        switch (verdict) {
            case DONE -> done.increment();
            case REFUSED -> refused.increment();
        }
    }

    void failed(StatusRuntimeException e) {
        failedEver.increment();
        CallFailure failure = CallFailure.of(e);
        String reason = failure.reason().isEmpty() ? failure.code().name() : failure.reason();
        errors.computeIfAbsent(reason, name -> new LongAdder()).increment();
    }

    void begin() {
        latencyNanos.reset();
        done.reset();
        refused.reset();
        errors.clear();
        begunNanos = System.nanoTime();
    }

    Counts end() {
        Duration time = Duration.ofNanos(System.nanoTime() - begunNanos);
        var histogram = new Histogram(LATENCY_NANOS_MIN, LATENCY_NANOS_MAX, DIGITS);
        histogram.add(latencyNanos.getIntervalHistogram());
        var counts = new TreeMap<String, Long>();
        errors.forEach((reason, count) -> counts.put(reason, count.sum()));
        return new Counts(time, done.sum(), refused.sum(), counts, 0, histogram);
    }

    long failedEver() {
        return failedEver.sum();
    }
}
