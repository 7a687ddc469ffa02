package io.hongbao.cli.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.control.ControlChanges.Mask;
import io.hongbao.cli.control.ControlChanges.SetState;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.cli.text.Table;
import io.hongbao.cli.up.RegionOption;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** SETs, and which of them get new orders. */
@Command(
        name = "set",
        description = "Show the SETs, and keep new orders away from one. Every change is audited.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class SetCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RegionOption region = new RegionOption();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "set list, set mask, set drain or set unmask");
    }

    @Command(
            name = "list",
            description = "Show each SET: its databases, what is masked, and packets that are not final.",
            mixinStandardHelpOptions = true)
    int list(@Option(names = "--json", description = "Print one JSON array.") boolean json)
            throws JsonProcessingException {
        List<SetState> sets;
        try {
            sets = ControlChanges.sets(stores());
        } catch (SQLException e) {
            throw new CommandFailure("cannot read the SETs: " + e.getMessage(), e);
        }
        if (json) {
            out().println(new ObjectMapper().writeValueAsString(sets));
            return 0;
        }
        var table = Table.indented("")
                .left("set")
                .left("range")
                .left("active")
                .left("new orders")
                .right("open");
        sets.forEach(set -> table.row(set.set(), set.range(), set.active(), newOrders(set), set.openCount()));
        out().print(table);
        out().flush();
        return 0;
    }

    private static String newOrders(SetState set) {
        return set.masks().isEmpty()
                ? "yes"
                : set.masks().stream()
                        .map((Mask mask) -> mask.kind() + " " + mask.target())
                        .collect(Collectors.joining("; "));
    }

    @Command(
            name = "mask",
            description = "No new orders there until it is unmasked; everything else goes on.",
            mixinStandardHelpOptions = true)
    int mask(
            @Parameters(paramLabel = "TARGET", description = "A SET, or databases: 00-04,07.") String target,
            @Mixin Signature signature,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws JsonProcessingException {
        return mask(target, false, signature, json);
    }

    @Command(
            name = "drain",
            description = "No new orders there any more: a mask that is meant for good.",
            mixinStandardHelpOptions = true)
    int drain(
            @Parameters(paramLabel = "TARGET", description = "A SET, or databases: 00-04,07.") String target,
            @Mixin Signature signature,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws JsonProcessingException {
        return mask(target, true, signature, json);
    }

    private int mask(String target, boolean drain, Signature signature, boolean json) throws JsonProcessingException {
        try {
            ControlChanges.mask(stores(), signature.actor(), target, drain, signature.reason());
        } catch (SQLException e) {
            throw new CommandFailure("cannot mask: " + e.getMessage(), e);
        }
        tell(target, drain ? "draining" : "masked", json);
        return 0;
    }

    @Command(name = "unmask", description = "New orders go there again.", mixinStandardHelpOptions = true)
    int unmask(
            @Parameters(paramLabel = "TARGET", description = "As it was masked.") String target,
            @Mixin Signature signature,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws JsonProcessingException {
        boolean done;
        try {
            done = ControlChanges.unmask(stores(), signature.actor(), target, signature.reason());
        } catch (SQLException e) {
            throw new CommandFailure("cannot unmask: " + e.getMessage(), e);
        }
        tell(target, done ? "unmasked" : "not masked under this name", json);
        return done ? 0 : Hongbao.EXIT_FAILED;
    }

    private void tell(String target, String outcome, boolean json) throws JsonProcessingException {
        out().println(
                        json
                                ? new ObjectMapper().writeValueAsString(Map.of("target", target, "outcome", outcome))
                                : target + ": " + outcome);
    }

    private StoreAddresses stores() {
        return region.stack().stores();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
