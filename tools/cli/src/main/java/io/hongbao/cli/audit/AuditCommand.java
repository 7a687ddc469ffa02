package io.hongbao.cli.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.up.RegionOption;
import io.hongbao.cli.up.StackState;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The parent of all that concerns the audit chain. */
@Command(
        name = "audit",
        description = "The hash-chained record of who changed what.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = AuditCommand.Verify.class)
public final class AuditCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do, for instance: audit verify");
    }

    /** Checks the chain of the running stack. */
    @Command(
            name = "verify",
            description = "Compute every hash of the audit chain again. Exit code 1 if the chain is broken.",
            mixinStandardHelpOptions = true)
    static final class Verify implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private RegionOption region = new RegionOption();

        @Option(names = "--json", description = "Print one JSON object.")
        private boolean json;

        @Override
        public Integer call() throws JsonProcessingException {
            boolean unbroken = true;
            List<StackState> states = region.stacks();
            for (StackState state : states) {
                unbroken &= verify(state, states.size() > 1);
            }
            return unbroken ? 0 : Hongbao.EXIT_FAILED;
        }

        /** @param named the region is told */
        private boolean verify(StackState state, boolean named) throws JsonProcessingException {
            AuditChain.Finding finding;
            try {
                finding = AuditChain.verify(state.stores().control());
            } catch (SQLException e) {
                throw new CommandFailure("cannot read the audit chain: " + e.getMessage(), e);
            }
            var out = spec.commandLine().getOut();
            String prefix = named ? state.region().word() + ": " : "";
            if (json) {
                var report = new LinkedHashMap<String, Object>();
                if (named) {
                    report.put("region", state.region().word());
                }
                report.put("entries", finding.entryCount());
                report.put("unbroken", finding.unbroken());
                finding.firstBadSequence().ifPresent(bad -> report.put("first_bad_sequence", bad));
                out.println(new ObjectMapper().writeValueAsString(report));
            } else if (finding.unbroken()) {
                out.println(prefix + "unbroken: " + finding.entryCount() + " entries");
            } else {
                out.println(prefix + "BROKEN at sequence "
                        + finding.firstBadSequence().getAsLong() + ": altered, missing or put in");
            }
            return finding.unbroken();
        }
    }
}
