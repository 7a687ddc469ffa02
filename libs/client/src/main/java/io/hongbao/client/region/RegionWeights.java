package io.hongbao.client.region;

import java.util.Map;
import java.util.TreeMap;

/**
 * The valve of new orders: which part of them goes to which region. May be turned at any time, by any thread; the next
 * order goes by it.
 *
 * <p>Weights are relative: 90 and 10 send nine of ten to one region, and so do 9 and 1. A region of weight 0 gets no new
 * order, not even while all others are away. Packets that exist are not touched: they stay in their region for good.
 */
public final class RegionWeights {
    /** Beyond this a weight says nothing that a smaller one could not say. */
    public static final int WEIGHT_MAX = 1_000_000;

    private volatile Map<Integer, Integer> weights;

    private RegionWeights(Map<Integer, Integer> weights) {
        this.weights = checked(weights);
    }

    /** @param weights by region; one that is not named has 0 */
    public static RegionWeights of(Map<Integer, Integer> weights) {
        return new RegionWeights(weights);
    }

    /** Everything to one region. */
    public static RegionWeights only(int region) {
        return of(Map.of(region, 1));
    }

    /** Puts all weights at once. @param weights by region; one that is not named has 0 */
    public void set(Map<Integer, Integer> weights) {
        this.weights = checked(weights);
    }

    /** Puts one weight and leaves the others. */
    public synchronized void set(int region, int weight) {
        var changed = new TreeMap<>(weights);
        changed.put(region, weight);
        weights = checked(changed);
    }

    /** As they are now. */
    public Map<Integer, Integer> now() {
        return weights;
    }

    private static Map<Integer, Integer> checked(Map<Integer, Integer> weights) {
        if (weights.values().stream().noneMatch(weight -> weight > 0)) {
            throw new IllegalArgumentException("no region would get a new order: " + weights);
        }
        if (weights.values().stream().anyMatch(weight -> weight < 0 || weight > WEIGHT_MAX)) {
            throw new IllegalArgumentException("weights are 0 to " + WEIGHT_MAX + ": " + weights);
        }
        return Map.copyOf(weights);
    }
}
