package io.hongbao.cli.bench;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The parent of all benchmarks. */
@Command(
        name = "bench",
        description = "Measure the services on durable servers of this machine, which should have nothing else to do.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            EchoBench.class,
            OpenBench.class,
            PeersBench.class,
            GrabBench.class,
            SendBench.class,
            MixedBench.class,
            SettleBench.class
        })
public final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to measure, for instance: bench open");
    }
}
