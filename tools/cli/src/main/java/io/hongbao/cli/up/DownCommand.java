package io.hongbao.cli.up;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.stack.Region;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Ends a running stack. */
@Command(name = "down", description = "End the running stack, in order.", mixinStandardHelpOptions = true)
public final class DownCommand implements Callable<Integer> {
    /** Services finish their calls, then the stores write their last page: each has a limit of its own below this. */
    private static final Duration STOP_MAX = Duration.ofSeconds(90);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--region",
            description = "Only this one of two; hongbao up --region starts it again: ${COMPLETION-CANDIDATES}.")
    private @Nullable Region region;

    @Override
    public Integer call() throws InterruptedException {
        ProjectHome home = ProjectHome.find();
        if (region != null) {
            UpDoor.ask(UpDoor.of(home, region), UpCommand.STOP);
            spec.commandLine()
                    .getOut()
                    .println("The " + region.word()
                            + " has stopped, its data is kept. It starts again with: hongbao up --region "
                            + region.word());
            return 0;
        }
        // One process runs all regions.
        Optional<StackState> state = StackState.readAll(home).stream().findFirst();
        if (state.isEmpty()) {
            spec.commandLine().getOut().println("No stack is running.");
            return 0;
        }
        Optional<ProcessHandle> process = state.get().process();
        if (process.isEmpty()) {
            StackState.forget(home);
            spec.commandLine()
                    .getOut()
                    .println("No stack is running: process " + state.get().pid()
                            + " has gone without a word, and its services and servers with it.");
            return 0;
        }
        process.get().destroy();
        try {
            process.get().onExit().get(STOP_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException stuck) {
            process.get().destroyForcibly();
            StackState.forget(home);
            throw new CommandFailure("the stack did not end within " + STOP_MAX.toSeconds()
                    + " s and was killed; its guards take down what is left");
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
        spec.commandLine().getOut().println("The stack has ended.");
        return 0;
    }
}
