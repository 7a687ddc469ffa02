package io.hongbao.cli;

import io.hongbao.cli.audit.AuditCommand;
import io.hongbao.cli.backup.BackupCommand;
import io.hongbao.cli.backup.RestoreCommand;
import io.hongbao.cli.bench.BenchCommand;
import io.hongbao.cli.call.BalanceCommand;
import io.hongbao.cli.call.DepositCommand;
import io.hongbao.cli.call.GrabCommand;
import io.hongbao.cli.call.OpenCommand;
import io.hongbao.cli.call.PayCommand;
import io.hongbao.cli.call.SendCommand;
import io.hongbao.cli.call.ShowCommand;
import io.hongbao.cli.cold.ColdCommand;
import io.hongbao.cli.control.SetCommand;
import io.hongbao.cli.control.SwitchCommand;
import io.hongbao.cli.demo.DemoCommand;
import io.hongbao.cli.drill.DrillCommand;
import io.hongbao.cli.migrate.MigrateCommand;
import io.hongbao.cli.move.DbCommand;
import io.hongbao.cli.packet.PacketCommand;
import io.hongbao.cli.recon.ReconCommand;
import io.hongbao.cli.top.TopCommand;
import io.hongbao.cli.trace.TraceCommand;
import io.hongbao.cli.up.CheckCommand;
import io.hongbao.cli.up.DownCommand;
import io.hongbao.cli.up.StatusCommand;
import io.hongbao.cli.up.UpCommand;
import io.hongbao.cli.verify.VerifyCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParseResult;

/** The program behind {@code ./hongbao}. */
@Command(
        name = "hongbao",
        description = "Red packets: run the whole back end on this machine, and call it.",
        mixinStandardHelpOptions = true,
        versionProvider = Hongbao.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        usageHelpAutoWidth = true,
        footer = {"", "Exit codes: 0 done; 1 failed, or a promise is broken; 2 wrong usage.", "Start with: hongbao demo"
        },
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            StatusCommand.class,
            TopCommand.class,
            CheckCommand.class,
            DownCommand.class,
            DepositCommand.class,
            SendCommand.class,
            PayCommand.class,
            GrabCommand.class,
            OpenCommand.class,
            ShowCommand.class,
            VerifyCommand.class,
            AuditCommand.class,
            BalanceCommand.class,
            MigrateCommand.class,
            ColdCommand.class,
            SetCommand.class,
            DbCommand.class,
            SwitchCommand.class,
            PacketCommand.class,
            ReconCommand.class,
            TraceCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            BenchCommand.class,
            DrillCommand.class
        })
public final class Hongbao {
    /** Failed, or a promise is broken. */
    public static final int EXIT_FAILED = 1;

    private Hongbao() {}

    public static void main(String[] args) {
        // Greetings are Chinese and tables have rules, whatever the locale of the shell says.
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
        // Libraries log what we tell in our own words.
        Logger.getLogger("").setLevel(Level.SEVERE);
        int code = commandLine(new PrintWriter(System.out, true), new PrintWriter(System.err, true))
                .execute(args);
        System.exit(code);
    }

    /** The whole command line, for {@link #main} and for tests. */
    public static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        return new CommandLine(new Hongbao())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(new Failures());
    }

    /** Failures in words; a trace only for what nobody foresaw. */
    private static final class Failures implements IExecutionExceptionHandler {
        @Override
        public int handleExecutionException(Exception failure, CommandLine command, @Nullable ParseResult parsed) {
            switch (failure) {
                case CommandFailure expected -> command.getErr().println("hongbao: " + expected.getMessage());
                default -> failure.printStackTrace(command.getErr());
            }
            return EXIT_FAILED;
        }
    }

    /** The version of the build. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Hongbao.class.getPackage().getImplementationVersion();
            return new String[] {"hongbao " + (version == null ? "(not packaged)" : version)};
        }
    }
}
