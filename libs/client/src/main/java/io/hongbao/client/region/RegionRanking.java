package io.hongbao.client.region;

import io.hongbao.client.balance.RendezvousHash;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The regions in the order in which a request is offered to them: weighted rendezvous hashing (Schindelhauer and
 * Schomaker, 2005) of the request id. So each region comes first for its part of the requests, a repeated request comes
 * to the same region as long as the weights stay, and a changed weight moves only the requests that it has to.
 */
public final class RegionRanking {
    /** 53 bits: what a double between 0 and 1 can hold. */
    private static final double UNIT = 0x1.0p-53;

    private RegionRanking() {}

    /** @param weights by region; regions of weight 0 are left out */
    public static List<Integer> of(String requestId, Map<Integer, Integer> weights) {
        return weights.entrySet().stream()
                .filter(weight -> weight.getValue() > 0)
                .sorted(Comparator.comparingDouble(weight -> distance(requestId, weight.getKey(), weight.getValue())))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Exponentially distributed with the weight as its rate: the least of several is each one's by its weight. */
    private static double distance(String requestId, int region, int weight) {
        long hash = RendezvousHash.mix13(RendezvousHash.ofName(requestId) ^ region);
        return -Math.log(((hash >>> 11) + 0.5) * UNIT) / weight;
    }
}
