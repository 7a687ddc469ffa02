package io.hongbao.open.settle;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Input;
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
import org.eclipse.microprofile.config.inject.ConfigProperty;
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
    private final int region;
    private final OpenMetrics metrics;
    private final Traces traces;

    SettlementConsumer(
            OrderStores stores,
            @ConfigProperty(name = "hongbao.region") int region,
            OpenMetrics metrics,
            Traces traces) {
        this.stores = stores;
        this.region = region;
        this.metrics = metrics;
        this.traces = traces;
    }

    /** Shares of one SET and day: the rows of one statement. */
    private record Target(OrderStore store, int dayOfMonth) {}

    private record Shares(List<Long> packetIds, List<String> userIds) {}

    @Incoming("transfers")
    Uni<Void> settle(byte[] message) {
        List<TransferSettled> transfers;
        try {
            transfers = readable(message);
        } catch (InvalidProtocolBufferException garbage) {
            LOG.errorf("Transfer events are not readable, skipped bytes=%d", message.length);
            metrics.job(OpenMetrics.Job.SETTLE, false);
            return Uni.createFrom().voidItem();
        }
        long begun = System.nanoTime();
        return Uni.createFrom()
                // Looked up again for each try: a database may have moved to another SET since.
                .completionStage(() -> settle(transfers).toCompletionStage())
                .onFailure()
                .invoke(failure -> LOG.warnf("Shares were not marked settled, retrying error=%s", failure.getMessage()))
                .onFailure()
                .retry()
                .withBackOff(RETRY_MIN, RETRY_MAX)
                .indefinitely()
                .invoke(() -> traces.done(
                        Step.TRANSFERS_PROCESS,
                        "",
                        () -> transfers.stream().mapToLong(TransferSettled::getPacketId),
                        begun,
                        null))
                .replaceWithVoid();
    }

    /** All that can be stored is; fails if something could not, for instance since this pod does not know its SET yet. */
    private Future<Void> settle(List<TransferSettled> transfers) {
        Map<Target, Shares> targets = new HashMap<>();
        var stored = new ArrayList<Future<?>>();
        for (TransferSettled settled : transfers) {
            PacketId id = new PacketId(settled.getPacketId());
            if (id.region() != region) {
                LOG.errorf(
                        "Transfer of an order that is not of this region, skipped packet_id=%d", settled.getPacketId());
                continue;
            }
            try {
                Shares shares = targets.computeIfAbsent(
                        new Target(stores.of(id), id.dayTable()),
                        target -> new Shares(new ArrayList<>(), new ArrayList<>()));
                shares.packetIds.add(settled.getPacketId());
                shares.userIds.add(settled.getUserId());
            } catch (Refusal notServed) {
                stored.add(Future.failedFuture("no SET here serves packet " + id));
            }
        }
        targets.forEach((target, shares) -> stored.add(store(target, shares)));
        return Future.join(stored).mapEmpty();
    }

    /**
     * Those transfers of a record that can be of a share. Others would be refused by the database for ever, and everything
     * behind them would wait.
     */
    static List<TransferSettled> readable(byte[] message) throws InvalidProtocolBufferException {
        return TransferEventBatch.parseFrom(message).getSettledList().stream()
                .filter(settled -> {
                    try {
                        Input.packetId(settled.getPacketId());
                        Input.userId(settled.getUserId());
                        return true;
                    } catch (Refusal noShare) {
                        LOG.errorf("Transfer of no share, skipped packet_id=%d", settled.getPacketId());
                        return false;
                    }
                })
                .toList();
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
