package io.hongbao.cli.backup;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.stackprocess.LocalStack;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Brings the databases of a stack that does not run back to a moment. */
@Command(
        name = "restore",
        description = {
            "Bring a backup back into DIR and replay the archived WAL up to a moment. Nothing may run in DIR.",
            "What was there is put aside as DIR/pg.NAME.before-restore."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class RestoreCommand implements Callable<Integer> {
    private static final String LATEST = "latest";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "The folder given to: hongbao up.")
    private Path data = Path.of("");

    @Option(names = "--backup", paramLabel = "NAME", required = true, description = "What backup printed.")
    private String backup = "";

    @Option(
            names = "--to",
            paramLabel = "TIME",
            required = true,
            description = "For instance 2026-11-24T03:00:23Z, after the end of the backup; or latest.")
    private String to = "";

    @Option(
            names = "--server",
            paramLabel = "NAME",
            split = ",",
            description = "set-a, set-b, core. Default: all in the backup, SETs first.")
    private List<String> servers = List.of();

    @Override
    public Integer call() throws InterruptedException {
        ProjectHome.find().useLocalStack();
        try {
            Optional<Instant> moment = to.equals(LATEST) ? Optional.empty() : Optional.of(Instant.parse(to));
            String restored = LocalStack.restore(
                    data.toAbsolutePath(),
                    backup,
                    moment,
                    servers.stream().map(server -> "pg." + server).toList());
            spec.commandLine().getOut().println("restored " + restored);
            return 0;
        } catch (DateTimeException e) {
            throw new ParameterException(spec.commandLine(), "--to is a time as in 2026-11-24T03:00:23Z, or latest");
        } catch (IOException e) {
            throw new CommandFailure("not restored: " + e.getMessage(), e);
        }
    }
}
