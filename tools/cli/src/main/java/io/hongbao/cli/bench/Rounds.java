package io.hongbao.cli.bench;

import io.hongbao.cli.bench.load.CallKind;
import io.hongbao.cli.bench.load.LoadGenerator;
import io.hongbao.cli.bench.load.LoadGenerator.Counts;
import io.hongbao.cli.bench.load.LoadGenerator.Run;
import io.hongbao.cli.bench.machine.BatchMeter;
import io.hongbao.cli.bench.machine.Weather;
import io.hongbao.cli.stack.ServiceProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Measures one round: looks at the machine, lets the load settle, and reads all meters at both ends of the time. */
final class Rounds {
    private final BenchStack stack;
    private final LoadOptions options;
    private final PrintWriter words;

    Rounds(BenchStack stack, LoadOptions options, PrintWriter words) {
        this.stack = stack;
        this.options = options;
        this.words = words;
    }

    /** @param failedEver calls whose outcome is unknown to the caller, warm and cold */
    record Outcome(Figures figures, long failedEver) {}

    <Q, A> Outcome warmUp(String name, LoadGenerator generator, CallKind<Q, A> kind, ServiceProcess service)
            throws IOException, InterruptedException, SQLException {
        return warmUp(name, () -> generator.start(kind, options.pace()), service);
    }

    Outcome warmUp(String name, Supplier<Run> load, ServiceProcess service)
            throws IOException, InterruptedException, SQLException {
        return measure("warm-up " + name, load, service, Duration.ZERO, options.warmupSeconds);
    }

    <Q, A> Outcome round(int number, String name, LoadGenerator generator, CallKind<Q, A> kind, ServiceProcess service)
            throws IOException, InterruptedException, SQLException {
        return round(number, name, () -> generator.start(kind, options.pace()), service);
    }

    Outcome round(int number, String name, Supplier<Run> load, ServiceProcess service)
            throws IOException, InterruptedException, SQLException {
        return measure(
                "round " + number + " " + name,
                load,
                service,
                LoadOptions.seconds(options.settleSeconds),
                options.seconds);
    }

    private Outcome measure(String name, Supplier<Run> load, ServiceProcess service, Duration settle, double seconds)
            throws IOException, InterruptedException, SQLException {
        // Whatever else runs works for this load, too: open-svc relays events, whoever wrote them.
        List<ServiceProcess> counted = Stream.concat(Stream.of(service), stack.services().stream())
                .distinct()
                .toList();
        stack.awaitRelayed();
        Weather weather = stack.weather();
        words.println(name + ": " + weather);
        words.flush();
        BatchMeter batchesBefore = stack.batches(service);
        Counts counts;
        BenchStack.Reading before;
        BenchStack.Reading after;
        Run run = load.get();
        try (run) {
            Thread.sleep(settle);
            before = stack.read(counted);
            run.begin();
            Thread.sleep(LoadOptions.seconds(seconds));
            counts = run.end();
            after = stack.read(counted);
        }
        double batchMean = stack.batches(service).meanSince(batchesBefore);
        Figures figures = Figures.of(counts, before, after, batchMean, weather);
        words.println("  " + figures);
        words.flush();
        return new Outcome(figures, run.failedEver());
    }
}
