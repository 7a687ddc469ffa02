package io.hongbao.cli.drill;

import io.hongbao.cli.Hongbao;
import io.hongbao.cli.text.Table;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one drill. */
@Command(
        name = "drill",
        description = "Break something under load, on servers of its own, and check every promise.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        subcommands = DrillCommand.ListCommand.class)
public final class DrillCommand implements Callable<Integer> {
    private static final int SECONDS = 10;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "The drill; see: hongbao drill list.")
    private @Nullable String name;

    @Option(names = "--seed", paramLabel = "N", description = "Repeats the choices of an earlier run. Default: random.")
    private @Nullable Long seed;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Length of one phase of load. Default: " + SECONDS + ".")
    private int seconds = SECONDS;

    @Option(names = "--json", description = "Print one JSON object as the last line; all else goes to standard error.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        if (name == null || seconds < 1) {
            throw new ParameterException(
                    spec.commandLine(), "say which drill, for instance: drill calm; --seconds is at least 1");
        }
        Drill drill = Drills.named(name)
                .orElseThrow(() ->
                        new ParameterException(spec.commandLine(), "no drill is named " + name + "; see: drill list"));
        PrintWriter words =
                json ? spec.commandLine().getErr() : spec.commandLine().getOut();
        long chosen = seed == null ? ThreadLocalRandom.current().nextLong(Integer.MAX_VALUE) : seed;
        DrillReport report = DrillRunner.run(drill, chosen, Duration.ofSeconds(seconds), words::println);
        report.problems().forEach(problem -> words.println("✗ " + problem));
        words.println(report.passed() ? "passed" : "FAILED; again with --seed " + chosen);
        if (json) {
            spec.commandLine().getOut().println(report.toJson());
        }
        return report.passed() ? 0 : Hongbao.EXIT_FAILED;
    }

    @Command(name = "list", description = "List the drills.", mixinStandardHelpOptions = true)
    static final class ListCommand implements Runnable {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public void run() {
            var table = Table.indented("").left("drill").left("what happens");
            Drills.ALL.forEach(drill -> table.row(drill.name(), drill.summary()));
            spec.commandLine().getOut().print(table);
            spec.commandLine().getOut().flush();
        }
    }
}
