package io.hongbao.wallet.settlement;

import io.hongbao.kit.trace.Step;
import io.hongbao.kit.trace.Traces;
import io.hongbao.v1.TransferEventBatch;
import io.hongbao.v1.TransferSettled;
import io.hongbao.wallet.settlement.DueTransfer.Kind;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.jboss.logging.Logger;

/** Tells, on the topic of transfers, which shares are settled. Told at least once; a share settled twice is settled. */
@ApplicationScoped
public class TransferEvents {
    private static final Logger LOG = Logger.getLogger(TransferEvents.class);

    /** First and longest wait while the topic takes nothing. */
    private static final Duration AWAY_DELAY_MIN = Duration.ofMillis(100);

    private static final Duration AWAY_DELAY_MAX = Duration.ofSeconds(5);

    private final MutinyEmitter<byte[]> transfers;
    private final Traces traces;

    TransferEvents(@Channel("transfers") MutinyEmitter<byte[]> transfers, Traces traces) {
        this.transfers = transfers;
        this.traces = traces;
    }

    /** Ends when the topic has acknowledged; refunds concern no share and are not told. */
    public Uni<Void> tell(List<DueTransfer> settled) {
        TransferEventBatch.Builder batch = TransferEventBatch.newBuilder();
        for (DueTransfer transfer : settled) {
            if (transfer.kind() == Kind.CREDIT) {
                batch.addSettled(TransferSettled.newBuilder()
                        .setPacketId(transfer.packet().value())
                        .setUserId(transfer.userId())
                        .setAmountFen(transfer.amountFen()));
            }
        }
        if (batch.getSettledCount() == 0) {
            return Uni.createFrom().voidItem();
        }
        byte[] record = batch.build().toByteArray();
        long begun = System.nanoTime();
        return Uni.createFrom()
                .deferred(() -> transfers.send(record))
                .onFailure()
                .invoke(failure -> LOG.warnf("Settled transfers are not told yet cause=%s", failure))
                .onFailure()
                .retry()
                .withBackOff(AWAY_DELAY_MIN, AWAY_DELAY_MAX)
                .indefinitely()
                .invoke(() -> traces.done(Step.TRANSFERS_SEND, "", () -> DueTransfer.packets(settled), begun, null));
    }
}
