package io.hongbao.cli.cold;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.audit.OperatorAudit;
import io.hongbao.cli.cold.DayMoves.Day;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.cli.text.Table;
import io.hongbao.cli.up.StackCommands;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Days and the cold store. send-svc moves them; this asks for it and looks on. */
@Command(
        name = "cold",
        description = "Days that leave the SETs for the cold store.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class ColdCommand extends StackCommands {
    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);

    public ColdCommand() {
        super("cold status, or cold move --day YYYY-MM-DD");
    }

    @Command(
            name = "status",
            description = "Show each day of each SET: there, moving, or cold, and what it waits for.",
            mixinStandardHelpOptions = true)
    int status(@Option(names = "--json", description = "Print one JSON array.") boolean json)
            throws JsonProcessingException {
        List<Day> days = read(stores());
        if (json) {
            out().println(new ObjectMapper().writeValueAsString(days));
            return 0;
        }
        var table = Table.indented("")
                .left("set")
                .left("day")
                .right("packets")
                .right("shares")
                .left("state");
        days.forEach(day -> table.row(
                day.set(),
                day.date(),
                day.moved() ? day.packetCount() : "",
                day.moved() ? day.shareCount() : "",
                day.state()));
        out().print(table);
        out().flush();
        return 0;
    }

    @Command(
            name = "move",
            description = {
                "Move a day of at least two days ago as soon as it is settled, and wait for it.",
                "Exit code 1 if it has not moved in time; it still will."
            },
            mixinStandardHelpOptions = true)
    int move(
            @Option(names = "--day", paramLabel = "YYYY-MM-DD", required = true, description = "The day, in China.")
                    LocalDate day,
            @Option(
                            names = "--wait",
                            paramLabel = "SECONDS",
                            defaultValue = "120",
                            description = "How long to wait. Default: ${DEFAULT-VALUE}.")
                    int waitSeconds)
            throws InterruptedException {
        StoreAddresses stores = stores();
        int askedCount;
        try {
            OperatorAudit.write(
                    stores.control(), OperatorAudit.operator(), "cold.move", day.toString(), "asked for by hand");
            askedCount = DayMoves.request(stores, day);
        } catch (SQLException e) {
            throw new CommandFailure("cannot ask the SETs: " + e.getMessage(), e);
        }
        List<Day> rest = unmoved(stores, day);
        if (askedCount == 0) {
            throw new CommandFailure("no SET holds " + day + ", or it is younger than two days");
        }
        long deadline = System.nanoTime() + Duration.ofSeconds(waitSeconds).toNanos();
        while (!rest.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(POLL_INTERVAL);
            rest = unmoved(stores, day);
        }
        if (rest.isEmpty()) {
            out().println(day + " is in the cold store: " + askedCount + " logical databases.");
            return 0;
        }
        rest.forEach(left -> out().println(left.set() + " " + left.date() + ": " + left.state()));
        return Hongbao.EXIT_FAILED;
    }

    private static List<Day> unmoved(StoreAddresses stores, LocalDate day) {
        return read(stores).stream()
                .filter(one -> one.date().equals(day.toString()) && !one.moved())
                .toList();
    }

    private static List<Day> read(StoreAddresses stores) {
        try {
            return DayMoves.status(stores);
        } catch (SQLException e) {
            throw new CommandFailure("cannot read the SETs: " + e.getMessage(), e);
        }
    }
}
