package io.hongbao.orders;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_SUFFIX_NOT_SERVED;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.set.SetMap;
import io.hongbao.core.set.SetMap.SetRange;
import io.hongbao.core.set.SuffixRange;
import io.hongbao.kit.Refusal;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** All SETs of this region, each with its own pool, so that one that fails holds up no other. */
@ApplicationScoped
public class OrderStores {
    private final SetMap sets;
    private final Map<String, OrderStore> stores = new LinkedHashMap<>();

    private final Optional<ColdStore> cold;

    OrderStores(Vertx vertx, SetsConfig config, ColdConfig coldConfig) {
        this.cold = ColdStore.of(vertx, coldConfig);
        List<SetRange> ranges = config.sets().entrySet().stream()
                .map(entry -> range(entry.getKey(), entry.getValue()))
                .toList();
        this.sets = new SetMap(ranges);
        for (SetRange range : ranges) {
            stores.put(
                    range.name(),
                    new OrderStore(
                            vertx, range, Objects.requireNonNull(config.sets().get(range.name())), cold));
        }
    }

    public SetMap sets() {
        return sets;
    }

    /** Where the days of all SETs go, if it is configured. */
    public Optional<ColdStore> cold() {
        return cold;
    }

    public Collection<OrderStore> all() {
        return stores.values();
    }

    /** @throws Refusal SUFFIX_NOT_SERVED */
    public OrderStore of(PacketId id) {
        SetRange set = sets.of(id)
                .orElseThrow(() -> Refusal.of(ERROR_REASON_SUFFIX_NOT_SERVED, "no SET serves this order number"));
        return named(set.name());
    }

    /** @throws IllegalArgumentException if there is no such SET */
    public OrderStore named(String set) {
        OrderStore store = stores.get(set);
        if (store == null) {
            throw new IllegalArgumentException("no SET is named " + set);
        }
        return store;
    }

    void close(@Observes ShutdownEvent shutdown) {
        stores.values().forEach(OrderStore::close);
        cold.ifPresent(ColdStore::close);
    }

    private static SetRange range(String name, SetsConfig.SetConfig config) {
        SuffixRange all = SuffixRange.parse(config.range());
        SuffixRange active = config.active()
                .map(text -> text.equals("none") ? new SuffixRange(List.of()) : SuffixRange.parse(text))
                .orElse(all);
        return new SetRange(name, all, active);
    }
}
