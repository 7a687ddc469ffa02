package io.hongbao.cli.drill;

import io.grpc.StatusRuntimeException;
import io.hongbao.cli.call.CallFailure;
import io.hongbao.cli.drill.LoadWindow.StepFigures;
import io.hongbao.cli.recon.Difference;
import io.hongbao.cli.recon.Kind;
import io.hongbao.cli.recon.Reconciliation;
import io.hongbao.cli.stack.Region;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.ServiceProcess;
import io.hongbao.cli.top.Look;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.ListSentPacketsRequest;
import java.io.IOException;
import java.net.http.HttpClient;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A whole region is gone under load, services and stores, and comes back; then the other one. One access layer sends and
 * opens in both. One of the two keeps the user records of both.
 */
final class RegionDown implements Drill {
    private static final List<String> KILLED = List.of("pg.set-a", "pg.set-b", "pg.core", "redis");
    /** It lives in the JVM of the region's servers: it can be stopped alone, and not be killed alone. */
    private static final String STOPPED = "kafka";

    /** From this on every client knows: three orders or calls of each service have failed. */
    private static final Duration NOTICE = Duration.ofSeconds(2);
    /** Servers with crash recovery, then five JVMs, on a machine that is busy with the other region. */
    private static final Duration HEAL_MAX = Duration.ofSeconds(120);
    /** What is known to be away is refused at once; on a machine so busy that an open takes longer, in its p99. */
    private static final double REFUSAL_MILLIS_MAX = 200;

    /** Kafka, the outboxes, and a consumer that rests for 5 s between its attempts. */
    private static final Duration RECORDS_MAX = Duration.ofSeconds(120);

    private static final Duration RECON_HORIZON = Duration.ofSeconds(1);
    private static final Set<Kind> OF_RECORDS = Set.of(Kind.RECORD_MISSING, Kind.RECORD_DIFFERS, Kind.RECORD_UNKNOWN);
    private static final String WAITING = "hongbao_query_records_waiting_seconds";
    private static final String APPLIED = "hongbao_query_events_applied_total";

    @Override
    public String name() {
        return "region-down";
    }

    @Override
    public String summary() {
        return "kill -9 of everything in one region, then in the other: orders go to the one that is left";
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        Map<Region, DrillStack> regions = drill.startRegions();
        var calls = new RegionCalls(regions);
        drill.atEnd(() -> {
            calls.close();
            return calls;
        });
        var load = new SteadyLoad(
                calls,
                packetId -> of(regions, region(packetId)).answers(),
                packetId -> region(packetId).word(),
                drill.seed());
        drill.atEnd(() -> {
            load.abandon();
            return load;
        });
        load.warmUp(List.of(Region.NORTH.word(), Region.SOUTH.word()));

        var order = new ArrayList<>(List.of(Region.values()));
        Collections.shuffle(order, new Random(drill.seed()));
        for (Region lost : order) {
            round(drill, regions, load, lost, order.get(1 - order.indexOf(lost)));
        }
        load.stop();
        long wholeMillis = drill.await(
                "the user records of both regions to be whole",
                RECORDS_MAX,
                () -> recordDifferences(regions).isEmpty());
        drill.figure("records_whole_ms", wholeMillis);
    }

    private static void round(
            DrillContext drill, Map<Region, DrillStack> regions, SteadyLoad load, Region lost, Region kept)
            throws Exception {
        // A killed consumer keeps its successor waiting until Kafka gives it up, after 45 s. Before that no event of
        // its
        // region is in hand, and none could be seen to wait.
        long recordedMillis = drill.await(
                "events of both regions to be recorded",
                RECORDS_MAX,
                () -> meter(of(regions, lost), APPLIED) > 0 && meter(of(regions, kept), APPLIED) > 0);
        drill.figure("recorded_before_" + lost.word() + "_ms", recordedMillis);
        LoadWindow before = load.measure(drill.loadTime());
        drill.figures("before_" + lost.word(), before);
        for (Region region : List.of(lost, kept)) {
            drill.require(
                    before.of(Step.OPEN, region.word()).doneCount() > 0, "nothing was opened in " + region.word());
        }
        drill.require(before.errorCount() == 0, "errors without a fault: " + before.errors());

        DrillStack gone = of(regions, lost);
        kill(gone);
        LoadWindow notice = load.measure(NOTICE);
        LoadWindow during = load.measure(drill.loadTime());
        drill.figures("notice_" + lost.word(), notice);
        drill.figures("without_" + lost.word(), during);
        requireSteered(drill, notice, during, lost, kept);
        requireFastRefusals(drill, before, during, lost);
        requireLists(drill, of(regions, kept), lost);

        long reviveNanos = System.nanoTime();
        revive(gone);
        drill.figure("revive_" + lost.word() + "_ms", millisSince(reviveNanos));
        long healedAtNanos = System.nanoTime();
        drill.await(
                "orders, payments, grabs and opens in the " + lost.word(),
                HEAL_MAX,
                () -> Stream.of(Step.values()).allMatch(step -> load.doneSince(step, lost.word(), healedAtNanos)));
        drill.figure("heal_" + lost.word() + "_ms", millisSince(healedAtNanos));
    }

    /** Services first, all at once: the region is gone, and not failing bit by bit. */
    private static void kill(DrillStack region) throws InterruptedException, IOException {
        var killers = new ArrayList<Thread>();
        for (ServiceProcess process : region.running().processes()) {
            killers.add(Thread.ofVirtual().start(() -> {
                try {
                    process.kill();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (Thread killer : killers) {
            killer.join();
        }
        for (String server : KILLED) {
            region.servers().signal(server, "KILL");
        }
        region.servers().stop(STOPPED);
    }

    private static void revive(DrillStack region) throws InterruptedException, IOException {
        for (String server : KILLED) {
            region.servers().restart(server);
        }
        region.servers().restart(STOPPED);
        region.running().processes().forEach(ServiceProcess::start);
        for (ServiceProcess process : region.running().processes()) {
            process.awaitServing(ServiceProcess.START_MAX);
        }
    }

    /** Nobody who sends hears of it, and nothing in the other region fails. */
    private static void requireSteered(
            DrillContext drill, LoadWindow notice, LoadWindow during, Region lost, Region kept) {
        for (LoadWindow window : List.of(notice, during)) {
            for (Step step : List.of(Step.PAY, Step.GRAB, Step.OPEN)) {
                StepFigures figures = window.of(step, kept.word());
                drill.require(
                        figures.errors().isEmpty(),
                        "%s failed in the %s: %s".formatted(step.word(), kept.word(), figures.errors()));
            }
            for (String place : List.of("any", "all", "set-a", "set-b", lost.word(), kept.word())) {
                StepFigures wraps = window.of(Step.WRAP, place);
                drill.require(wraps.errors().isEmpty(), "wrapping failed: " + wraps.errors());
            }
        }
        StepFigures steered = during.of(Step.WRAP, lost.word());
        drill.require(steered.doneCount() == 0, steered.doneCount() + " orders were made in a region that is gone");
        for (Step step : List.of(Step.WRAP, Step.OPEN)) {
            drill.require(
                    during.of(step, kept.word()).doneCount() > 0,
                    "no %s in the %s while the %s was gone".formatted(step.word(), kept.word(), lost.word()));
        }
        drill.figure(
                "slowest_wrap_without_" + lost.word() + "_ms",
                Math.max(
                        notice.of(Step.WRAP, kept.word()).maxMillis(),
                        during.of(Step.WRAP, kept.word()).maxMillis()));
    }

    private static void requireFastRefusals(DrillContext drill, LoadWindow before, LoadWindow during, Region lost) {
        StepFigures opens = during.of(Step.OPEN, lost.word());
        StepFigures grabs = during.of(Step.GRAB, lost.word());
        double slowest = Math.max(opens.p99ErrorMillis(), grabs.p99ErrorMillis());
        drill.figure("refusal_p99_" + lost.word() + "_ms", slowest);
        drill.require(opens.doneCount() + grabs.doneCount() == 0, "calls were answered by a region that is gone");
        // Clients repeat what failed: if all were opening when the region went, nobody grabs there until it is back.
        drill.require(!(opens.errors().isEmpty() && grabs.errors().isEmpty()), "nobody called the region that is gone");
        for (StepFigures refused : List.of(opens, grabs)) {
            drill.require(
                    Set.of("UNAVAILABLE").containsAll(refused.errors().keySet()),
                    "calls were refused with " + refused.errors());
        }
        double allowed =
                Math.max(REFUSAL_MILLIS_MAX, before.of(Step.OPEN, lost.word()).p99Millis());
        drill.require(slowest <= allowed, "refused after %.0f ms (p99), allowed are %.0f".formatted(slowest, allowed));
    }

    /** Lists are told as long as the records home is there; without it they are refused, and events wait. */
    private static void requireLists(DrillContext drill, DrillStack kept, Region lost) throws InterruptedException {
        String outcome;
        try {
            kept.clients()
                    .query()
                    .listSentPackets(ListSentPacketsRequest.newBuilder()
                            .setUserId("somebody")
                            .build());
            outcome = "OK";
        } catch (StatusRuntimeException refused) {
            outcome = CallFailure.of(refused).reason();
        }
        String expected = lost == Region.RECORDS_HOME ? "DEPENDENCY_UNAVAILABLE" : "OK";
        drill.require(outcome.equals(expected), "lists without the %s: %s".formatted(lost.word(), outcome));
        if (lost == Region.RECORDS_HOME) {
            double waitingSeconds = meter(kept, WAITING);
            drill.figure("records_waiting_s", waitingSeconds);
            drill.require(waitingSeconds > 0, "no event waits for the records home, so it was not missed");
        }
    }

    /** What query-svc of a region says; 0 if it does not. */
    private static double meter(DrillStack stack, String name) throws InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            String address = stack.running().service(Service.QUERY).managementAddress();
            return Look.at(http, Map.of(Service.QUERY.name(), address)).meters().values().stream()
                    .mapToDouble(
                            meters -> meters.reduce(name, Map.of(), Math::max).orElse(0))
                    .sum();
        }
    }

    private static List<Difference> recordDifferences(Map<Region, DrillStack> regions)
            throws SQLException, IOException, InterruptedException {
        var differences = new ArrayList<Difference>();
        for (Map.Entry<Region, DrillStack> region : regions.entrySet()) {
            differences.addAll(new Reconciliation(
                            region.getValue().stores(),
                            region.getKey().digit(),
                            PacketId.dayOf(LocalDate.now(PacketId.ZONE)),
                            "",
                            RECON_HORIZON)
                    .run()
                    .differences());
        }
        differences.removeIf(difference -> !OF_RECORDS.contains(difference.kind()));
        return differences;
    }

    private static Region region(long packetId) {
        return Region.of(packetId).orElseThrow();
    }

    private static DrillStack of(Map<Region, DrillStack> regions, Region region) {
        return Objects.requireNonNull(regions.get(region));
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }
}
