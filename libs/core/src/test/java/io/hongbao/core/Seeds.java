package io.hongbao.core;

import io.hongbao.core.split.Seed;
import java.util.Random;

/** Where the tests of this module take their randomness from: one printed number, which repeats a run. */
public final class Seeds {
    private Seeds() {}

    /** The number given as {@code -Dtest.seed=}, or a fresh one; printed, so that a failure can be repeated. */
    public static Random random(String test) {
        long seed = Long.getLong("test.seed", System.nanoTime());
        System.out.println(test + ": repeat with -Dtest.seed=" + seed);
        return new Random(seed);
    }

    /** A packet's secret out of the test's randomness. */
    public static Seed seed(Random random) {
        byte[] bytes = new byte[Seed.BYTES];
        random.nextBytes(bytes);
        return new Seed(bytes);
    }
}
