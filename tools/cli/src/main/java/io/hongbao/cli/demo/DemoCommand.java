package io.hongbao.cli.demo;

import io.grpc.StatusRuntimeException;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.call.CallFailure;
import io.hongbao.cli.call.Clients;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.stack.RunningStack;
import io.hongbao.cli.stack.StackOptions;
import io.hongbao.cli.wechat.WeChatPay;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows everything, from deposit to settlement, on servers of its own. */
@Command(
        name = "demo",
        description = "Start everything, send packets, let a crowd rush them, check every promise, and end it all.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class DemoCommand implements Callable<Integer> {
    /** Payment providers of wallet-bridge. */
    enum Provider {
        LEDGER,
        WECHATPAY
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--packets",
            paramLabel = "N",
            description =
                    "Packets to send: lucky, equal, exclusive, short-lived, and again. Default: " + Scale.PACKETS + ".")
    private int packetCount = Scale.PACKETS;

    @Option(names = "--shares", paramLabel = "N", description = "Shares of each packet. Default: " + Scale.SHARES + ".")
    private int shareCount = Scale.SHARES;

    @Option(
            names = "--crowd",
            paramLabel = "N",
            description = "Users who rush each packet. Default: half as many again as it has shares.")
    private int crowdSize;

    @Option(names = "--tls", description = "Mutual TLS between all, under a CA that is made for this run.")
    private boolean tls;

    @Option(
            names = "--provider",
            paramLabel = "NAME",
            description = "Where the money is: ledger, or wechatpay, which is the sandbox. Default: ledger.")
    private Provider provider = Provider.LEDGER;

    @Option(names = "--json", description = "Print one JSON object as the last line; all else goes to standard error.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        long startedNanos = System.nanoTime();
        PrintWriter words =
                json ? spec.commandLine().getErr() : spec.commandLine().getOut();
        Scale scale = scale();
        DemoResult result;
        try (var there = provider == Provider.WECHATPAY ? WeChatPay.start() : null;
                var stack = RunningStack.start(options(there), words::println);
                var clients = new Clients(stack.addresses())) {
            words.println();
            try {
                Demo.Ending ending = new Demo(clients, stack.stores(), Optional.ofNullable(there)).run(scale);
                new StoryTeller(words).tell(ending);
                result = ending.result();
            } catch (CommandFailure | SQLException failure) {
                stack.keepFolder();
                throw failure;
            } catch (StatusRuntimeException failure) {
                stack.keepFolder();
                throw new CommandFailure(CallFailure.of(failure) + ". Logs: " + stack.folder(), failure);
            }
            if (!result.good()) {
                stack.keepFolder();
                words.println("The logs are kept in " + stack.folder());
            }
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - startedNanos);
        if (json) {
            spec.commandLine().getOut().println(result.toJson(elapsed));
        } else {
            words.println("%n%s in %.1f s; everything has ended."
                    .formatted(result.good() ? "All promises hold" : "Something is broken", elapsed.toMillis() / 1e3));
        }
        return result.good() ? 0 : Hongbao.EXIT_FAILED;
    }

    private StackOptions options(@Nullable WeChatPay there) {
        StackOptions plain = StackOptions.temporary(ProjectHome.find());
        StackOptions options = tls ? plain.withTls() : plain;
        return there == null ? options : there.configure(options);
    }

    private Scale scale() {
        // One and a half times the shares: some come too late, whatever the size.
        int crowd = crowdSize > 0 ? crowdSize : Math.max(shareCount + 1, shareCount + shareCount / 2);
        try {
            return new Scale(packetCount, shareCount, crowd);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage());
        }
    }
}
