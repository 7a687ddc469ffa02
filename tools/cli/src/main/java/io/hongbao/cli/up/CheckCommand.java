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
import io.hongbao.cli.stack.ProjectHome;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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

    @Option(names = "--settled", description = "Nothing is under way: the ledger must agree with the orders.")
    private boolean settled;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        StackState state = StackState.requireAlive(ProjectHome.find());
        Verdict verdict;
        try {
            StoreReader.Rows rows = StoreReader.read(state.stores());
            verdict = PromiseChecker.check(rows, List.of(), settled ? Moment.SETTLED : Moment.ANY);
        } catch (SQLException e) {
            throw new CommandFailure("cannot read the databases: " + e.getMessage(), e);
        }
        if (json) {
            var report = new java.util.LinkedHashMap<String, Object>();
            report.put("packets", verdict.packetCount());
            report.put("shares", verdict.shareCount());
            report.put("promises", verdict.byName());
            report.put(
                    "breaches",
                    verdict.breaches().stream().map(Object::toString).toList());
            spec.commandLine().getOut().println(new ObjectMapper().writeValueAsString(report));
        } else {
            spec.commandLine().getOut().print(PromiseTable.of(verdict));
            spec.commandLine().getOut().flush();
        }
        return verdict.allHold() ? 0 : Hongbao.EXIT_FAILED;
    }
}
