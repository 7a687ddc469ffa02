package io.hongbao.cli.bench;

import io.hongbao.cli.bench.load.Echo;
import io.hongbao.cli.bench.load.LoadGenerator;
import io.hongbao.cli.stack.Service;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The limit: how many calls that do nothing the same server answers. */
@Command(
        name = "echo",
        description = "Empty calls to open-svc: the limit of everything behind it.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class EchoBench implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private LoadOptions load = new LoadOptions();

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        try {
            load.check();
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage());
        }
        PrintWriter words = spec.commandLine().getErr();
        var rounds = new ArrayList<Figures>();
        try (var stack = BenchStack.start(Set.of(Service.OPEN), words::println);
                var generator = new LoadGenerator(stack.openService().address(), load.channels)) {
            var measurements = new Rounds(stack, load, words);
            measurements.warmUp("echo", generator, new Echo(), stack.openService());
            for (int i = 1; i <= load.rounds; i++) {
                rounds.add(measurements
                        .round(i, "echo", generator, new Echo(), stack.openService())
                        .figures());
            }
        }
        Figures median = Figures.median(rounds);
        words.println("median: " + median);
        load.draw(words, List.of(BarChart.Bar.of("Empty calls", "echo", BarChart.Tone.OTHER, rounds)));
        if (load.json) {
            var json = new LinkedHashMap<String, Object>();
            json.put("bench", "echo");
            json.putAll(median.toJson("per_s"));
            json.put("in_flight", load.inFlight);
            json.put(
                    "rounds",
                    rounds.stream().map(round -> round.toJson("per_s")).toList());
            spec.commandLine().getOut().println(Json.line(json));
        }
        return 0;
    }
}
