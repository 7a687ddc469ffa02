package io.hongbao.open.expiry;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketState;
import io.hongbao.kit.Refusal;
import io.hongbao.open.OpenMetrics;
import io.hongbao.open.lane.Command;
import io.hongbao.open.lane.Lanes;
import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Finds packets that have expired by the database's clock and queues their close behind the opens that came before.
 * Idempotent: what is closed is not found again, and a packet closed by another pod makes this one's guard miss.
 */
@ApplicationScoped
public class ExpiryJob {
    private static final Logger LOG = Logger.getLogger(ExpiryJob.class);

    /** Packets of one SET and run. A full run is followed by the next within a second. */
    private static final int PER_RUN_MAX = 2_000;

    private final OrderStores stores;
    private final Lanes lanes;
    private final OpenMetrics metrics;

    ExpiryJob(OrderStores stores, Lanes lanes, OpenMetrics metrics) {
        this.stores = stores;
        this.lanes = lanes;
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
                .compose(ids -> {
                    List<Future<Boolean>> closing =
                            ids.stream().map(this::close).toList();
                    return Future.join(closing)
                            .map(all -> closing.stream().filter(Future::result).count());
                })
                .map(closed -> {
                    metrics.expired(closed.intValue());
                    metrics.job(OpenMetrics.Job.EXPIRY, true);
                    return null;
                });
    }

    private Future<Boolean> close(PacketId id) {
        Promise<Boolean> closed = Promise.promise();
        lanes.of(id).submit(new Command.Expire(id, null, null) {
            @Override
            public void done(PacketState state) {
                closed.complete(state instanceof PacketState.Expired);
            }

            @Override
            public void notDue() {
                closed.complete(false);
            }

            @Override
            public void refuse(Refusal refusal) {
                closed.complete(false);
            }
        });
        return closed.future();
    }
}
