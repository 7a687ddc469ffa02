package io.hongbao.cli.migrate;

import io.hongbao.cli.CommandFailure;
import io.hongbao.schema.Migrations;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Migrates one database, for the job that runs before an upgrade. Idempotent: a database that is up to date is left
 * alone, and two that run at once wait for each other.
 */
@Command(
        name = "migrate",
        description = "Bring one database to the schema of this version.",
        mixinStandardHelpOptions = true)
public final class MigrateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            description = "What the database holds: ${COMPLETION-CANDIDATES}, in any case.")
    private Migrations.Kind kind = Migrations.Kind.SET;

    @Parameters(index = "1", paramLabel = "JDBC_URL", description = "jdbc:postgresql://HOST:PORT/DATABASE")
    private String jdbcUrl = "";

    // From the environment by default: what stands on a command line is seen by every process of the machine.
    @Option(
            names = "--user",
            defaultValue = "${env:SECRET_DATABASE_USERNAME:-postgres}",
            description = "The owner of the schema; by default from SECRET_DATABASE_USERNAME.")
    private String user = "";

    @Option(
            names = "--password",
            defaultValue = "${env:SECRET_DATABASE_PASSWORD:-}",
            description = "By default from SECRET_DATABASE_PASSWORD.",
            interactive = true,
            arity = "0..1")
    private String password = "";

    @Override
    public Integer call() {
        try {
            Migrations.migrate(kind, jdbcUrl, user, password);
        } catch (RuntimeException e) {
            throw new CommandFailure("the database was not migrated: " + firstLine(e.getMessage()), e);
        }
        spec.commandLine()
                .getOut()
                .println("The database holds the " + kind.name().toLowerCase(java.util.Locale.ROOT)
                        + " schema of this version.");
        return 0;
    }

    private static String firstLine(@Nullable String message) {
        return message == null
                ? "no reason was given"
                : message.lines().findFirst().orElse("");
    }
}
