package io.hongbao.core.split;

import io.hongbao.core.packet.Terms;

/**
 * The amount of a packet's k-th share: a pure function of the packet's terms, its seed, k, and what is left. A pod that
 * restarts, or another pod, computes the same amounts.
 */
public final class Split {
    private Split() {}

    /**
     * @param terms the packet's fixed terms
     * @param seed the packet's secret; only a lucky packet uses it
     * @param surplusFen what is left before this share, at least {@code surplusCount}
     * @param surplusCount shares left before this one, at least 1
     * @return the amount, at least 1 fen, at most the share maximum, never so much or so little that the shares after
     *     it cannot have at least 1 fen and at most the maximum each
     */
    public static long amountFen(Terms terms, Seed seed, long surplusFen, int surplusCount) {
        return switch (terms.kind()) {
            case EQUAL -> terms.totalFen() / terms.shareCount();
            case EXCLUSIVE -> surplusFen;
            case LUCKY -> luckyFen(terms, seed, surplusFen, surplusCount);
        };
    }

    /**
     * Double mean in whole fen: uniform on 1 … 2·mean − 1, whose mean is the mean of what is left, so that no position
     * in the queue is better than another by more than the half fen lost to rounding. Where the largest share allowed
     * cuts the range at the top, it is cut by as much at the bottom: a one-sided cut would lower the mean of the early
     * shares and hand the difference to the late ones. The last share takes what is left.
     *
     * <p>The range never needs a further bound. With S fen left for n shares of at most M fen, n ≥ 2 and n ≤ S ≤ n·M,
     * the most is at most 2·S/n − 1 ≤ S − (n − 1), which leaves a fen for everyone, and the least is at least
     * 2·S/n − M, rounded down, ≥ S − (n − 1)·M, which leaves nobody more than the maximum.
     */
    private static long luckyFen(Terms terms, Seed seed, long surplusFen, int surplusCount) {
        if (surplusCount == 1) {
            return surplusFen;
        }
        long twiceMean = 2 * surplusFen / surplusCount;
        long most = Math.min(twiceMean - 1, terms.shareMaxFen());
        long least = twiceMean - most;
        int sequence = terms.shareCount() - surplusCount + 1;
        return least + seed.uniform(sequence, most - least + 1);
    }
}
