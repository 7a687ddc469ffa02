package io.hongbao.cli.bench;

import io.hongbao.cli.bench.load.LoadGenerator.Counts;
import io.hongbao.cli.bench.machine.ProcessTimes;
import io.hongbao.cli.bench.machine.Weather;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What one round of one load came to.
 *
 * @param cpuMicrosByProcess microseconds per operation
 * @param foreignCpuShare of all processors, 0 to 1, taken by programs that are not measured
 */
record Figures(
        double perSecond,
        double refusedPerSecond,
        double p50Millis,
        double p99Millis,
        double p999Millis,
        double maxMillis,
        Map<String, Double> cpuMicrosByProcess,
        double commitsPerOperation,
        double fsyncsPerOperation,
        double walBytesPerOperation,
        double batchMean,
        Map<String, Long> errors,
        long dropped,
        double foreignCpuShare,
        double stealShare,
        Weather weather) {
    static Figures of(
            Counts counts, BenchStack.Reading before, BenchStack.Reading after, double batchMean, Weather weather) {
        ProcessTimes cpu = after.cpu().minus(before.cpu());
        var work = after.database().minus(before.database());
        // A refused call is work, too: what it costs must not be booked on the others.
        double operations = Math.max(1, counts.done() + counts.refused());
        var cpuMicros = new LinkedHashMap<String, Double>();
        cpu.microsByProcess().forEach((process, micros) -> cpuMicros.put(process, micros / operations));
        return new Figures(
                counts.perSecond(),
                counts.refusedPerSecond(),
                counts.latencyMillis(50),
                counts.latencyMillis(99),
                counts.latencyMillis(99.9),
                counts.latencyMillis(100),
                cpuMicros,
                work.commits() / operations,
                work.walFsyncs() / operations,
                work.walBytes() / operations,
                batchMean,
                counts.errors(),
                counts.dropped(),
                cpu.foreignShare(),
                cpu.machine().stealShare(),
                weather);
    }

    double cpuMicrosPerOperation() {
        return cpuMicrosByProcess.values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    /** Medians of each figure by itself; errors and drops are added up. */
    static Figures median(List<Figures> rounds) {
        if (rounds.isEmpty()) {
            throw new IllegalArgumentException("no round was measured");
        }
        var cpuMicros = new LinkedHashMap<String, Double>();
        for (String process : rounds.getFirst().cpuMicrosByProcess.keySet()) {
            cpuMicros.put(process, median(rounds, round -> round.cpuMicrosByProcess.getOrDefault(process, 0.0)));
        }
        var errors = new TreeMap<String, Long>();
        rounds.forEach(round -> round.errors.forEach((reason, count) -> errors.merge(reason, count, Long::sum)));
        return new Figures(
                median(rounds, Figures::perSecond),
                median(rounds, Figures::refusedPerSecond),
                median(rounds, Figures::p50Millis),
                median(rounds, Figures::p99Millis),
                median(rounds, Figures::p999Millis),
                median(rounds, Figures::maxMillis),
                cpuMicros,
                median(rounds, Figures::commitsPerOperation),
                median(rounds, Figures::fsyncsPerOperation),
                median(rounds, Figures::walBytesPerOperation),
                median(rounds, Figures::batchMean),
                errors,
                rounds.stream().mapToLong(Figures::dropped).sum(),
                median(rounds, Figures::foreignCpuShare),
                median(rounds, Figures::stealShare),
                new Weather(
                        median(rounds, round -> round.weather.load()),
                        median(rounds, round -> round.weather.stealShare()),
                        median(rounds, round -> round.weather.busyShare()),
                        median(rounds, round -> round.weather.fsyncsPerSecond())));
    }

    private static double median(List<Figures> rounds, ToDoubleFunction<Figures> figure) {
        return median(rounds.stream().mapToDouble(figure).toArray());
    }

    /** The middle value, or the mean of the two in the middle. */
    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** The figures under the names of the JSON contract, rounded to what they are good for. */
    Map<String, Object> toJson(String rateName) {
        var json = new LinkedHashMap<String, Object>();
        json.put(rateName, Json.rounded(perSecond, 0));
        json.put("refused_per_s", Json.rounded(refusedPerSecond, 0));
        json.put("p50_ms", Json.rounded(p50Millis, 3));
        json.put("p99_ms", Json.rounded(p99Millis, 3));
        json.put("p999_ms", Json.rounded(p999Millis, 3));
        json.put("max_ms", Json.rounded(maxMillis, 3));
        json.put("cpu_us_per_op", Json.rounded(cpuMicrosPerOperation(), 2));
        var cpu = new LinkedHashMap<String, Object>();
        cpuMicrosByProcess.forEach((process, micros) -> cpu.put(process, Json.rounded(micros, 2)));
        json.put("cpu_us_by_process", cpu);
        json.put("commits_per_op", Json.rounded(commitsPerOperation, 5));
        json.put("fsyncs_per_op", Json.rounded(fsyncsPerOperation, 5));
        json.put("wal_bytes_per_op", Json.rounded(walBytesPerOperation, 0));
        json.put("batch_mean", Json.rounded(batchMean, 1));
        json.put("errors", errors);
        json.put("dropped", dropped);
        var machine = new LinkedHashMap<String, Object>();
        machine.put("load_before", Json.rounded(weather.load(), 2));
        machine.put("busy_before", Json.rounded(weather.busyShare(), 3));
        machine.put("fsyncs_per_s_before", Json.rounded(weather.fsyncsPerSecond(), 0));
        machine.put("foreign_cpu_share", Json.rounded(foreignCpuShare, 3));
        machine.put("steal_share", Json.rounded(stealShare, 4));
        json.put("machine", machine);
        return json;
    }

    /** One line for a person. */
    @Override
    public String toString() {
        var cpu = new ArrayList<String>();
        cpuMicrosByProcess.forEach((process, micros) -> cpu.add("%s %.1f".formatted(process, micros)));
        return ("%,.0f/s, p50 %.2f p99 %.2f p99.9 %.2f ms, CPU %.1f µs (%s), commits %.4f, fsyncs %.4f,"
                        + " WAL %.0f B, batch %.0f, others %.0f %% of CPU%s%s%s")
                .formatted(
                        perSecond,
                        p50Millis,
                        p99Millis,
                        p999Millis,
                        cpuMicrosPerOperation(),
                        String.join(", ", cpu),
                        commitsPerOperation,
                        fsyncsPerOperation,
                        walBytesPerOperation,
                        batchMean,
                        100 * foreignCpuShare,
                        refusedPerSecond == 0 ? "" : ", refused %,.0f/s".formatted(refusedPerSecond),
                        errors.isEmpty() ? "" : ", errors " + errors,
                        dropped == 0 ? "" : ", dropped " + dropped);
    }
}
