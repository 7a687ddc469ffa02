package io.hongbao.cli.drill;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What a load came to between two moments: for each step and each SET. */
public final class LoadWindow {
    /** Longer than any deadline of a client. */
    private static final long LATENCY_MICROS_MAX = 60_000_000;

    private static final int SIGNIFICANT_DIGITS = 2;

    /** A step in one SET. */
    record Key(Step step, String set) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int bySet = set.compareTo(other.set);
            return bySet != 0 ? bySet : step.compareTo(other.step);
        }
    }

    private static final class Cell {
        final Histogram latencyMicros = new ConcurrentHistogram(LATENCY_MICROS_MAX, SIGNIFICANT_DIGITS);
        final Histogram failureMicros = new ConcurrentHistogram(LATENCY_MICROS_MAX, SIGNIFICANT_DIGITS);
        final Map<String, LongAdder> errors = new ConcurrentSkipListMap<>();
    }

    private final Map<Key, Cell> cells = new ConcurrentSkipListMap<>();
    private final long begunNanos = System.nanoTime();
    private volatile long endNanos;

    /**
     * A step in one SET.
     *
     * @param doneCount calls that were answered, whatever the answer
     * @param perSecond the same by time
     * @param p50Millis of answered calls
     * @param errors failed calls, by reason
     * @param slowestErrorMillis of failed calls
     */
    public record StepFigures(
            long doneCount,
            double perSecond,
            double p50Millis,
            double p99Millis,
            double maxMillis,
            Map<String, Long> errors,
            double p99ErrorMillis,
            double slowestErrorMillis) {}

    private Cell cell(Step step, String set) {
        return cells.computeIfAbsent(new Key(step, set), key -> new Cell());
    }

    void done(Step step, String set, long nanos) {
        cell(step, set).latencyMicros.recordValue(micros(nanos));
    }

    void failed(Step step, String set, String reason, long nanos) {
        Cell cell = cell(step, set);
        cell.failureMicros.recordValue(micros(nanos));
        cell.errors.computeIfAbsent(reason, key -> new LongAdder()).increment();
    }

    private static long micros(long nanos) {
        return Math.clamp(nanos / 1_000, 0, LATENCY_MICROS_MAX);
    }

    void end() {
        endNanos = System.nanoTime();
    }

    /** How long it was. */
    public Duration length() {
        return Duration.ofNanos((endNanos == 0 ? System.nanoTime() : endNanos) - begunNanos);
    }

    public StepFigures of(Step step, String set) {
        return figures(cell(step, set));
    }

    private StepFigures figures(Cell cell) {
        Histogram latency = cell.latencyMicros;
        Map<String, Long> errors = new TreeMap<>();
        cell.errors.forEach((reason, count) -> errors.put(reason, count.sum()));
        return new StepFigures(
                latency.getTotalCount(),
                latency.getTotalCount() / (length().toNanos() / 1e9),
                latency.getValueAtPercentile(50) / 1e3,
                latency.getValueAtPercentile(99) / 1e3,
                latency.getTotalCount() == 0 ? 0 : latency.getMaxValue() / 1e3,
                errors,
                cell.failureMicros.getValueAtPercentile(99) / 1e3,
                cell.failureMicros.getTotalCount() == 0 ? 0 : cell.failureMicros.getMaxValue() / 1e3);
    }

    /** Failed calls, by {@code step set reason}. */
    public Map<String, Long> errors() {
        var errors = new LinkedHashMap<String, Long>();
        cells.forEach((key, cell) -> cell.errors.forEach(
                (reason, count) -> errors.put(key.step.word() + " " + key.set + " " + reason, count.sum())));
        return errors;
    }

    /** All failed calls. */
    public long errorCount() {
        return errors().values().stream().mapToLong(Long::longValue).sum();
    }

    /** By SET, then by step. */
    Map<String, Object> toJson() {
        var json = new LinkedHashMap<String, Object>();
        json.put("seconds", rounded(length().toNanos() / 1e9));
        cells.forEach((key, cell) -> {
            StepFigures figures = figures(cell);
            var step = new LinkedHashMap<String, Object>();
            step.put("done", figures.doneCount());
            step.put("per_s", rounded(figures.perSecond()));
            step.put("p50_ms", rounded(figures.p50Millis()));
            step.put("p99_ms", rounded(figures.p99Millis()));
            step.put("max_ms", rounded(figures.maxMillis()));
            step.put("errors", figures.errors());
            if (!figures.errors().isEmpty()) {
                step.put("error_p99_ms", rounded(figures.p99ErrorMillis()));
                step.put("error_max_ms", rounded(figures.slowestErrorMillis()));
            }
            @SuppressWarnings("unchecked")
            var set = (Map<String, Object>)
                    Objects.requireNonNull(json.computeIfAbsent(key.set, name -> new LinkedHashMap<String, Object>()));
            set.put(key.step.word(), step);
        });
        return json;
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }

    /** One line for a person. */
    @Override
    public String toString() {
        var line = new StringBuilder("%.1f s".formatted(length().toNanos() / 1e9));
        cells.forEach((key, cell) -> {
            StepFigures figures = figures(cell);
            line.append("; %s %s %.0f/s p99 %.1f ms%s"
                    .formatted(
                            key.set,
                            key.step.word(),
                            figures.perSecond(),
                            figures.p99Millis(),
                            figures.errors().isEmpty() ? "" : " errors " + figures.errors()));
        });
        return line.toString();
    }
}
