package io.hongbao.cli.top;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.up.StackState;
import java.io.PrintWriter;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Rates, latencies, queues and SETs, as the services tell them. */
@Command(
        name = "top",
        description = "Show rates, latencies, queues and SETs of running services, live. Ctrl-C ends it.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class TopCommand implements Callable<Integer> {
    private static final String ALTERNATE_SCREEN = "\033[?1049h\033[?25l";
    private static final String USUAL_SCREEN = "\033[?25h\033[?1049l";
    private static final String TO_TOP = "\033[H";
    private static final String CLEAR_LINE = "\033[K\n";
    private static final String CLEAR_BELOW = "\033[J";
    /** Less is mostly noise: timers of an idle pod have nothing new to tell. */
    private static final int INTERVAL_SECONDS_MIN = 1;

    private static final int INTERVAL_SECONDS_MAX = 3_600;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            description = "Between two looks: what rates and times are of. Default: 2.")
    private int intervalSeconds = 2;

    @Option(names = "--once", description = "Look twice, show what came between, and end.")
    private boolean once;

    @Option(names = "--json", description = "Print JSON, one object for each look.")
    private boolean json;

    @Option(
            names = "--address",
            paramLabel = "NAME=HOST:PORT",
            description = "Management port of a service or pod; repeat it. Default: those of the running stack.")
    private Map<String, String> addresses = new LinkedHashMap<>();

    @Override
    public Integer call() throws InterruptedException, JsonProcessingException {
        if (intervalSeconds < INTERVAL_SECONDS_MIN || intervalSeconds > INTERVAL_SECONDS_MAX) {
            throw new picocli.CommandLine.ParameterException(
                    spec.commandLine(),
                    "--interval must be %d to %d".formatted(INTERVAL_SECONDS_MIN, INTERVAL_SECONDS_MAX));
        }
        PrintWriter out = spec.commandLine().getOut();
        Map<String, String> looked = addresses.isEmpty() ? ofStack() : addresses;
        boolean live = !once && !json && System.console() != null;
        if (live) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> say(out, USUAL_SCREEN), "usual screen"));
            say(out, ALTERNATE_SCREEN + TO_TOP + "  Looking …");
        }
        watch(out, looked, once, json, live, Duration.ofSeconds(intervalSeconds));
        return 0;
    }

    private static void watch(
            PrintWriter out, Map<String, String> addresses, boolean once, boolean json, boolean live, Duration interval)
            throws InterruptedException, JsonProcessingException {
        try (var http = HttpClient.newHttpClient()) {
            Look earlier = Look.at(http, addresses);
            do {
                Thread.sleep(interval);
                Look now = Look.at(http, addresses);
                Board board = Board.of(earlier, now);
                if (json) {
                    out.println(new ObjectMapper().writeValueAsString(board));
                } else if (live) {
                    say(out, TO_TOP + page(board).replace("\n", CLEAR_LINE) + CLEAR_BELOW);
                } else {
                    out.println(page(board));
                }
                earlier = now;
            } while (!once);
        }
    }

    /** The same table again and again below each other, for a command that holds the terminal already. */
    public static void follow(PrintWriter out, StackState state, Duration interval) throws InterruptedException {
        try {
            watch(out, managementPorts(state), false, false, System.console() != null, interval);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String page(Board board) {
        return "hongbao top  %s  %s s%n%n%s"
                .formatted(
                        LocalTime.now().truncatedTo(ChronoUnit.SECONDS),
                        Screen.number((double) Math.round(board.seconds())),
                        Screen.of(board));
    }

    private static void say(PrintWriter out, String text) {
        out.print(text);
        out.flush();
    }

    private static Map<String, String> ofStack() {
        return managementPorts(StackState.requireAlive(ProjectHome.find()));
    }

    private static Map<String, String> managementPorts(StackState state) {
        var ports = new LinkedHashMap<String, String>();
        state.services().forEach(service -> ports.put(service.name(), service.management()));
        return ports;
    }
}
