package io.hongbao.cli.recon;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.recon.Reconciliation.Report;
import io.hongbao.cli.stack.StoresFile;
import io.hongbao.core.id.PacketId;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Compares WeChat Pay's bill of a day with the ledger. */
@Command(
        name = "bill",
        description = {
            "Compare WeChat Pay's bill of one day with the ledger. Exit code 1 if something differs.",
            "wallet-bridge fetches the bill; this waits for it."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class BillCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(500);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Has the option {@code --region}, for all its commands. */
    @ParentCommand
    private ReconCommand recon = new ReconCommand();

    @Option(names = "--day", paramLabel = "DAY", description = "The day in China, YYYY-MM-DD. Default: yesterday.")
    private @Nullable LocalDate day;

    @Option(names = "--stores", paramLabel = "FILE", description = ReconCommand.STORES)
    private @Nullable Path file;

    @Option(names = "--again", description = "Have the bill fetched again, though it is here.")
    private boolean again;

    @Option(names = "--wait", paramLabel = "SECONDS", description = "Longest wait for the bill. Default: 120.")
    private int waitSeconds = 120;

    @Option(
            names = "--horizon",
            paramLabel = "SECONDS",
            description = "What still differs after so many seconds is a difference. Default: 30.")
    private int horizonSeconds = 30;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException, JsonProcessingException {
        StoresFile place = recon.places(file).getFirst();
        var stores = place.stores();
        LocalDate wanted = day == null ? LocalDate.now(PacketId.ZONE).minusDays(1) : day;
        Duration horizon = Duration.ofSeconds(horizonSeconds);
        var bill = new Bill(stores.ledger(), place.region().digit(), PacketId.dayOf(wanted), horizon);
        try {
            bill.want(again);
            Bill.Standing standing = await(bill);
            Report report = bill.compare();
            Findings.store(stores.control(), report);
            print(wanted, standing, report);
            return report.differences().isEmpty() ? 0 : Hongbao.EXIT_FAILED;
        } catch (SQLException e) {
            throw new CommandFailure("cannot compare the bill: " + e.getMessage(), e);
        }
    }

    private Bill.Standing await(Bill bill) throws SQLException, InterruptedException {
        long begunNanos = System.nanoTime();
        while (true) {
            Bill.Standing standing = bill.look().orElseThrow();
            if (standing.fetched()) {
                return standing;
            }
            if (System.nanoTime() - begunNanos > Duration.ofSeconds(waitSeconds).toNanos()) {
                throw new CommandFailure("the bill is not here after %d tries: %s"
                        .formatted(
                                standing.tryCount(),
                                standing.lastWord().isEmpty()
                                        ? "wallet-bridge has not asked; is its provider wechatpay?"
                                        : standing.lastWord()));
            }
            Thread.sleep(POLL);
        }
    }

    private void print(LocalDate wanted, Bill.Standing standing, Report report) throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            var object = new LinkedHashMap<String, Object>();
            object.put("day", wanted.toString());
            object.put("lines", standing.lineCount());
            object.put("income_fen", standing.incomeFen());
            object.put("outgo_fen", standing.outgoFen());
            object.put("own_fen", standing.ownFen());
            object.put(
                    "differences",
                    report.differences().stream().map(Difference::toJson).toList());
            out.println(new ObjectMapper().writeValueAsString(object));
            return;
        }
        out.printf(
                "bill of %s: %d lines, %d fen in, %d fen out, of it %d fen fees and the like; %d differences%n",
                wanted,
                standing.lineCount(),
                standing.incomeFen(),
                standing.outgoFen(),
                standing.ownFen(),
                report.differences().size());
        report.differences().forEach(out::println);
        out.flush();
    }
}
