package io.hongbao.cli.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.cli.bench.load.Pace.ClosedLoop;
import io.hongbao.cli.bench.load.Pace.ConstantRate;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND_NANOS = 1_000_000_000L;

    @Test
    void shouldMakeTheFirstCallAtOnce() {
        var rate = new ConstantRate(10);

        assertEquals(1, rate.dueCount(0));
        assertEquals(0, rate.dueNanos(0));
    }

    @Test
    void shouldSpaceCallsEvenly() {
        var rate = new ConstantRate(1_000);

        assertEquals(1_000_000, rate.dueNanos(1));
        assertEquals(SECOND_NANOS, rate.dueNanos(1_000));
    }

    @Test
    void shouldOweEveryCallOfAPause() {
        var rate = new ConstantRate(20_000);

        // A pause of a second: the calls of that second are due, none is forgotten.
        assertEquals(20_001, rate.dueCount(SECOND_NANOS));
    }

    @Test
    void shouldCountExactlyTheCallsWhoseTimeHasCome() {
        long seed = Long.getLong("test.seed", System.nanoTime());
        System.out.println("test.seed=" + seed);
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 10_000; i++) {
            var rate = new ConstantRate(random.nextDouble(0.1, Pace.RATE_MAX));
            long nanos = random.nextLong(3_600 * SECOND_NANOS);

            long count = rate.dueCount(nanos);

            assertTrue(rate.dueNanos(count - 1) <= nanos, () -> rate + " " + nanos);
            assertTrue(rate.dueNanos(count) > nanos, () -> rate + " " + nanos);
        }
    }

    @Test
    void shouldRefuseWhatIsNoPace() {
        assertThrows(IllegalArgumentException.class, () -> new ConstantRate(0));
        assertThrows(IllegalArgumentException.class, () -> new ConstantRate(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new ConstantRate(2 * Pace.RATE_MAX));
        assertThrows(IllegalArgumentException.class, () -> new ClosedLoop(0));
    }
}
