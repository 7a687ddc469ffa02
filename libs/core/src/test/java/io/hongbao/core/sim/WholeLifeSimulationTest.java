package io.hongbao.core.sim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Thousands of whole packet lives against the oracle. {@code -Dsim.seed=} and {@code -Dsim.lives=} repeat a run; a
 * failure prints the pair that repeats its world alone.
 */
class WholeLifeSimulationTest {
    private static final int LIVES = 12_000;
    /** A broken rule shows within this many worlds; each mutation is seen in far fewer. */
    private static final int MUTATED_WORLDS_MAX = 5_000;

    private static final List<String> EXERCISED = List.of(
            "ROW_PUBLISHED",
            "ROW_CLOSED",
            "ROW_OPENED",
            "ROW_REFUNDED",
            "PAID_TOO_LATE",
            "ANSWER_OPENED",
            "SOLD_OUT",
            "EXPIRED",
            "CLOSED",
            "NOT_FOR_YOU",
            "NOT_IN_GROUP",
            "NOT_PAID",
            "LOST");

    private static long seed() {
        return Long.getLong("sim.seed", System.nanoTime());
    }

    @Test
    void shouldKeepEveryPromiseThroughWholeLives() {
        long seed = seed();
        int lives = Integer.getInteger("sim.lives", LIVES);
        System.out.println("Whole lives: repeat with -Dsim.seed=" + seed + " -Dsim.lives=" + lives);
        Map<String, Integer> counts = new TreeMap<>();

        int lived = 0;
        for (long worldSeed = seed; lived < lives; worldSeed++) {
            World world = new World(worldSeed, EnumSet.allOf(Rule.class));
            try {
                lived += world.run();
            } catch (BrokenPromise | RuntimeException broken) {
                throw new AssertionError(
                        broken + "; this world alone: -Dsim.seed=" + worldSeed + " -Dsim.lives=1", broken);
            }
            world.promises().counts.forEach((what, count) -> counts.merge(what, count, Integer::sum));
        }

        System.out.println("Whole lives: " + lived + " packets, " + counts);
        if (lives >= 1_000) {
            assertTrue(counts.keySet().containsAll(EXERCISED), () -> "something never happened: " + counts);
        }
    }

    /** Runs worlds without one rule until a promise breaks. */
    private static void assertBreaks(Rule rule, Set<String> promises) {
        long seed = seed();
        Set<Rule> rules = EnumSet.complementOf(EnumSet.of(rule));
        for (int i = 0; i < MUTATED_WORLDS_MAX; i++) {
            try {
                new World(seed + i, rules).run();
            } catch (BrokenPromise broken) {
                System.out.println("Without " + rule + ", world " + (i + 1) + " of -Dsim.seed=" + seed + ": "
                        + broken.getMessage());
                assertTrue(promises.contains(broken.promise()), () -> "unexpected: " + broken.getMessage());
                return;
            }
        }
        throw new AssertionError("nothing breaks without " + rule + ", -Dsim.seed=" + seed);
    }

    @Test
    void shouldNoticeAMissingVersionGuard() {
        assertBreaks(Rule.VERSION_GUARD, Set.of("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8"));
    }

    @Test
    void shouldNoticeAMissingShareKey() {
        assertBreaks(Rule.SHARE_KEY, Set.of("I2"));
    }

    @Test
    void shouldNoticeAnAnswerAfterAnUnknownOutcome() {
        assertBreaks(Rule.LOOK_UP_AFTER_UNKNOWN, Set.of("I4", "I7"));
    }

    @Test
    void shouldNoticeARefundByAWrongClock() {
        assertBreaks(Rule.DUE_BY_STORE_CLOCK, Set.of("I6"));
    }

    @Test
    void shouldNoticeAnAnswerBeforeTheCommit() {
        assertBreaks(Rule.ANSWER_AFTER_COMMIT, Set.of("I4", "I7"));
    }

    @Test
    void shouldNoticeAPacketRememberedAsUnpaid() {
        assertBreaks(Rule.FORGET_UNPAID, Set.of("I7"));
    }
}
