package io.hongbao.cli.bench;

import io.hongbao.cli.bench.load.Pace;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that all loads have in common. */
final class LoadOptions {
    @Option(names = "--in-flight", paramLabel = "N", description = "Calls under way at any time. Default: 256.")
    int inFlight = 256;

    @Option(names = "--seconds", paramLabel = "S", description = "Length of a round. Default: 5.")
    double seconds = 5;

    @Option(names = "--rounds", paramLabel = "R", description = "Rounds; medians are reported. Default: 5.")
    int rounds = 5;

    @Option(names = "--warmup", paramLabel = "S", description = "Warm-up of each load, seconds. Default: 10.")
    double warmupSeconds = 10;

    @Option(
            names = "--settle",
            paramLabel = "S",
            description = "Time at the begin of a round that is not counted, seconds. Default: 1.")
    double settleSeconds = 1;

    @Option(names = "--channels", paramLabel = "N", description = "Connections. Default: 2.")
    int channels = 2;

    @Option(
            names = "--open-loop",
            paramLabel = "RATE",
            description = "Constant arrival at this rate per second, instead of --in-flight. Latency counts from the"
                    + " time a call was due.")
    double openLoopRate;

    @Option(names = "--plot", paramLabel = "FILE", description = "Write a bar chart, SVG.")
    @Nullable
    Path plot;

    @Option(names = "--json", description = "Print one JSON object as the last line; all else goes to standard error.")
    boolean json;

    /** @throws IllegalArgumentException if a value is out of range */
    void check() {
        if (inFlight < 1 || rounds < 1 || channels < 1) {
            throw new IllegalArgumentException("--in-flight, --rounds and --channels must be at least 1");
        }
        if (!(seconds > 0) || warmupSeconds < 0 || settleSeconds < 0 || openLoopRate < 0) {
            throw new IllegalArgumentException("--seconds must be above 0; no time and no rate may be negative");
        }
        pace();
    }

    /** Writes the chart, if one is wanted. */
    void draw(PrintWriter words, List<BarChart.Bar> bars) throws IOException {
        Path file = plot;
        if (file != null) {
            BarChart.write(file, bars);
            words.println("chart: " + file);
        }
    }

    Pace pace() {
        return openLoopRate > 0 ? new Pace.ConstantRate(openLoopRate) : new Pace.ClosedLoop(inFlight);
    }

    static Duration seconds(double seconds) {
        return Duration.ofNanos((long) (seconds * 1e9));
    }
}
