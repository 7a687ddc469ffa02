package io.hongbao.cli.top;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.up.RegionOption;
import io.hongbao.cli.up.StackState;
import java.io.PrintWriter;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
    /** No cursor, and what is too wide is cut: a line that wraps would push the others down at each look. */
    private static final String ALTERNATE_SCREEN = "\033[?1049h\033[?25l\033[?7l";

    private static final String USUAL_SCREEN = "\033[?7h\033[?25h\033[?1049l";
    private static final String TO_TOP = "\033[H";
    private static final String TO_ROW = "\033[%d;1H";
    private static final String CLEAR_LINE = "\033[K";
    private static final String CLEAR_BELOW = "\033[J";
    /** Less is mostly noise: timers of an idle pod have nothing new to tell. */
    private static final int INTERVAL_SECONDS_MIN = 1;

    private static final int INTERVAL_SECONDS_MAX = 3_600;

    private static boolean screenGivenBack;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RegionOption region = new RegionOption();

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
        Map<String, Map<String, String>> looked =
                addresses.isEmpty() ? managementPorts(region.stacks()) : Map.of("", addresses);
        boolean live = !once && !json && System.console() != null;
        if (live) {
            takeScreen(out);
        }
        watch(out, looked, once, json, live, Duration.ofSeconds(intervalSeconds));
        return 0;
    }

    private static void watch(
            PrintWriter out,
            Map<String, Map<String, String>> addresses,
            boolean once,
            boolean json,
            boolean live,
            Duration interval)
            throws InterruptedException, JsonProcessingException {
        try (var http = HttpClient.newHttpClient()) {
            Map<String, Look> earlier = lookAt(http, addresses);
            do {
                Thread.sleep(interval);
                Map<String, Look> now = lookAt(http, addresses);
                var boards = new LinkedHashMap<String, Board>();
                for (Map.Entry<String, Look> look : now.entrySet()) {
                    boards.put(
                            look.getKey(),
                            Board.of(earlier.getOrDefault(look.getKey(), look.getValue()), look.getValue()));
                }
                if (json) {
                    out.println(new ObjectMapper()
                            .writeValueAsString(
                                    boards.size() == 1
                                            ? boards.values().iterator().next()
                                            : boards));
                } else if (live) {
                    draw(out, frame(page(boards)));
                } else {
                    out.println(page(boards));
                }
                earlier = now;
            } while (!once);
        }
    }

    private static Map<String, Look> lookAt(HttpClient http, Map<String, Map<String, String>> addresses)
            throws InterruptedException {
        var looks = new LinkedHashMap<String, Look>();
        for (Map.Entry<String, Map<String, String>> region : addresses.entrySet()) {
            looks.put(region.getKey(), Look.at(http, region.getValue()));
        }
        return looks;
    }

    private static void takeScreen(PrintWriter out) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> giveScreenBack(out), "usual screen"));
        say(out, ALTERNATE_SCREEN + TO_TOP + "  Looking …");
    }

    /** While a stack ends, its watcher goes on looking, and must not draw over what the terminal showed before. */
    private static synchronized void giveScreenBack(PrintWriter out) {
        screenGivenBack = true;
        say(out, USUAL_SCREEN);
    }

    private static synchronized void draw(PrintWriter out, String frame) {
        if (!screenGivenBack) {
            say(out, frame);
        }
    }

    /** Each line at its own row: on a short terminal the last ones share the last row, and nothing scrolls away. */
    static String frame(String page) {
        var frame = new StringBuilder();
        int row = 1;
        for (String line : page.lines().toList()) {
            frame.append(TO_ROW.formatted(row++)).append(line).append(CLEAR_LINE);
        }
        return frame.append(CLEAR_BELOW).toString();
    }

    /** What {@code top} shows, for a command that has begun something else; on no terminal, page below page. */
    public static void follow(PrintWriter out, List<StackState> states, Duration interval) throws InterruptedException {
        boolean live = System.console() != null;
        if (live) {
            takeScreen(out);
        }
        try {
            watch(out, managementPorts(states), false, false, live, interval);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String page(Map<String, Board> boards) {
        return boards.entrySet().stream()
                .map(board -> page(board.getKey(), board.getValue()))
                .collect(Collectors.joining("\n"));
    }

    private static String page(String region, Board board) {
        return "hongbao top  %s%s  %s s%n%n%s"
                .formatted(
                        region.isEmpty() ? "" : region + "  ",
                        LocalTime.now().truncatedTo(ChronoUnit.SECONDS),
                        Screen.number((double) Math.round(board.seconds())),
                        Screen.of(board));
    }

    private static void say(PrintWriter out, String text) {
        out.print(text);
        out.flush();
    }

    /** By region, which has no name where there is only one. */
    private static Map<String, Map<String, String>> managementPorts(List<StackState> states) {
        var regions = new LinkedHashMap<String, Map<String, String>>();
        for (StackState state : states) {
            var ports = new LinkedHashMap<String, String>();
            state.services().forEach(service -> ports.put(service.name(), service.management()));
            regions.put(states.size() == 1 ? "" : state.region().word(), ports);
        }
        return regions;
    }
}
