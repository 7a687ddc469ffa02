package io.hongbao.send.job;

import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.hongbao.send.SendMetrics;
import io.hongbao.send.set.SetHealth;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Makes the tables of today and the next days in every SET, from the first moment on, so that a fresh stack works. A SET
 * that is away is tried again at the next tick and holds up no other. Several pods may do it at once: the database lets
 * one at a time in, and what is there is not made again.
 */
@ApplicationScoped
public class DayTables {
    /** A SET whose tables are there is looked at again after this; the tables are days ahead, so it is no hurry. */
    private static final Duration PAUSE = Duration.ofMinutes(2);

    private static final Logger LOG = Logger.getLogger(DayTables.class);

    private final OrderStores stores;
    private final SetHealth health;
    private final JobsConfig config;
    private final SendMetrics metrics;
    private final Map<String, Long> dueNanos = new ConcurrentHashMap<>();

    DayTables(OrderStores stores, SetHealth health, JobsConfig config, SendMetrics metrics) {
        this.stores = stores;
        this.health = health;
        this.config = config;
        this.metrics = metrics;
    }

    @Scheduled(every = "5s", concurrentExecution = ConcurrentExecution.SKIP, identity = "day-tables")
    Uni<Void> make() {
        long now = System.nanoTime();
        List<Uni<Boolean>> made = stores.all().stream()
                .filter(store -> now - dueNanos.getOrDefault(store.name(), now) >= 0)
                .map(this::make)
                .toList();
        return Outcomes.of(made)
                .invoke(outcomes -> outcomes.report("day-tables", metrics))
                .replaceWithVoid();
    }

    private Uni<Boolean> make(OrderStore store) {
        return Uni.createFrom()
                .completionStage(() -> store.makeDays(config.daysAhead()).toCompletionStage())
                .invoke(madeCount -> {
                    dueNanos.put(store.name(), System.nanoTime() + PAUSE.toNanos());
                    if (madeCount > 0) {
                        LOG.infof("Day tables made set=%s database_days=%d", store.name(), madeCount);
                    }
                })
                .replaceWith(true)
                .onFailure()
                .invoke(failure -> {
                    // One that is passed over is known and logged already. It is tried all the same: it may be passed
                    // over for the very tables that are missing.
                    if (health.usable(store.name())) {
                        LOG.warnf("Day tables are not made set=%s cause=%s", store.name(), failure.getMessage());
                    }
                });
    }
}
