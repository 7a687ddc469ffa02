package io.hongbao.orders;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_SUFFIX_NOT_SERVED;

import io.hongbao.control.Control;
import io.hongbao.control.ControlData;
import io.hongbao.control.ControlData.AddedSet;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.set.ServedSets;
import io.hongbao.core.set.SetMap;
import io.hongbao.core.set.SetMap.SetRange;
import io.hongbao.core.set.SuffixRange;
import io.hongbao.kit.Refusal;
import io.hongbao.orders.SetsConfig.SetConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * All SETs of this region, each with its own pool, so that one that fails holds up no other. The configuration names those
 * there are at the start; control data adds some, and tells which databases have moved, while everything runs. A SET that
 * is here stays until this pod ends: what it holds has to be answered.
 */
@ApplicationScoped
public class OrderStores {
    private static final Logger LOG = Logger.getLogger(OrderStores.class);

    private final Vertx vertx;
    private final Map<String, SetConfig> config;
    private final List<SetRange> configured;
    private final Optional<ColdStore> cold;
    private final List<Consumer<OrderStore>> takers = new ArrayList<>();
    private volatile Served served;
    private List<String> refused = List.of();

    /** Both change together: whoever finds a SET in the map finds its store. */
    private record Served(SetMap map, Map<String, OrderStore> stores) {}

    OrderStores(Vertx vertx, SetsConfig config, ColdConfig coldConfig, Control control) {
        this.vertx = vertx;
        this.config = config.sets();
        this.cold = ColdStore.of(vertx, coldConfig);
        this.configured = this.config.entrySet().stream()
                .map(entry -> range(entry.getKey(), entry.getValue()))
                .toList();
        // Fails at the start if the configuration contradicts itself, whatever control data says.
        this.served = new Served(new SetMap(configured), Map.of());
        control.follow(this::serve);
    }

    /** Which SET serves what now. */
    public SetMap sets() {
        return served.map;
    }

    /** Where the days of all SETs go, if it is configured. */
    public Optional<ColdStore> cold() {
        return cold;
    }

    public Collection<OrderStore> all() {
        return served.stores.values();
    }

    /**
     * Hands over every SET, once: those that are here now, and each that joins before anything is asked of it. One after the
     * other.
     */
    public synchronized void each(Consumer<OrderStore> taker) {
        takers.add(taker);
        served.stores.values().forEach(taker);
    }

    /** @throws Refusal SUFFIX_NOT_SERVED */
    public OrderStore of(PacketId id) {
        Served now = served;
        SetRange set = now.map
                .of(id)
                .orElseThrow(() -> Refusal.of(ERROR_REASON_SUFFIX_NOT_SERVED, "no SET serves this order number"));
        return named(now, set.name());
    }

    /** @throws IllegalArgumentException if there is no such SET */
    public OrderStore named(String set) {
        return named(served, set);
    }

    private static OrderStore named(Served served, String set) {
        OrderStore store = served.stores.get(set);
        if (store == null) {
            throw new IllegalArgumentException("no SET is named " + set);
        }
        return store;
    }

    private synchronized void serve(ControlData data) {
        ServedSets next = ServedSets.of(
                configured,
                data.sets().stream()
                        .filter(this::hasLogin)
                        .map(OrderStores::range)
                        .toList(),
                data.places().stream()
                        .map(place -> new ServedSets.Place(place.database(), place.servedBy(), place.moving()))
                        .toList());
        if (!next.refused().equals(refused)) {
            refused = next.refused();
            refused.forEach(why -> LOG.errorf("Control data is not followed in part cause=%s", why));
        }
        Map<String, OrderStore> stores = new LinkedHashMap<>(served.stores);
        var joined = new ArrayList<OrderStore>();
        for (SetRange set : next.map().sets()) {
            OrderStore known = stores.get(set.name());
            if (known == null) {
                OrderStore store = new OrderStore(vertx, set, configOf(set.name(), data), cold);
                stores.put(set.name(), store);
                joined.add(store);
            } else {
                known.serve(set);
                known.reach(configOf(set.name(), data).url());
            }
        }
        for (OrderStore store : joined) {
            takers.forEach(taker -> taker.accept(store));
            if (!config.containsKey(store.name())) {
                LOG.infof(
                        "SET joins set=%s databases=%s",
                        store.name(), store.set().range().databases());
            }
        }
        served = new Served(next.map(), Collections.unmodifiableMap(stores));
    }

    private static SetRange range(AddedSet set) {
        return new SetRange(set.name(), new SuffixRange(set.databases()), new SuffixRange(set.active()));
    }

    private boolean hasLogin(AddedSet set) {
        boolean known = config.containsKey(set.loginOf());
        if (!known) {
            LOG.errorf(
                    "SET is left out, its login is not configured here set=%s login_of=%s", set.name(), set.loginOf());
        }
        return known;
    }

    private SetConfig configOf(String set, ControlData data) {
        SetConfig own = config.get(set);
        if (own != null) {
            return own;
        }
        AddedSet added = data.sets().stream()
                .filter(one -> one.name().equals(set))
                .findFirst()
                .orElseThrow();
        return new AddedSetConfig(added.url(), Objects.requireNonNull(config.get(added.loginOf())));
    }

    void close(@Observes ShutdownEvent shutdown) {
        served.stores.values().forEach(OrderStore::close);
        cold.ifPresent(ColdStore::close);
    }

    private static SetRange range(String name, SetConfig config) {
        SuffixRange all = SuffixRange.parse(config.range());
        if (all.databases().isEmpty()) {
            throw new IllegalArgumentException("SET " + name + " serves no database");
        }
        SuffixRange active = config.active()
                .map(text -> text.equals("none") ? new SuffixRange(List.of()) : SuffixRange.parse(text))
                .orElse(all);
        return new SetRange(name, all, active);
    }
}
