package io.hongbao.send.job;

import io.hongbao.orders.ColdConfig;
import io.hongbao.orders.DayMove;
import io.hongbao.orders.DayMove.Outcome;
import io.hongbao.orders.DayMove.Unit;
import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.hongbao.send.SendMetrics;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Moves days that are old and settled from every SET to the cold store, one logical database at a time: the other end of
 * {@link DayTables}. A SET that is away holds up no other. Several pods may do it at once; each unit is taken by one, and
 * the stores refuse whoever comes second.
 */
@ApplicationScoped
public class ColdMoves {
    /** Units of one SET in one run: a run ends and tells its outcome even when a month has piled up. */
    private static final int UNITS_MAX = 100;
    /** A day that waits for a payment or a credit is looked at again after this: what it waits for takes longer. */
    private static final Duration PAUSE = Duration.ofSeconds(30);

    private static final Logger LOG = Logger.getLogger(ColdMoves.class);

    private final OrderStores stores;
    private final ColdConfig config;
    private final int region;
    private final SendMetrics metrics;

    ColdMoves(
            OrderStores stores,
            ColdConfig config,
            @ConfigProperty(name = "hongbao.region") int region,
            SendMetrics metrics) {
        this.stores = stores;
        this.config = config;
        this.region = region;
        this.metrics = metrics;
    }

    @Scheduled(every = "5s", delayed = "5s", concurrentExecution = ConcurrentExecution.SKIP, identity = "cold-move")
    Uni<Void> move() {
        if (stores.cold().isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return Outcomes.of(stores.all().stream().map(this::move).toList())
                .invoke(outcomes -> outcomes.report("cold-move", metrics))
                .replaceWithVoid();
    }

    private Uni<Boolean> move(OrderStore store) {
        var move = new DayMove(store, stores.cold().orElseThrow(), region, config.afterDays(), PAUSE);
        return Uni.createFrom()
                .completionStage(() -> move.due(UNITS_MAX)
                        .compose(units -> next(store, move, units, false))
                        .toCompletionStage())
                .onFailure()
                .invoke(failure -> LOG.warnf(
                        "Days are not moved to the cold store set=%s cause=%s", store.name(), failure.getMessage()));
    }

    /** One after the other: a move is to be noticed by nobody. */
    private Future<Boolean> next(OrderStore store, DayMove move, List<Unit> units, boolean moved) {
        if (units.isEmpty()) {
            return Future.succeededFuture(moved);
        }
        Unit unit = units.getFirst();
        return move.move(unit).compose(outcome -> {
            metrics.coldMove(outcome);
            switch (outcome) {
                case MOVED ->
                    LOG.infof(
                            "Day moved to the cold store set=%s database=%02d day=%d",
                            store.name(), unit.database(), unit.day());
                case DIFFERS ->
                    LOG.errorf(
                            "Cold copy is not what the SET holds, made again set=%s database=%02d day=%d",
                            store.name(), unit.database(), unit.day());
                case WAITS, BUSY, NOT_DUE, CHANGED -> {}
            }
            return next(store, move, units.subList(1, units.size()), moved || outcome == Outcome.MOVED);
        });
    }
}
