package io.hongbao.cli.bench;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.bench.load.CallKind;
import io.hongbao.cli.bench.load.Echo;
import io.hongbao.cli.bench.load.Grabs;
import io.hongbao.cli.bench.load.LoadGenerator;
import io.hongbao.cli.stack.RedisWire;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.ServiceProcess;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.GrabResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
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

/** Grabs that reach Redis, and grabs of finished packets, which a pod refuses from its memory. */
@Command(
        name = "grab",
        description = "Grabs that reach Redis, grabs of finished packets, and empty calls, through grab-svc.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class GrabBench implements Callable<Integer> {
    private static final int PACKETS_MAX = 100_000;
    /** More than a run grabs: the stock does not run out. */
    private static final long STOCK = 100_000_000;

    private static final Duration LIFE = Duration.ofHours(6);
    /** The mark of hb_finish for a packet whose shares are all open. */
    private static final String FINISHED = "8";
    /** Allocator slot of these order numbers, which are nobody else's. */
    private static final int SLOT = 998;

    /** Requests are made ahead for this many times the rate of the last round. */
    private static final double AHEAD = 1.3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--packets", paramLabel = "N", description = "Packets of each kind. Default: 2,000.")
    private int packetCount = 2_000;

    @Mixin
    private LoadOptions load = new LoadOptions();

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        try {
            load.check();
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage());
        }
        if (packetCount < 1 || packetCount > PACKETS_MAX) {
            throw new ParameterException(spec.commandLine(), "--packets must be 1 to " + PACKETS_MAX);
        }
        PrintWriter words = spec.commandLine().getErr();
        Map<String, List<Figures>> rounds = new LinkedHashMap<>();
        Leases leases;
        long grantedCount;
        try (var stack = BenchStack.start(Set.of(Service.GRAB), words::println);
                var generator = new LoadGenerator(stack.service(Service.GRAB).address(), load.channels);
                var redis = new RedisWire(stack.running().stores().redisUrl())) {
            ServiceProcess service = stack.service(Service.GRAB);
            long[] open = ids(0);
            long[] finished = ids(packetCount);
            publish(redis, open);
            publish(redis, finished);
            finish(redis, finished);
            var userCount = new AtomicLong();
            var grabs = new Grabs(open, PreparedPackets.GROUP, GrabResult.GRAB_RESULT_GRANTED, userCount);
            var late = new Grabs(finished, PreparedPackets.GROUP, GrabResult.GRAB_RESULT_SOLD_OUT, userCount);
            var kinds = new LinkedHashMap<String, CallKind<?, ?>>();
            kinds.put("echo", new Echo());
            kinds.put("finished", late);
            kinds.put("redis", grabs);
            var measurements = new Rounds(stack, load, words);
            var rates = new HashMap<String, Double>();
            if (load.warmupSeconds > 0) {
                for (var kind : kinds.entrySet()) {
                    var outcome = measurements.warmUp(kind.getKey(), generator, kind.getValue(), service);
                    rates.put(kind.getKey(), outcome.figures().perSecond());
                }
            }
            for (int i = 1; i <= load.rounds; i++) {
                for (var kind : kinds.entrySet()) {
                    double foreseen = rates.getOrDefault(kind.getKey(), 0.0) * AHEAD;
                    kind.getValue().prepare((int) (foreseen * (load.settleSeconds + load.seconds)));
                    var outcome = measurements.round(i, kind.getKey(), generator, kind.getValue(), service);
                    rates.put(kind.getKey(), outcome.figures().perSecond());
                    rounds.computeIfAbsent(kind.getKey(), name -> new ArrayList<>())
                            .add(outcome.figures());
                }
            }
            leases = leases(redis, open);
            grantedCount = grabs.grantedCount();
        }
        var json = new LinkedHashMap<String, Object>();
        json.put("bench", "grab");
        double echo = Figures.median(rounds.getOrDefault("echo", List.of())).perSecond();
        Figures redis = Figures.median(rounds.getOrDefault("redis", List.of()));
        Figures finished = Figures.median(rounds.getOrDefault("finished", List.of()));
        json.putAll(redis.toJson("per_s"));
        json.put("echo_per_s", Json.rounded(echo, 0));
        json.put("share_of_echo", Json.rounded(redis.perSecond() / echo, 3));
        var late = new LinkedHashMap<>(finished.toJson("per_s"));
        late.put("share_of_echo", Json.rounded(finished.perSecond() / echo, 3));
        json.put("finished", late);
        json.put("conserved", leases.conserved());
        // When Redis does not answer in time grab-svc gives some tickets all the same; the open decides.
        json.put("tickets_unchecked", Math.max(0, grantedCount - leases.count()));
        json.put("durability", Durability.MAY_LOSE);
        json.put("packets", packetCount);
        json.put("in_flight", load.inFlight);
        rounds.forEach((kind, figures) -> json.put(
                kind + "_rounds",
                figures.stream().map(round -> round.toJson("per_s")).toList()));
        words.println("redis:    %s, %.3f of echo".formatted(redis, redis.perSecond() / echo));
        words.println("finished: %s, %.3f of echo".formatted(finished, finished.perSecond() / echo));
        words.println("%s: %,d leases, %,d tickets"
                .formatted(
                        leases.conserved() ? "conserved, stock + leases = shares" : "NOT CONSERVED",
                        leases.count(),
                        grantedCount));
        load.draw(
                words,
                rounds.entrySet().stream()
                        .map(kind -> BarChart.Bar.of(
                                "Grabs",
                                kind.getKey(),
                                kind.getKey().equals("echo") ? BarChart.Tone.OTHER : BarChart.Tone.OURS,
                                kind.getValue()))
                        .toList());
        if (load.json) {
            spec.commandLine().getOut().println(Json.line(json));
        }
        return leases.conserved() ? 0 : Hongbao.EXIT_FAILED;
    }

    private long[] ids(int first) {
        int day = PacketId.dayOf(LocalDate.now(PacketId.ZONE));
        long[] ids = new long[packetCount];
        for (int i = 0; i < packetCount; i++) {
            ids[i] = PacketId.of(PacketId.NORTH, day, SLOT, first + i, (first + i) % 30)
                    .value();
        }
        return ids;
    }

    private static void publish(RedisWire redis, long[] ids) throws IOException {
        String expiresAt = Long.toString(System.currentTimeMillis() + LIFE.toMillis());
        String stock = Long.toString(STOCK);
        var commands = new ArrayList<List<String>>();
        for (long id : ids) {
            commands.add(List.of(
                    "FCALL",
                    "hb_publish",
                    "2",
                    packetKey(id),
                    seatsKey(id),
                    PreparedPackets.GROUP,
                    "",
                    stock,
                    stock,
                    expiresAt));
        }
        expectDone(redis.send(commands));
    }

    private static void finish(RedisWire redis, long[] ids) throws IOException {
        var commands = new ArrayList<List<String>>();
        for (long id : ids) {
            commands.add(
                    List.of("FCALL", "hb_finish", "2", packetKey(id), seatsKey(id), FINISHED, PreparedPackets.GROUP));
        }
        expectDone(redis.send(commands));
    }

    private static void expectDone(List<Object> answers) {
        for (Object answer : answers) {
            if (!(answer instanceof List<?> words) || !words.getFirst().equals(1L)) {
                throw new CommandFailure("the stock of a packet could not be prepared: " + answer);
            }
        }
    }

    /**
     * What Redis holds in the end.
     *
     * @param conserved whether stock and leases of every packet make up its shares
     */
    private record Leases(boolean conserved, long count) {}

    private static Leases leases(RedisWire redis, long[] ids) throws IOException {
        var commands = new ArrayList<List<String>>();
        for (long id : ids) {
            commands.add(List.of("HGET", packetKey(id), "stock"));
            commands.add(List.of("ZCARD", seatsKey(id)));
        }
        List<Object> answers = redis.send(commands);
        boolean conserved = true;
        long count = 0;
        for (int i = 0; i < answers.size(); i += 2) {
            long stock = Long.parseLong((String) answers.get(i));
            long seats = (Long) answers.get(i + 1);
            conserved &= stock + seats == STOCK;
            count += seats;
        }
        return new Leases(conserved, count);
    }

    private static String packetKey(long id) {
        return "hb:{" + id + "}:packet";
    }

    private static String seatsKey(long id) {
        return "hb:{" + id + "}:seats";
    }
}
