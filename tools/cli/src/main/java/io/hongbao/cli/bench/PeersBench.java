package io.hongbao.cli.bench;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.bench.load.LoadGenerator;
import io.hongbao.cli.bench.load.Opens;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.ServiceProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Ours beside other ways to open, in one run: same calls, checks, tables, constraints, servers, and load generator. */
@Command(
        name = "peers",
        description = "Durable opens beside other ways to do it, in one run, on a hot packet and over 2,000.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class PeersBench implements Callable<Integer> {
    private static final String PROGRAM = "tools/peers/target/quarkus-app/quarkus-run.jar";
    /** Order numbers of one row of the report; no row takes as many packets. */
    private static final long NUMBERS_PER_ROW = 5_000_000;
    /** Of the rate seen last, made ahead: rounds differ by less. */
    private static final double RESERVE = 1.5;

    private static final Map<String, Integer> LOADS = loads();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--modes",
            paramLabel = "MODE",
            split = ",",
            description = "Only these of: ${COMPLETION-CANDIDATES}. Default: all.")
    private List<PeerMode> modes = List.of(PeerMode.values());

    @Mixin
    private LoadOptions load = new LoadOptions();

    private static Map<String, Integer> loads() {
        var loads = new LinkedHashMap<String, Integer>();
        loads.put("hot", 1);
        loads.put("2000", 2_000);
        return loads;
    }

    /** One line of the report while it grows. */
    private static final class RowUnderWay {
        final PeerMode mode;
        final String load;
        final ServiceProcess service;
        final OpenLoad opens;
        final LoadGenerator generator;
        final List<Figures> rounds = new ArrayList<>();
        double rateMax;

        RowUnderWay(PeerMode mode, String load, ServiceProcess service, OpenLoad opens, LoadGenerator generator) {
            this.generator = generator;
            this.mode = mode;
            this.load = load;
            this.service = service;
            this.opens = opens;
        }

        String name() {
            return mode.jsonName() + " " + load;
        }
    }

    /**
     * One line of the report.
     *
     * @param load {@code hot} or {@code 2000}
     */
    record Row(PeerMode mode, String load, Figures median, List<Figures> rounds, OpenLoad.Conservation conservation) {
        BarChart.Bar bar() {
            return BarChart.Bar.of(
                    load.equals("hot") ? "One hot packet: opens" : load + " packets: opens",
                    mode.title(),
                    mode == PeerMode.OURS
                            ? BarChart.Tone.OURS
                            : mode.durability().equals(Durability.MAY_LOSE)
                                    ? BarChart.Tone.MAY_LOSE
                                    : BarChart.Tone.OTHER,
                    rounds);
        }

        Map<String, Object> toJson() {
            var json = new LinkedHashMap<String, Object>();
            json.put("mode", mode.jsonName());
            json.put("load", load);
            json.putAll(median.toJson("opens_per_s"));
            json.put(
                    "opens_per_s_min",
                    Json.rounded(
                            rounds.stream()
                                    .mapToDouble(Figures::perSecond)
                                    .min()
                                    .orElse(0),
                            0));
            json.put(
                    "opens_per_s_max",
                    Json.rounded(
                            rounds.stream()
                                    .mapToDouble(Figures::perSecond)
                                    .max()
                                    .orElse(0),
                            0));
            json.put("durability", mode.durability());
            json.put("conserved", conservation.holds());
            json.put(
                    "rounds",
                    rounds.stream()
                            .map(round -> Json.rounded(round.perSecond(), 0))
                            .toList());
            return json;
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        try {
            load.check();
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage());
        }
        Path program = ProjectHome.find().root().resolve(PROGRAM);
        if (!Files.isRegularFile(program)) {
            throw new CommandFailure("the peers are not built: there is no " + program
                    + ". Build them with ./mvnw -Dquick package, or run ./hongbao, which does.");
        }
        PrintWriter words = spec.commandLine().getErr();
        List<Row> rows;
        try (var stack = BenchStack.start(Set.of(Service.OPEN), words::println)) {
            rows = measure(stack, program, words);
        }
        tell(rows, words);
        load.draw(words, rows.stream().map(Row::bar).toList());
        if (load.json) {
            var json = new LinkedHashMap<String, Object>();
            json.put("bench", "peers");
            json.put("in_flight", load.inFlight);
            json.put("rows", rows.stream().map(Row::toJson).toList());
            spec.commandLine().getOut().println(Json.line(json));
        }
        return rows.stream().allMatch(row -> row.conservation.holds()) ? 0 : Hongbao.EXIT_FAILED;
    }

    private List<Row> measure(BenchStack stack, Path program, PrintWriter words)
            throws IOException, InterruptedException, SQLException {
        var rows = new ArrayList<RowUnderWay>();
        var generators = new ArrayList<LoadGenerator>();
        var userCount = new AtomicLong();
        try {
            for (PeerMode mode : modes) {
                ServiceProcess service = service(stack, mode, program);
                var generator = new LoadGenerator(service.address(), load.channels);
                generators.add(generator);
                for (var places : LOADS.entrySet()) {
                    var packets = new PreparedPackets(stack.database(), 0, rows.size() * NUMBERS_PER_ROW);
                    rows.add(new RowUnderWay(
                            mode,
                            places.getKey(),
                            service,
                            new OpenLoad(packets, stack.signer(), places.getValue(), 0, userCount),
                            generator));
                }
            }
            var measurements = new Rounds(stack, load, words);
            if (load.warmupSeconds > 0) {
                for (RowUnderWay row : rows) {
                    Opens kind = row.opens.prepare(load.warmupSeconds, row.rateMax);
                    var outcome = measurements.warmUp(row.name(), row.generator, kind, row.service);
                    row.opens.finished(kind, outcome.failedEver());
                    row.rateMax = 2 * outcome.figures().perSecond();
                }
            }
            for (int i = 1; i <= load.rounds; i++) {
                for (RowUnderWay row : rows) {
                    Opens kind = row.opens.prepare(load.settleSeconds + load.seconds, row.rateMax);
                    var outcome = measurements.round(i, row.name(), row.generator, kind, row.service);
                    row.opens.finished(kind, outcome.failedEver());
                    row.rounds.add(outcome.figures());
                    row.rateMax = RESERVE * outcome.figures().perSecond();
                }
            }
        } finally {
            generators.forEach(LoadGenerator::close);
        }
        var done = new ArrayList<Row>();
        for (RowUnderWay row : rows) {
            row.opens.awaitStored();
            done.add(new Row(row.mode, row.load, Figures.median(row.rounds), row.rounds, row.opens.check()));
        }
        return done;
    }

    private static ServiceProcess service(BenchStack stack, PeerMode mode, Path program)
            throws IOException, InterruptedException {
        return switch (mode) {
            case OURS -> stack.openService();
            case SELECT_FOR_UPDATE, OPTIMISTIC, CTE, REDIS_LUA ->
                stack.running()
                        .startStandIn(
                                "peer-" + mode.settingName(),
                                Service.OPEN,
                                program,
                                Map.of(
                                        "hongbao.peer.mode", mode.settingName(),
                                        "hongbao.peer.url", stack.database().pgUrl(),
                                        "hongbao.peer.username",
                                                stack.database().user(),
                                        "hongbao.peer.password",
                                                stack.database().password(),
                                        "hongbao.peer.redis-url",
                                                stack.running().stores().redisUrl()));
        };
    }

    private static void tell(List<Row> rows, PrintWriter words) {
        for (Row row : rows) {
            words.println("%-18s %-5s %s%s"
                    .formatted(
                            row.mode.jsonName(),
                            row.load,
                            row.median,
                            row.conservation.holds()
                                    ? ", conserved"
                                    : ", NOT CONSERVED: " + row.conservation.problem()));
        }
        words.flush();
    }
}
