package io.hongbao.cli.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.audit.OperatorAudit;
import io.hongbao.cli.control.ControlChanges.Mask;
import io.hongbao.cli.control.ControlChanges.SetState;
import io.hongbao.cli.text.Table;
import io.hongbao.cli.up.StackCommands;
import io.hongbao.cli.up.StackState;
import io.hongbao.cli.up.UpDoor;
import io.hongbao.core.set.SetMap.SetRange;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** SETs, and which of them get new orders. */
@Command(
        name = "set",
        description =
                "Show the SETs, add one, fail one over, or keep new orders away from one. Every change is audited.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class SetCommand extends StackCommands {
    /** Pods find a primary within seconds. */
    private static final Duration FOLLOW_MAX = Duration.ofSeconds(30);

    private static final Duration FOLLOW_POLL = Duration.ofMillis(200);

    public SetCommand() {
        super("set list, set add, set failover, set mask, set drain or set unmask");
    }

    @Command(
            name = "list",
            description = {
                "Show each SET: its databases, what is masked, packets that are not final,",
                "and what each send-svc, open-svc and query-svc says of its server."
            },
            mixinStandardHelpOptions = true)
    int list(@Option(names = "--json", description = "Print one JSON array.") boolean json)
            throws JsonProcessingException, InterruptedException {
        List<SetState> sets;
        try {
            StackState stack = region().stack();
            sets = ControlChanges.sets(stack.stores(), PodView.of(stack.podsWithSets()));
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
                .right("open")
                .left("pods");
        sets.forEach(set -> table.row(
                set.set(),
                set.range(),
                set.active(),
                newOrders(set),
                set.openCount() == null ? "–" : set.openCount(),
                health(set)));
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

    /** All alike, or each by name. */
    private static String health(SetState set) {
        var words = new TreeSet<>(set.pods().values());
        return words.size() == 1
                ? words.first()
                : set.pods().entrySet().stream()
                        .map(pod -> pod.getKey() + " " + pod.getValue())
                        .collect(Collectors.joining(", "));
    }

    @Command(
            name = "add",
            description = {
                "A SET joins the running system: schema, day tables, all pods, new orders.",
                "Nothing is moved and nothing restarted. Given again, it goes on where it was."
            },
            sortOptions = false,
            mixinStandardHelpOptions = true)
    int add(
            @Parameters(paramLabel = "NAME", description = "For instance set-c.") String name,
            @Option(
                            names = "--url",
                            paramLabel = "URL",
                            description =
                                    "postgresql://host:port/orders, with the login of the other SETs. Default: a server is started here.")
                    @Nullable
                    String url,
            @Option(
                            names = "--range",
                            paramLabel = "LIST",
                            description = "What it serves, as 40-44. Default: five databases that no SET serves.")
                    @Nullable
                    String range,
            @Option(
                            names = "--active",
                            paramLabel = "LIST",
                            description = "Those of them that get new orders, or none. Default: the first three.")
                    @Nullable
                    String active,
            @Mixin Signature signature,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws JsonProcessingException, InterruptedException {
        StackState stack = region().stack();
        var adding = new SetAdd(
                stack.stores(),
                stack.podsWithSets(),
                signature.actor(),
                signature.reason(),
                json ? line -> {} : line -> out().println(line));
        try {
            SetRange set = adding.plan(name, Optional.ofNullable(range), Optional.ofNullable(active));
            String address = url == null ? UpDoor.ask(Path.of(stack.folder()), "add " + name) : url;
            adding.add(set, address);
        } catch (SQLException e) {
            throw new CommandFailure("cannot add the SET: " + e.getMessage(), e);
        }
        tell(name, "added", json);
        return 0;
    }

    @Command(
            name = "failover",
            description = {
                "The SET's standby becomes its primary: the old primary is ended first, and becomes the new standby.",
                "For a stack that was started with: hongbao up --standby NAME."
            },
            mixinStandardHelpOptions = true)
    int failover(
            @Parameters(paramLabel = "NAME", description = "For instance set-a.") String name,
            @Mixin Signature signature,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws JsonProcessingException, InterruptedException {
        StackState stack = region().stack();
        try {
            OperatorAudit.write(stack.stores().control(), signature.actor(), "set.failover", name, signature.reason());
        } catch (SQLException e) {
            throw new CommandFailure("nothing is done that cannot be audited: " + e.getMessage(), e);
        }
        String primary = UpDoor.ask(Path.of(stack.folder()), "failover " + name);
        long deadlineNanos = System.nanoTime() + FOLLOW_MAX.toNanos();
        while (!PodView.of(stack.podsWithSets()).allReach(name)) {
            if (System.nanoTime() > deadlineNanos) {
                throw new CommandFailure(primary + " is the primary, but not all pods reach it; see: hongbao set list");
            }
            Thread.sleep(FOLLOW_POLL);
        }
        tell(name, primary + " is the primary, and every pod reaches it", json);
        return 0;
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
}
