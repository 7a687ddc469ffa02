package io.hongbao.open.lane;

import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Refusal;
import io.hongbao.kit.trace.Traces;
import io.hongbao.open.OpenMetrics;
import io.hongbao.open.gate.PacketGate;
import io.hongbao.orders.OrderStores;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** All lanes of this pod: some for each SET. A packet always goes to the same one. */
@ApplicationScoped
public class Lanes {
    private final OrderStores stores;
    /** A SET's lanes are here before a packet is found to be its own. */
    private final Map<String, List<Lane>> bySet = new ConcurrentHashMap<>();

    private volatile boolean draining;

    Lanes(Vertx vertx, OrderStores stores, PacketGate gate, LaneLimits limits, OpenMetrics metrics, Traces traces) {
        this.stores = stores;
        stores.each(store -> {
            List<Lane> lanes = IntStream.range(0, limits.perSet())
                    .mapToObj(number -> new Lane(
                            store.name() + "/" + number,
                            store.lane(),
                            gate,
                            limits,
                            metrics,
                            traces,
                            ((VertxInternal) vertx).createEventLoopContext(),
                            System::nanoTime))
                    .toList();
            metrics.lanes(lanes);
            if (draining) {
                lanes.forEach(Lane::drain);
            }
            bySet.put(store.name(), lanes);
        });
        vertx.setPeriodic(limits.idleMax().toMillis() / 4, tick -> all().forEach(Lane::sweep));
    }

    /**
     * The lane of a packet.
     *
     * @throws Refusal SUFFIX_NOT_SERVED
     */
    public Lane of(PacketId id) {
        String set = stores.of(id).name();
        List<Lane> lanes = Objects.requireNonNull(bySet.get(set), set);
        // By suffix: each lane's batches touch only its share of the SET's tables.
        return lanes.get(id.suffix() % lanes.size());
    }

    public Collection<Lane> all() {
        return bySet.values().stream().flatMap(List::stream).toList();
    }

    /** Nothing new is taken; what is queued is still done. */
    public void drain() {
        draining = true;
        all().forEach(Lane::drain);
    }

    /** Requests that are queued or in flight on this pod. */
    public int waitingCount() {
        return all().stream().mapToInt(Lane::waitingCount).sum();
    }
}
