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
import io.hongbao.cli.up.RegionOption;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Compares the stores of the running stack, and repairs what differs. */
@Command(
        name = "recon",
        description = "Compare the orders with ledger, Redis and user records; repair what differs.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = BillCommand.class)
public final class ReconCommand implements Runnable {
    private static final String DAY = "The day in China, YYYY-MM-DD. Default: today.";
    private static final String SET = "Only this SET.";
    private static final String HORIZON =
            "What still differs after so many seconds is a difference. Default: ${DEFAULT-VALUE}.";
    private static final String DEFAULT_HORIZON = "30";
    static final String STORES =
            "Properties of a deployment's stores, with secrets in files. Default: the running stack's.";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RegionOption region = new RegionOption();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "recon run, recon repair, or recon bill");
    }

    @Command(
            name = "run",
            description = {
                "Compare one day and name every difference. Exit code 1 if there is one.",
                "With --every it goes on until it is stopped, always with today."
            },
            mixinStandardHelpOptions = true)
    int run(
            @Option(names = "--day", paramLabel = "DAY", description = DAY) @Nullable LocalDate day,
            @Option(names = "--set", paramLabel = "SET", defaultValue = "", description = SET) String set,
            @Option(names = "--horizon", paramLabel = "SECONDS", defaultValue = DEFAULT_HORIZON, description = HORIZON)
                    int horizonSeconds,
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
                for (LocalDate one : days(day, dayCount)) {
                    Report report = reconcile(place, one, set, horizonSeconds);
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
    int repair(
            @Option(names = "--day", paramLabel = "DAY", description = DAY) @Nullable LocalDate day,
            @Option(names = "--set", paramLabel = "SET", defaultValue = "", description = SET) String set,
            @Option(names = "--horizon", paramLabel = "SECONDS", defaultValue = DEFAULT_HORIZON, description = HORIZON)
                    int horizonSeconds,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws InterruptedException, JsonProcessingException {
        List<StackState> states = region.stacks();
        for (StackState state : states) {
            Report report = reconcile(place(state), days(day, 1).getFirst(), set, horizonSeconds);
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
                ? region.stacks().stream().map(ReconCommand::place).toList()
                : List.of(StoresFile.read(file));
    }

    private static StoresFile place(StackState state) {
        return new StoresFile(state.region(), state.stores());
    }

    private static List<LocalDate> days(@Nullable LocalDate last, int count) {
        LocalDate end = last == null ? LocalDate.now(PacketId.ZONE) : last;
        return end.minusDays(count - 1L).datesUntil(end.plusDays(1)).toList();
    }

    private static Report reconcile(StoresFile place, LocalDate day, String set, int horizonSeconds)
            throws InterruptedException {
        Duration horizon = Duration.ofSeconds(horizonSeconds);
        int digit = place.region().digit();
        try {
            Report report = new Reconciliation(place.stores(), digit, PacketId.dayOf(day), set, horizon).run();
            Findings.store(place.stores().control(), report);
            return report;
        } catch (SQLException | IOException e) {
            throw new CommandFailure("cannot compare the stores: " + e.getMessage(), e);
        }
    }

    /** @param named the region is told */
    private void print(Region place, boolean named, Report report, boolean json, Map<Remedy, Integer> repaired)
            throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
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
