package io.hongbao.cli.recon;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.audit.OperatorAudit;
import io.hongbao.cli.call.Clients;
import io.hongbao.cli.recon.Reconciliation.Report;
import io.hongbao.cli.recon.Reconciliation.SetReport;
import io.hongbao.cli.stack.Region;
import io.hongbao.cli.stack.StoresFile;
import io.hongbao.cli.text.Table;
import io.hongbao.cli.up.StackCommands;
import io.hongbao.cli.up.StackState;
import io.hongbao.core.id.PacketId;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares the stores of the running stack, and repairs what differs. */
@Command(
        name = "recon",
        description = "Compare the orders with ledger, Redis and user records; repair what differs.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = BillCommand.class)
public final class ReconCommand extends StackCommands {
    static final String STORES =
            "Properties of a deployment's stores, with secrets in files. Default: the running stack's.";

    /** What is compared. */
    static final class Scope {
        @Option(names = "--day", paramLabel = "DAY", description = "The day in China, YYYY-MM-DD. Default: today.")
        private @Nullable LocalDate day;

        @Option(names = "--set", paramLabel = "SET", description = "Only this SET.")
        private String set = "";

        @Option(
                names = "--horizon",
                paramLabel = "SECONDS",
                description = "What still differs after so many seconds is a difference. Default: 30.")
        private int horizonSeconds = 30;

        /** So many days; the last is the one that was asked for, or today. */
        List<LocalDate> days(int count) {
            LocalDate end = day == null ? LocalDate.now(PacketId.ZONE) : day;
            return end.minusDays(count - 1L).datesUntil(end.plusDays(1)).toList();
        }

        Duration horizon() {
            return Duration.ofSeconds(horizonSeconds);
        }
    }

    public ReconCommand() {
        super("recon run, recon repair, or recon bill");
    }

    @Command(
            name = "run",
            description = {
                "Compare one day and name every difference. Exit code 1 if there is one.",
                "With --every it goes on until it is stopped, always with today."
            },
            mixinStandardHelpOptions = true)
    int run(
            @Mixin Scope scope,
            @Option(
                            names = "--days",
                            paramLabel = "N",
                            defaultValue = "1",
                            description = "So many days; DAY is the last. Default: ${DEFAULT-VALUE}.")
                    int dayCount,
            @Option(names = "--stores", paramLabel = "FILE", description = STORES) @Nullable Path file,
            @Option(names = "--every", paramLabel = "SECONDS", defaultValue = "0", description = "Run again and again.")
                    int everySeconds,
            @Option(names = "--json", description = "Print one JSON object for each run.") boolean json)
            throws InterruptedException, JsonProcessingException {
        List<StoresFile> places = places(file);
        while (true) {
            boolean alike = true;
            for (StoresFile place : places) {
                for (LocalDate one : scope.days(dayCount)) {
                    Report report = reconcile(place, one, scope);
                    print(place.region(), places.size() > 1, report, json, Map.of());
                    alike &= report.differences().isEmpty();
                }
            }
            if (everySeconds == 0) {
                return alike ? 0 : Hongbao.EXIT_FAILED;
            }
            Thread.sleep(Duration.ofSeconds(everySeconds));
        }
    }

    @Command(
            name = "repair",
            description = {
                "Compare one day, then repair: tell events once more, publish, load stock.",
                "What cannot be explained is frozen. No amount is ever written."
            },
            mixinStandardHelpOptions = true)
    int repair(@Mixin Scope scope, @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws InterruptedException, JsonProcessingException {
        List<StackState> states = region().stacks();
        for (StackState state : states) {
            Report report = reconcile(place(state), scope.days(1).getFirst(), scope);
            try (var clients = new Clients(state.addresses())) {
                var repair = new Repair(state.stores(), clients.send(), OperatorAudit.operator());
                print(state.region(), states.size() > 1, report, json, repair.repair(report));
            } catch (SQLException | IOException e) {
                throw new CommandFailure("cannot repair: " + e.getMessage(), e);
            }
        }
        return 0;
    }

    /** The stores that a file tells of, or else those of the running stacks. */
    List<StoresFile> places(@Nullable Path file) {
        return file == null
                ? region().stacks().stream().map(ReconCommand::place).toList()
                : List.of(StoresFile.read(file));
    }

    private static StoresFile place(StackState state) {
        return new StoresFile(state.region(), state.stores());
    }

    private static Report reconcile(StoresFile place, LocalDate day, Scope scope) throws InterruptedException {
        int digit = place.region().digit();
        try {
            Report report =
                    new Reconciliation(place.stores(), digit, PacketId.dayOf(day), scope.set, scope.horizon()).run();
            Findings.store(place.stores().control(), report);
            return report;
        } catch (SQLException | IOException e) {
            throw new CommandFailure("cannot compare the stores: " + e.getMessage(), e);
        }
    }

    /** @param named the region is told */
    private void print(Region place, boolean named, Report report, boolean json, Map<Remedy, Integer> repaired)
            throws JsonProcessingException {
        PrintWriter out = out();
        if (json) {
            var object = new LinkedHashMap<String, Object>();
            if (named) {
                object.put("region", place.word());
            }
            object.put("sets", report.sets());
            object.put(
                    "differences",
                    report.differences().stream().map(Difference::toJson).toList());
            object.put("repaired", repaired);
            out.println(new ObjectMapper().writeValueAsString(object));
            return;
        }
        if (named) {
            out.println(place.word());
        }
        var table = Table.indented("")
                .left("set")
                .right("packets")
                .right("shares")
                .right("buckets")
                .right("row by row")
                .right("differences")
                .right("paid − opened − remaining − refunded");
        for (SetReport set : report.sets()) {
            table.row(
                    set.set(),
                    set.packetCount(),
                    set.shareCount(),
                    set.bucketCount(),
                    set.differingCount(),
                    set.differenceCount(),
                    set.conservationFen());
        }
        out.print(table);
        report.differences().forEach(out::println);
        repaired.forEach((remedy, count) -> out.println(remedy + ": " + count + " packets"));
        out.flush();
    }
}
