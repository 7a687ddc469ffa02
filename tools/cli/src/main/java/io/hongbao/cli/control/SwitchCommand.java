package io.hongbao.cli.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.control.ControlChanges.SwitchState;
import io.hongbao.cli.text.Table;
import io.hongbao.cli.up.StackCommands;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What can be turned down when there is too much load. */
@Command(
        name = "switch",
        description = "Turn parts of the back end down, and up again. Every change is audited.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class SwitchCommand extends StackCommands {
    public SwitchCommand() {
        super("switch list, switch set or switch clear");
    }

    @Command(name = "list", description = "Show every switch, mildest first.", mixinStandardHelpOptions = true)
    int list(@Option(names = "--json", description = "Print one JSON array.") boolean json)
            throws JsonProcessingException {
        List<SwitchState> switches;
        try {
            switches = ControlChanges.switches(stores().control());
        } catch (SQLException e) {
            throw new CommandFailure("cannot read the switches: " + e.getMessage(), e);
        }
        if (json) {
            out().println(new ObjectMapper().writeValueAsString(switches));
            return 0;
        }
        var table =
                Table.indented("").left("switch").left("value").left("reason").left("effect");
        switches.forEach(one -> table.row(one.name(), one.value(), one.reason(), one.effect()));
        out().print(table);
        out().flush();
        return 0;
    }

    @Command(name = "set", description = "Set a switch to a value.", mixinStandardHelpOptions = true)
    int set(
            @Parameters(index = "0", paramLabel = "SWITCH", description = "As switch list names it.") String name,
            @Parameters(index = "1", paramLabel = "VALUE", description = "off, or a number.") String value,
            @Mixin Signature signature,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws JsonProcessingException {
        try {
            tell(name, ControlChanges.set(stores(), signature.actor(), name, value, signature.reason()), value, json);
        } catch (SQLException e) {
            throw new CommandFailure("cannot set the switch: " + e.getMessage(), e);
        }
        return 0;
    }

    @Command(name = "clear", description = "Everything as without the switch.", mixinStandardHelpOptions = true)
    int clear(
            @Parameters(paramLabel = "SWITCH", description = "As switch list names it.") String name,
            @Mixin Signature signature,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws JsonProcessingException {
        try {
            tell(name, ControlChanges.clear(stores(), signature.actor(), name, signature.reason()), "normal", json);
        } catch (SQLException e) {
            throw new CommandFailure("cannot clear the switch: " + e.getMessage(), e);
        }
        return 0;
    }

    private void tell(String name, String before, String now, boolean json) throws JsonProcessingException {
        out().println(
                        json
                                ? new ObjectMapper()
                                        .writeValueAsString(Map.of("switch", name, "before", before, "now", now))
                                : name + ": " + before + " → " + now);
    }
}
