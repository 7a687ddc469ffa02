package io.hongbao.cli.bench.load;

import java.util.Arrays;

/** Ranks with probabilities that fall as 1 / (rank + 1)^exponent: few are asked for much, many a little. */
public final class Zipf {
    /** Probability of each rank and all before it. */
    private final double[] cumulated;

    /** @param rankCount at least 1 */
    public Zipf(int rankCount, double exponent) {
        cumulated = new double[rankCount];
        double sum = 0;
        for (int rank = 0; rank < rankCount; rank++) {
            sum += Math.pow(rank + 1, -exponent);
            cumulated[rank] = sum;
        }
        for (int rank = 0; rank < rankCount; rank++) {
            cumulated[rank] /= sum;
        }
    }

    /**
     * @param uniform 0 to below 1
     * @return a rank from 0
     */
    public int next(double uniform) {
        int found = Arrays.binarySearch(cumulated, uniform);
        return Math.min(found >= 0 ? found + 1 : -found - 1, cumulated.length - 1);
    }
}
