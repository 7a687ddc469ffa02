package io.hongbao.wallet.settlement;

import io.hongbao.wallet.WalletMetrics;
import io.hongbao.wallet.provider.PaymentProvider;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.jboss.logging.Logger;

/** Keeps the number of stuck transfers in sight, and books them once their escrow has been repaired. */
@ApplicationScoped
class StuckTransfers {
    private static final Logger LOG = Logger.getLogger(StuckTransfers.class);

    private final TransferStore store;
    private final Settler settler;
    private final TransferEvents transferEvents;
    private final PaymentProvider provider;
    private final WalletMetrics metrics;

    StuckTransfers(
            TransferStore store,
            Settler settler,
            TransferEvents transferEvents,
            PaymentProvider provider,
            WalletMetrics metrics) {
        this.store = store;
        this.settler = settler;
        this.transferEvents = transferEvents;
        this.provider = provider;
        this.metrics = metrics;
    }

    /** Repairs are rare and made by hand; a minute later their money is where it belongs. */
    @Scheduled(every = "${hongbao.wallet.stuck-retry-interval}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> retry() {
        return store.stuck(Settler.BATCH_SIZE_MAX)
                .flatMap(stuck -> stuck.isEmpty() ? Uni.createFrom().voidItem() : retry(stuck))
                .flatMap(retried -> store.stuckCount())
                .invoke(metrics::stuckOpen)
                .replaceWithVoid()
                .onFailure()
                .invoke(failure -> LOG.warnf("Stuck transfers were not looked at cause=%s", failure.getMessage()))
                .onFailure()
                .recoverWithNull();
    }

    private Uni<Void> retry(List<DueTransfer> stuck) {
        return settler.settleAgain(stuck)
                .flatMap(settled -> (provider.holdsWallets()
                                ? transferEvents.tell(settled)
                                : Uni.createFrom().voidItem())
                        .flatMap(told -> settled.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : store.stuckSettled(settled.stream()
                                        .map(DueTransfer::transferId)
                                        .toList())));
    }
}
