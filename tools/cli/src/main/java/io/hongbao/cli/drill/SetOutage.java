package io.hongbao.cli.drill;

import io.hongbao.cli.drill.LoadWindow.StepFigures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * The PostgreSQL of one SET goes away under load, twice, and comes back. Calm and fault take turns, so that a machine
 * that gets slower by itself is not taken for the fault.
 */
final class SetOutage implements Drill {
    /** What happens to the server. */
    enum Kind {
        /** {@code kill -9} of all its processes: connections are refused. */
        KILLED,
        /** SIGSTOP: the kernel goes on to accept connections, and nobody answers. */
        FROZEN
    }

    /** What the drill looks at. */
    enum Focus {
        SEND,
        OPEN,
        ALL
    }

    private static final String FAULTY = "set-a";
    private static final String OTHER = "set-b";
    private static final int ROUNDS = 2;
    /** From this on every pod knows. */
    private static final Duration NOTICE_MAX = Duration.ofSeconds(1);
    /** Crash recovery of the server included. */
    private static final Duration HEAL_MAX = Duration.ofSeconds(30);
    /**
     * What is known to be away is refused at once. On a machine so busy that an open of a healthy SET takes longer at its
     * p99, the refusal may take as long as that: then it is the machine that is measured.
     */
    private static final double REFUSAL_MILLIS_MAX = 200;

    private static final double THROUGHPUT_SHARE_MIN = 0.9;
    private static final double P99_FACTOR_MAX = 2;

    private final String name;
    private final String summary;
    private final Kind kind;
    private final Focus focus;

    SetOutage(String name, String summary, Kind kind, Focus focus) {
        this.name = name;
        this.summary = summary;
        this.kind = kind;
        this.focus = focus;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String summary() {
        return summary;
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        DrillStack stack = drill.start();
        SteadyLoad load = stack.load();
        var calm = new ArrayList<LoadWindow>();
        var faulty = new ArrayList<LoadWindow>();
        long passMillisMax = 0;
        long healMillisMax = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            LoadWindow before = load.measure(drill.loadTime());
            calm.add(before);
            drill.figures("before_" + round, before);

            long brokenAtNanos = System.nanoTime();
            stack.servers().signal("pg." + FAULTY, kind == Kind.KILLED ? "KILL" : "STOP");
            LoadWindow notice = load.measure(NOTICE_MAX);
            LoadWindow during = load.measure(drill.loadTime());
            long passMillis = TimeUnit.NANOSECONDS.toMillis(
                    Math.max(0, load.lastDoneNanos(Step.WRAP, FAULTY, brokenAtNanos) - brokenAtNanos));
            passMillisMax = Math.max(passMillisMax, passMillis);
            faulty.add(during);
            drill.figures("notice_" + round, notice);
            drill.figures("during_" + round, during);

            heal(stack);
            long healedAtNanos = System.nanoTime();
            drill.await(
                    "orders and opens in " + FAULTY,
                    HEAL_MAX,
                    () -> load.doneSince(Step.WRAP, FAULTY, healedAtNanos)
                            && load.doneSince(Step.OPEN, FAULTY, healedAtNanos));
            healMillisMax = Math.max(healMillisMax, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - healedAtNanos));

            if (focus != Focus.OPEN) {
                requireRepicked(drill, notice, during);
            }
            if (focus != Focus.SEND) {
                requireFastRefusals(drill, before, during);
            }
        }
        drill.figure("last_order_in_dead_set_ms", passMillisMax);
        drill.require(
                passMillisMax < NOTICE_MAX.toMillis(),
                FAULTY + " got orders for " + passMillisMax + " ms of its outage");
        drill.figure("heal_ms", healMillisMax);
        requireIsolation(drill, calm, faulty);
    }

    private void heal(DrillStack stack) throws IOException {
        switch (kind) {
            case KILLED -> stack.servers().restart("pg." + FAULTY);
            case FROZEN -> stack.servers().signal("pg." + FAULTY, "CONT");
        }
    }

    /** Nobody who sends hears of the outage. */
    private static void requireRepicked(DrillContext drill, LoadWindow notice, LoadWindow during) {
        for (LoadWindow window : List.of(notice, during)) {
            for (String set : List.of(FAULTY, OTHER, "any", "all")) {
                StepFigures wraps = window.of(Step.WRAP, set);
                drill.require(wraps.errors().isEmpty(), "wrapping failed: " + wraps.errors());
            }
        }
        double slowestMillis = Math.max(
                notice.of(Step.WRAP, OTHER).maxMillis(),
                during.of(Step.WRAP, OTHER).maxMillis());
        drill.figure("slowest_wrap_ms", slowestMillis);
    }

    private static void requireFastRefusals(DrillContext drill, LoadWindow before, LoadWindow during) {
        StepFigures opens = during.of(Step.OPEN, FAULTY);
        drill.figure("refusal_p99_ms", opens.p99ErrorMillis());
        drill.require(opens.doneCount() == 0, opens.doneCount() + " opens were answered by a SET that is away");
        drill.require(
                opens.errors().keySet().equals(Set.of("SET_UNAVAILABLE")), "opens were refused with " + opens.errors());
        double allowedMillis =
                Math.max(REFUSAL_MILLIS_MAX, before.of(Step.OPEN, FAULTY).p99Millis());
        drill.require(
                opens.p99ErrorMillis() <= allowedMillis,
                "opens were refused after %.0f ms (p99), allowed are %.0f"
                        .formatted(opens.p99ErrorMillis(), allowedMillis));
    }

    private static void requireIsolation(DrillContext drill, List<LoadWindow> calm, List<LoadWindow> faulty) {
        double throughputShare = mean(faulty, StepFigures::perSecond) / mean(calm, StepFigures::perSecond);
        double p99Factor = mean(faulty, StepFigures::p99Millis) / mean(calm, StepFigures::p99Millis);
        drill.figure(
                "other_set",
                Map.of(
                        "opens_per_s_before", mean(calm, StepFigures::perSecond),
                        "opens_per_s_during", mean(faulty, StepFigures::perSecond),
                        "p99_ms_before", mean(calm, StepFigures::p99Millis),
                        "p99_ms_during", mean(faulty, StepFigures::p99Millis)));
        drill.require(
                throughputShare >= THROUGHPUT_SHARE_MIN,
                "%s kept only %.0f %% of its opens".formatted(OTHER, 100 * throughputShare));
        drill.require(
                p99Factor <= P99_FACTOR_MAX, "the p99 of opens in %s grew %.1f times".formatted(OTHER, p99Factor));
        drill.require(
                faulty.stream()
                        .allMatch(window -> window.of(Step.OPEN, OTHER).errors().isEmpty()),
                "opens in " + OTHER + " failed");
    }

    private static double mean(List<LoadWindow> windows, ToDoubleFunction<StepFigures> figure) {
        double mean = windows.stream()
                .mapToDouble(window -> figure.applyAsDouble(window.of(Step.OPEN, OTHER)))
                .average()
                .orElse(0);
        return Math.round(mean * 10) / 10.0;
    }
}
