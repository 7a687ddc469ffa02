package io.hongbao.open.expiry;

import io.hongbao.open.OpenMetrics;
import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/**
 * Finds packets that have expired by the database's clock and has their owners close them, behind the opens that came
 * before. Every pod looks, so that none is missed; it is idempotent: what is closed is not found again.
 */
@ApplicationScoped
public class ExpiryJob {
    private static final Logger LOG = Logger.getLogger(ExpiryJob.class);

    /** Packets of one SET and run. A full run is followed by the next within a second. */
    private static final int PER_RUN_MAX = 2_000;

    private final OrderStores stores;
    private final PacketOwners owners;
    private final OpenMetrics metrics;

    ExpiryJob(OrderStores stores, PacketOwners owners, OpenMetrics metrics) {
        this.stores = stores;
        this.owners = owners;
        this.metrics = metrics;
    }

    @Scheduled(
            identity = "expiry",
            every = "{hongbao.expiry.every}",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> run() {
        return Multi.createFrom()
                .iterable(stores.all())
                .onItem()
                .transformToUniAndMerge(store -> Uni.createFrom()
                        .completionStage(() -> close(store).toCompletionStage())
                        .onFailure()
                        .recoverWithItem(failure -> {
                            metrics.job(OpenMetrics.Job.EXPIRY, false);
                            LOG.warnf("Expiry scan failed set=%s error=%s", store.name(), failure.getMessage());
                            return null;
                        }))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Future<Void> close(OrderStore store) {
        return store.expired(PER_RUN_MAX)
                .compose(ids -> Future.join(ids.stream().map(owners::close).toList()))
                .map(asked -> {
                    metrics.job(OpenMetrics.Job.EXPIRY, true);
                    return null;
                });
    }
}
