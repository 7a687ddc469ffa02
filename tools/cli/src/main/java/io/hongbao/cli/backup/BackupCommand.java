package io.hongbao.cli.backup;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.stackprocess.LocalStack;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Copies the databases of a running stack. */
@Command(
        name = "backup",
        description = "Back up every PostgreSQL server of the stack that runs with --data DIR, while it works.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class BackupCommand implements Callable<Integer> {
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "The folder given to: hongbao up.")
    private Path data = Path.of("");

    @Option(names = "--name", paramLabel = "NAME", description = "Default: the time, as in 20261124T030023Z.")
    private @Nullable String name;

    @Override
    public Integer call() throws InterruptedException {
        ProjectHome.find().useLocalStack();
        String chosen = name == null ? NAME.format(Instant.now()) : name;
        try {
            String made = LocalStack.backup(data.toAbsolutePath(), chosen);
            for (String server : made.split(" ")) {
                spec.commandLine().getOut().println(server);
            }
            spec.commandLine().getOut().println("backup " + chosen);
            return 0;
        } catch (IOException e) {
            throw new CommandFailure("no backup: " + e.getMessage(), e);
        }
    }
}
