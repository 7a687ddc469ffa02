package io.hongbao.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.hongbao.client.region.RegionRanking;
import io.hongbao.client.region.RegionWeights;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * New orders go to the regions by weight. A region that fails three of them in a row gets none for a second, then one
 * that tries, and all of its part again once that one is taken.
 *
 * <p>A request id has its region: the same id goes to the same region while the weights stay and the region takes orders.
 * Where it does not, a repeated request may make a second order in another region. No money moves for either: the caller
 * pays for the order that he was answered, and the other one is closed unpaid.
 */
public final class NewOrders {
    private final RegionWeights weights;
    private final Map<Integer, RegionClient> regions;

    NewOrders(RegionWeights weights, Map<Integer, RegionClient> regions) {
        this.weights = weights;
        this.regions = regions;
    }

    /** The valve: may be turned at any time. */
    public RegionWeights weights() {
        return weights;
    }

    /** Whether the region has taken its last orders; a weight of 0 does not count. */
    public boolean takes(int region) {
        RegionClient client = regions.get(region);
        return client != null && client.orders().takes();
    }

    /**
     * The region for one new order, for callers who send it themselves, with whatever stub. Ask once for each attempt: the
     * one order that tries a region is among those that are asked for here.
     */
    public RegionClient region(String requestId) {
        List<RegionClient> ranked = ranked(requestId);
        return ranked.stream()
                .filter(region -> region.orders().admits())
                .findFirst()
                .orElse(ranked.getFirst());
    }

    /**
     * Makes an order in the region of its request id, or in the next one if that one answers UNAVAILABLE. Waits on this
     * thread for one deadline in each region at most.
     *
     * @throws StatusRuntimeException of the last region; anything but UNAVAILABLE at once, for the next region would say
     *     the same, or there is no time left
     */
    public CreatePacketResponse createPacket(CreatePacketRequest request) {
        List<RegionClient> ranked = ranked(request.getRequestId());
        StatusRuntimeException unavailable = null;
        for (RegionClient region : ranked) {
            if (region.orders().admits()) {
                try {
                    return region.send().blocking().createPacket(request);
                } catch (StatusRuntimeException failure) {
                    if (failure.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                        throw failure;
                    }
                    unavailable = failure;
                }
            }
        }
        if (unavailable != null) {
            throw unavailable;
        }
        // All rest: the caller shall hear why, and not from us.
        return ranked.getFirst().send().blocking().createPacket(request);
    }

    /** Not empty: weights without a region of ours are refused when the client is built, and passed over later. */
    private List<RegionClient> ranked(String requestId) {
        List<RegionClient> ranked = RegionRanking.of(requestId, weights.now()).stream()
                .filter(regions::containsKey)
                .map(region -> Objects.requireNonNull(regions.get(region)))
                .toList();
        if (ranked.isEmpty()) {
            throw new IllegalStateException("no region with a weight has endpoints: " + weights.now());
        }
        return ranked;
    }
}
