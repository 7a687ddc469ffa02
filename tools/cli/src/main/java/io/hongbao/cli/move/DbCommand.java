package io.hongbao.cli.move;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.control.Signature;
import io.hongbao.cli.up.StackCommands;
import io.hongbao.cli.up.StackState;
import io.hongbao.core.id.PacketId;
import java.io.PrintWriter;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Logical databases. */
@Command(
        name = "db",
        description = "Move a logical database to another SET. Every change is audited.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class DbCommand extends StackCommands {
    public DbCommand() {
        super("db move XX --to SET --reason TEXT");
    }

    @Command(
            name = "move",
            description = {
                "A logical database moves to another SET while everything runs. Its packets are refused for some seconds",
                "in the middle, no other packet is. Given again, it goes on where it was."
            },
            sortOptions = false,
            mixinStandardHelpOptions = true)
    int move(
            @Parameters(paramLabel = "XX", description = "The database, 00 to 99.") int database,
            @Option(names = "--to", paramLabel = "SET", description = "Where it moves to.") @Nullable String to,
            @Option(
                            names = "--give-up",
                            description = "Instead: end a move that has not left its old place; all is as before.")
                    boolean giveUp,
            @Mixin Signature signature,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws JsonProcessingException, InterruptedException {
        if (database < 0 || database > PacketId.DATABASE_MAX || (to == null) != giveUp) {
            throw wrong("db move XX, 00 to 99, and either --to SET or --give-up");
        }
        StackState stack = region().stack();
        PrintWriter out = out();
        var moving = new DatabaseMove(
                stack.stores(), stack.podsWithSets(), signature.actor(), signature.reason(), (step, words) -> {
                    if (!json) {
                        out.println(words);
                        out.flush();
                    }
                });
        try {
            if (to == null) {
                moving.giveUp(database);
                out.println("db_%02d stays where it was".formatted(database));
                return 0;
            }
            DatabaseMove.Outcome outcome = moving.move(database, to);
            out.println(
                    json
                            ? new ObjectMapper().writeValueAsString(outcome)
                            : "%d rows; refused for %d ms".formatted(outcome.rowCount(), outcome.refusedMillis()));
            return 0;
        } catch (SQLException e) {
            throw new CommandFailure("the move has stopped, and can be gone on with: " + e.getMessage(), e);
        }
    }
}
