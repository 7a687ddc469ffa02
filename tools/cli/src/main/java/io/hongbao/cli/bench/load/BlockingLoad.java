package io.hongbao.cli.bench.load;

import io.grpc.StatusRuntimeException;
import io.hongbao.cli.bench.load.CallKind.Verdict;
import io.hongbao.cli.bench.load.LoadGenerator.Counts;
import io.hongbao.cli.bench.load.LoadGenerator.Run;
import io.hongbao.cli.call.CallFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** A closed loop of operations that are several calls, or of several kinds: each virtual thread does one after another. */
public final class BlockingLoad implements Run {
    private static final long LATENCY_NANOS_MIN = 1_000;
    private static final long LATENCY_NANOS_MAX = Duration.ofSeconds(60).toNanos();
    private static final int DIGITS = 3;

    private final List<Thread> threads = new ArrayList<>();
    private final Recorder latencyNanos = new Recorder(LATENCY_NANOS_MIN, LATENCY_NANOS_MAX, DIGITS);
    private final LongAdder done = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder failedEver = new LongAdder();
    private final ConcurrentHashMap<String, LongAdder> errors = new ConcurrentHashMap<>();
    private volatile boolean stopping;
    private long begunNanos;

    /** One operation. */
    @FunctionalInterface
    public interface Operation {
        /**
         * @param slot number of the loop that calls, from 0
         * @throws StatusRuntimeException if it failed
         */
        Verdict call(int slot);
    }

    public BlockingLoad(int inFlight, Operation operation) {
        for (int i = 0; i < inFlight; i++) {
            int slot = i;
            threads.add(Thread.ofVirtual().unstarted(() -> run(slot, operation)));
        }
        threads.forEach(Thread::start);
    }

    private void run(int slot, Operation operation) {
        while (!stopping) {
            long startNanos = System.nanoTime();
            try {
                Verdict verdict = operation.call(slot);
                latencyNanos.recordValue(
                        Math.clamp(System.nanoTime() - startNanos, LATENCY_NANOS_MIN, LATENCY_NANOS_MAX));
                switch (verdict) {
                    case DONE -> done.increment();
                    case REFUSED -> refused.increment();
                }
            } catch (StatusRuntimeException e) {
                failedEver.increment();
                CallFailure failure = CallFailure.of(e);
                String reason = failure.reason().isEmpty() ? failure.code().name() : failure.reason();
                errors.computeIfAbsent(reason, name -> new LongAdder()).increment();
            }
        }
    }

    @Override
    public void begin() {
        latencyNanos.reset();
        done.reset();
        refused.reset();
        errors.clear();
        begunNanos = System.nanoTime();
    }

    @Override
    public Counts end() {
        Duration time = Duration.ofNanos(System.nanoTime() - begunNanos);
        var histogram = new Histogram(LATENCY_NANOS_MIN, LATENCY_NANOS_MAX, DIGITS);
        histogram.add(latencyNanos.getIntervalHistogram());
        var counts = new TreeMap<String, Long>();
        errors.forEach((reason, count) -> counts.put(reason, count.sum()));
        return new Counts(time, done.sum(), refused.sum(), counts, 0, histogram);
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Override
    public long failedEver() {
        return failedEver.sum();
    }
}
