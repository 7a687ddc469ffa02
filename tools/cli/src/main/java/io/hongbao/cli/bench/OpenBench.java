package io.hongbao.cli.bench;

import io.hongbao.cli.Hongbao;
import io.hongbao.cli.bench.load.Echo;
import io.hongbao.cli.bench.load.LoadGenerator;
import io.hongbao.cli.bench.load.Opens;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.ServiceProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Durable opens, beside the empty call if asked for. */
@Command(
        name = "open",
        description = "Durable opens of prepared packets through open-svc.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class OpenBench implements Callable<Integer> {
    /** More would take longer to prepare than to measure. */
    private static final int PACKETS_MAX = 1_000_000;
    /** Some 2 GB of tables and as much of WAL. */
    private static final long FILLER_ROWS_MAX = 20_000_000;
    /** Of the rate seen last, made ahead: rounds differ by less. */
    private static final double RESERVE = 1.3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--packets",
            paramLabel = "N",
            description = "Packets open at a time; 1 is the hot packet. Default: 1.")
    private int packetCount = 1;

    @Option(
            names = "--shares",
            paramLabel = "N",
            description = "Shares of a packet; one that is sold out gives way to the next. 0: they do not sell out."
                    + " Default: 0.")
    private int shareCount;

    @Option(
            names = "--filler-rows",
            paramLabel = "N",
            description = "Shares of packets sold out earlier that fill the day tables first. Default: 0.")
    private long fillerRows;

    @Option(names = "--with-echo", description = "Rounds of empty calls in between, and the ratio to them.")
    private boolean withEcho;

    @Option(names = "--tls", description = "Mutual TLS, as access layers call in production.")
    private boolean tls;

    @Mixin
    private LoadOptions load = new LoadOptions();

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        try {
            load.check();
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage());
        }
        if (packetCount < 1
                || packetCount > PACKETS_MAX
                || shareCount < 0
                || fillerRows < 0
                || fillerRows > FILLER_ROWS_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--packets must be 1 to " + PACKETS_MAX + ", --shares at least 0, --filler-rows 0 to "
                            + FILLER_ROWS_MAX);
        }
        PrintWriter words = spec.commandLine().getErr();
        var opens = new ArrayList<Figures>();
        var echoes = new ArrayList<Figures>();
        OpenLoad.Conservation conservation;
        try (var stack = BenchStack.start(Set.of(Service.OPEN), tls, words::println);
                var generator =
                        new LoadGenerator(stack.openService().address(), load.channels, stack.openCredentials())) {
            ServiceProcess service = stack.openService();
            var filler = new PreparedPackets(stack.database(), PreparedPackets.FILLER_SHARE_COUNT, 0);
            filler.fillDay(fillerRows, line -> {
                words.println(line);
                words.flush();
            });
            var packets = new PreparedPackets(stack.database(), shareCount, filler.made());
            var openLoad = new OpenLoad(packets, stack.signer(), packetCount, shareCount, new AtomicLong());
            var measurements = new Rounds(stack, load, words);
            if (withEcho) {
                measurements.warmUp("echo", generator, new Echo(), service);
            }
            double rateMax = load.openLoopRate;
            if (load.warmupSeconds > 0) {
                Opens warmUp = openLoad.prepare(load.warmupSeconds, rateMax);
                var outcome = measurements.warmUp("open", generator, warmUp, service);
                openLoad.finished(warmUp, outcome.failedEver());
                rateMax = rateMax > 0 ? rateMax : outcome.figures().perSecond() * 2;
            }
            for (int i = 1; i <= load.rounds; i++) {
                if (withEcho) {
                    echoes.add(measurements
                            .round(i, "echo", generator, new Echo(), service)
                            .figures());
                }
                Opens kind = openLoad.prepare(load.settleSeconds + load.seconds, rateMax);
                var outcome = measurements.round(i, "open", generator, kind, service);
                openLoad.finished(kind, outcome.failedEver());
                opens.add(outcome.figures());
                if (load.openLoopRate == 0) {
                    rateMax = outcome.figures().perSecond() * RESERVE;
                }
            }
            conservation = openLoad.check();
        }
        Figures median = Figures.median(opens);
        words.println("median: " + median);
        words.println(
                conservation.holds()
                        ? "conserved: %,d shares of %,d packets"
                                .formatted(conservation.shareCount(), conservation.packetCount())
                        : "NOT CONSERVED: " + conservation.problem());
        var json = new LinkedHashMap<String, Object>();
        json.put("bench", "open");
        json.put("tls", tls);
        json.putAll(median.toJson("per_s"));
        json.put(
                "per_s_min",
                Json.rounded(
                        opens.stream().mapToDouble(Figures::perSecond).min().orElse(0), 0));
        json.put(
                "per_s_max",
                Json.rounded(
                        opens.stream().mapToDouble(Figures::perSecond).max().orElse(0), 0));
        if (withEcho) {
            Figures echo = Figures.median(echoes);
            words.println("echo median: " + echo);
            words.println("share of echo: %.3f".formatted(median.perSecond() / echo.perSecond()));
            json.put("echo_per_s", Json.rounded(echo.perSecond(), 0));
            json.put("echo_p50_ms", Json.rounded(echo.p50Millis(), 3));
            json.put("share_of_echo", Json.rounded(median.perSecond() / echo.perSecond(), 3));
            json.put(
                    "echo_rounds",
                    echoes.stream().map(round -> round.toJson("per_s")).toList());
        }
        json.put("conserved", conservation.holds());
        json.put("durability", Durability.POWER_LOSS_SAFE);
        json.put("packets", packetCount);
        json.put("shares", shareCount);
        json.put("filler_rows", fillerRows);
        json.put("in_flight", load.openLoopRate > 0 ? 0 : load.inFlight);
        json.put("open_loop_per_s", Json.rounded(load.openLoopRate, 0));
        json.put("rounds", opens.stream().map(round -> round.toJson("per_s")).toList());
        var bars = new ArrayList<BarChart.Bar>();
        String title = packetCount == 1 ? "One hot packet" : "%,d packets".formatted(packetCount);
        bars.add(BarChart.Bar.of(title, "opens", BarChart.Tone.OURS, opens));
        if (withEcho) {
            bars.add(BarChart.Bar.of(title, "empty calls", BarChart.Tone.OTHER, echoes));
        }
        load.draw(words, bars);
        if (load.json) {
            spec.commandLine().getOut().println(Json.line(json));
        }
        return conservation.holds() ? 0 : Hongbao.EXIT_FAILED;
    }
}
