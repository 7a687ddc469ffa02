package io.hongbao.cli.up;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.promise.PromiseChecker;
import io.hongbao.cli.promise.PromiseChecker.Moment;
import io.hongbao.cli.promise.PromiseTable;
import io.hongbao.cli.promise.StoreReader;
import io.hongbao.cli.promise.Verdict;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks the promises in the databases of a running stack. */
@Command(
        name = "check",
        description =
                "Check the promises in every row the running stack's databases hold. Exit code 1 if one is broken.",
        mixinStandardHelpOptions = true)
public final class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RegionOption region = new RegionOption();

    @Option(names = "--settled", description = "Nothing is under way: the ledger must agree with the orders.")
    private boolean settled;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        boolean allHold = true;
        List<StackState> states = region.stacks();
        for (StackState state : states) {
            allHold &= check(state, states.size() > 1);
        }
        return allHold ? 0 : Hongbao.EXIT_FAILED;
    }

    /** @param named the region is told */
    private boolean check(StackState state, boolean named) throws JsonProcessingException {
        Verdict verdict;
        try {
            StoreReader.Rows rows = StoreReader.read(state.stores());
            verdict = PromiseChecker.check(rows, List.of(), settled ? Moment.SETTLED : Moment.ANY);
        } catch (SQLException e) {
            throw new CommandFailure("cannot read the databases: " + e.getMessage(), e);
        }
        if (json) {
            var report = new LinkedHashMap<String, Object>();
            if (named) {
                report.put("region", state.region().word());
            }
            report.put("packets", verdict.packetCount());
            report.put("shares", verdict.shareCount());
            report.put("promises", verdict.byName());
            report.put(
                    "breaches",
                    verdict.breaches().stream().map(Object::toString).toList());
            spec.commandLine().getOut().println(new ObjectMapper().writeValueAsString(report));
        } else {
            if (named) {
                spec.commandLine().getOut().println(state.region().word());
            }
            spec.commandLine().getOut().print(PromiseTable.of(verdict));
            spec.commandLine().getOut().flush();
        }
        return verdict.allHold();
    }
}
