package io.hongbao.cli.up;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.stack.JvmProfile;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.stack.Region;
import io.hongbao.cli.stack.RegionStacks;
import io.hongbao.cli.stack.RunningStack;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.ServiceProcess;
import io.hongbao.cli.stack.SetLayout;
import io.hongbao.cli.stack.StackOptions;
import io.hongbao.cli.top.TopCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Starts a stack that stays until it is ended. */
@Command(
        name = "up",
        description = "Start the stores and all services, and keep them until Ctrl-C or: hongbao down",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class UpCommand implements Callable<Integer> {
    /** Servers, schemas and services on a slow machine; each of them has a shorter limit of its own. */
    private static final Duration READY_MAX = Duration.ofMinutes(3);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(200);
    private static final Duration OBSERVE_INTERVAL = Duration.ofSeconds(2);
    static final String STOP = "stop";
    static final String START = "start";
    private static final int PORT_BASE_MIN = 1_024;
    private static final int PORT_BASE_MAX = 65_000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--detach", description = "Return when everything serves, and leave it running.")
    private boolean detach;

    @Option(names = "--observe", description = "Show what hongbao top shows, until Ctrl-C.")
    private boolean observe;

    @Option(names = "--data", paramLabel = "DIR", description = "Keep the data here. Default: gone at the end.")
    private @Nullable Path data;

    @Option(
            names = "--port-base",
            paramLabel = "N",
            description =
                    "gRPC on N+1 to N+5, health and metrics on N+101 to N+105. Default: " + Service.PORT_BASE + ".")
    private int portBase = Service.PORT_BASE;

    @Option(
            names = "--regions",
            paramLabel = "N",
            description = "2 starts north and south, each with its own stores; the south's ports are ten higher. "
                    + "Default: 1.")
    private int regionCount = 1;

    @Option(
            names = "--open-instances",
            paramLabel = "N",
            description = "How many open-svc share the packets. Default: 1.")
    private int openInstanceCount = 1;

    @Option(
            names = "--standby",
            paramLabel = "SET",
            split = ",",
            description = "Give these SETs a synchronous standby: set-a,set-b. See: hongbao set failover.")
    private List<String> standbys = List.of();

    @Option(
            names = "--region",
            description =
                    "Instead: start the region again that hongbao down --region has stopped: ${COMPLETION-CANDIDATES}.")
    private @Nullable Region region;

    @Option(names = "--tls", description = "Mutual TLS between all, under a CA that is made for this stack.")
    private boolean tls;

    @Option(names = "--jvm", description = "${COMPLETION-CANDIDATES}. Default: QUICK_START.")
    private JvmProfile jvm = JvmProfile.QUICK_START;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (portBase < PORT_BASE_MIN || portBase > PORT_BASE_MAX) {
            throw usage("--port-base must be %d to %d".formatted(PORT_BASE_MIN, PORT_BASE_MAX));
        }
        if (openInstanceCount < 1) {
            throw usage("--open-instances must be at least 1");
        }
        if (regionCount != 1 && regionCount != Region.values().length) {
            throw usage("--regions must be 1 or 2");
        }
        for (String set : standbys) {
            if (SetLayout.LOCAL.stream().noneMatch(layout -> layout.name().equals(set))) {
                throw usage("--standby takes SETs of the start, and " + set + " is none");
            }
        }
        if (observe && detach) {
            throw usage("--observe holds the terminal, --detach gives it back: take hongbao top with the latter");
        }
        ProjectHome home = ProjectHome.find();
        if (region != null) {
            UpDoor.ask(UpDoor.of(home, region), START);
            spec.commandLine().getOut().println("The " + region.word() + " serves again.");
            return 0;
        }
        return detach ? detached(home) : foreground(home);
    }

    private picocli.CommandLine.ParameterException usage(String message) {
        return new picocli.CommandLine.ParameterException(spec.commandLine(), message);
    }

    private int foreground(ProjectHome home) throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Files.createDirectories(home.memory());
        try (var channel = FileChannel.open(
                        home.memory().resolve("up.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                throw alreadyRunning(home);
            }
            StackOptions options = StackOptions.temporary(home)
                    .withPortBase(portBase)
                    .withJvm(jvm)
                    .withOpenInstances(openInstanceCount);
            if (data != null) {
                options = options.withData(data.toAbsolutePath());
            }
            if (tls) {
                options = options.withTls();
            }
            options = options.withStandbys(Set.copyOf(standbys));
            try (var stacks = regionCount == 1
                    ? RegionStacks.one(options, out::println)
                    : RegionStacks.both(options, out::println)) {
                List<StackState> states = stacks.regions().stream()
                        .map(region -> StackState.of(stacks, region))
                        .toList();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> StackState.forget(home), "end of the state"));
                // North last: whoever finds it finds all.
                for (StackState state : states.reversed()) {
                    state.write(home);
                }
                for (Region region : stacks.regions()) {
                    UpDoor.open(stacks.of(region).folder(), line -> carryOut(line, stacks, region, home));
                }
                out.println();
                out.print(StackCard.of(states));
                out.println();
                out.println("Ctrl-C, or hongbao down, ends it.");
                if (observe) {
                    TopCommand.follow(out, states, OBSERVE_INTERVAL);
                }
                watch(stacks);
            }
        }
        return 0;
    }

    /** What other commands cannot do to the servers of this process. */
    private static String carryOut(String line, RegionStacks stacks, Region region, ProjectHome home)
            throws IOException {
        String[] words = line.split(" ");
        if (words.length == 2 && words[0].equals("add")) {
            String url = stacks.of(region).startSetServer(words[1]);
            StackState.of(stacks, region).write(home);
            return url;
        }
        if (words.length == 2 && words[0].equals("failover")) {
            String primary = stacks.of(region).failover(words[1]);
            StackState.of(stacks, region).write(home);
            return primary;
        }
        RunningStack stack = stacks.of(region);
        try {
            if (line.equals(STOP) && !stack.stopped()) {
                stack.stop();
                return "";
            }
            if (line.equals(START) && stack.stopped()) {
                stack.start();
                StackState.of(stacks, region).write(home);
                return "";
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("the stack ends");
        }
        throw new CommandFailure(
                line.equals(STOP) || line.equals(START)
                        ? "the " + region.word() + (stack.stopped() ? " is stopped" : " is running")
                        : "up knows: add SET, failover SET, stop, start");
    }

    private static CommandFailure alreadyRunning(ProjectHome home) {
        return new CommandFailure(StackState.alive(home).stream()
                        .findFirst()
                        .map(state -> "a stack is running already, as process " + state.pid())
                        .orElse("a stack is starting already")
                + ". Look at it with: hongbao status");
    }

    /** Tells of services that end by themselves, until this program is ended. */
    private void watch(RegionStacks stacks) throws InterruptedException {
        Set<Path> gone = new HashSet<>();
        while (true) {
            for (RunningStack stack : stacks.all()) {
                for (ServiceProcess process : stack.processes()) {
                    if (!stack.stopped() && !process.running() && gone.add(process.log())) {
                        stack.keepFolder();
                        spec.commandLine().getErr().println(process.name() + " has ended. Its log: " + process.log());
                    }
                }
            }
            Thread.sleep(POLL_INTERVAL);
        }
    }

    /** Runs the same command as a process that no Ctrl-C and no end of a terminal reaches. */
    private int detached(ProjectHome home) throws IOException, InterruptedException {
        if (!StackState.alive(home).isEmpty()) {
            throw alreadyRunning(home);
        }
        Path log = Files.createDirectories(home.memory()).resolve("up.log");
        var words = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                "trap '' INT HUP; exec \"$@\"",
                "hongbao",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-D" + ProjectHome.PROPERTY + "=" + home.root(),
                "-cp",
                System.getProperty("java.class.path"),
                Hongbao.class.getName(),
                "up",
                "--port-base",
                Integer.toString(portBase),
                "--regions",
                Integer.toString(regionCount),
                "--open-instances",
                Integer.toString(openInstanceCount),
                "--jvm",
                jvm.name()));
        if (data != null) {
            words.addAll(List.of("--data", data.toAbsolutePath().toString()));
        }
        if (tls) {
            words.add("--tls");
        }
        if (!standbys.isEmpty()) {
            words.addAll(List.of("--standby", String.join(",", standbys)));
        }
        Files.deleteIfExists(log);
        Process up = new ProcessBuilder(words)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        Duration readyMax = READY_MAX.multipliedBy(regionCount);
        long deadline = System.nanoTime() + readyMax.toNanos();
        while (true) {
            List<StackState> states = StackState.alive(home).stream()
                    .filter(ready -> ready.pid() == up.pid())
                    .toList();
            if (states.size() == regionCount) {
                spec.commandLine().getOut().print(StackCard.of(states));
                spec.commandLine().getOut().println("\nEnd it with: hongbao down");
                return 0;
            }
            if (!up.isAlive()) {
                throw new CommandFailure(
                        "the stack did not start:\n" + Files.readString(log).strip());
            }
            if (System.nanoTime() > deadline) {
                up.destroy();
                throw new CommandFailure("the stack is not up after " + readyMax.toSeconds() + " s. See " + log);
            }
            Thread.sleep(POLL_INTERVAL);
        }
    }
}
