package io.hongbao.open.settle;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Refusal;
import io.hongbao.kit.trace.Step;
import io.hongbao.kit.trace.Traces;
import io.hongbao.open.OpenMetrics;
import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.hongbao.v1.TransferEventBatch;
import io.hongbao.v1.TransferSettled;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/**
 * Marks shares settled when wallet-bridge tells that their money has arrived. Idempotent; a batch is acknowledged when
 * every SET it concerns has stored it, and tried again, with longer and longer pauses, until then.
 */
@ApplicationScoped
public class SettlementConsumer {
    private static final Logger LOG = Logger.getLogger(SettlementConsumer.class);

    private static final Duration RETRY_MIN = Duration.ofMillis(200);
    /** A SET that comes back after a failover is noticed within this. */
    private static final Duration RETRY_MAX = Duration.ofSeconds(10);

    private final OrderStores stores;
    private final OpenMetrics metrics;
    private final Traces traces;

    SettlementConsumer(OrderStores stores, OpenMetrics metrics, Traces traces) {
        this.stores = stores;
        this.metrics = metrics;
        this.traces = traces;
    }

    /** Shares of one SET and day: the rows of one statement. */
    private record Target(OrderStore store, int dayOfMonth) {}

    private record Shares(List<Long> packetIds, List<String> userIds) {}

    @Incoming("transfers")
    Uni<Void> settle(byte[] message) {
        TransferEventBatch batch;
        try {
            batch = TransferEventBatch.parseFrom(message);
        } catch (InvalidProtocolBufferException garbage) {
            LOG.errorf("Transfer events are not readable, skipped bytes=%d", message.length);
            metrics.job(OpenMetrics.Job.SETTLE, false);
            return Uni.createFrom().voidItem();
        }
        long begun = System.nanoTime();
        Map<Target, Shares> targets = new HashMap<>();
        for (TransferSettled settled : batch.getSettledList()) {
            try {
                PacketId id = new PacketId(settled.getPacketId());
                Shares shares = targets.computeIfAbsent(
                        new Target(stores.of(id), id.dayTable()),
                        target -> new Shares(new ArrayList<>(), new ArrayList<>()));
                shares.packetIds.add(settled.getPacketId());
                shares.userIds.add(settled.getUserId());
            } catch (IllegalArgumentException | Refusal notOurs) {
                LOG.errorf("Transfer of an order no SET here serves, skipped packet_id=%d", settled.getPacketId());
            }
        }
        return Uni.createFrom()
                .completionStage(() -> Future.all(targets.entrySet().stream()
                                .map(entry -> store(entry.getKey(), entry.getValue()))
                                .toList())
                        .toCompletionStage())
                .onFailure()
                .invoke(failure -> LOG.warnf("Shares were not marked settled, retrying error=%s", failure.getMessage()))
                .onFailure()
                .retry()
                .withBackOff(RETRY_MIN, RETRY_MAX)
                .indefinitely()
                .invoke(() -> traces.done(
                        Step.TRANSFERS_PROCESS,
                        "",
                        () -> batch.getSettledList().stream().mapToLong(TransferSettled::getPacketId),
                        begun,
                        null))
                .replaceWithVoid();
    }

    private Future<Integer> store(Target target, Shares shares) {
        long begun = System.nanoTime();
        return target.store
                .settle(target.dayOfMonth, shares.packetIds, shares.userIds)
                .onSuccess(metrics::settled)
                .onComplete(stored -> traces.done(
                        Step.SHARES_SETTLE,
                        target.store.name(),
                        () -> shares.packetIds.stream().mapToLong(Long::longValue),
                        begun,
                        stored.cause()));
    }
}
