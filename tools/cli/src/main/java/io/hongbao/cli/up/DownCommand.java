package io.hongbao.cli.up;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.stack.ProjectHome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Ends a running stack. */
@Command(name = "down", description = "End the running stack, in order.", mixinStandardHelpOptions = true)
public final class DownCommand implements Callable<Integer> {
    /** Services finish their calls, then the stores write their last page: each has a limit of its own below this. */
    private static final Duration STOP_MAX = Duration.ofSeconds(90);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        ProjectHome home = ProjectHome.find();
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
