package io.hongbao.wallet.settlement;

import io.hongbao.control.Control;
import io.hongbao.control.Switch;
import io.hongbao.kit.trace.Step;
import io.hongbao.kit.trace.Traces;
import io.hongbao.wallet.provider.Pace;
import io.hongbao.wallet.provider.PaymentProvider;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/**
 * Consumes order events. The records of a poll are settled together, since one statement for many events costs little
 * more than for one; they are acknowledged when every transfer is committed and told. A pod that dies before that leaves
 * them to the next one, which finds them booked and tells them again.
 */
@ApplicationScoped
class OrderEvents {
    private final OrderEventReader reader;
    private final Settler settler;
    private final TransferEvents transferEvents;
    private final Control control;
    private final PaymentProvider provider;
    private final SettlementConfig config;
    private final Traces traces;
    private final Pace pace;

    OrderEvents(
            OrderEventReader reader,
            Settler settler,
            TransferEvents transferEvents,
            Control control,
            PaymentProvider provider,
            SettlementConfig config,
            Traces traces) {
        this.reader = reader;
        this.settler = settler;
        this.transferEvents = transferEvents;
        this.control = control;
        this.provider = provider;
        this.config = config;
        this.traces = traces;
        this.pace = new Pace(config.perSecondMax());
    }

    /** @param records values of one poll; the poll's size is bounded by configuration */
    @Incoming("orders")
    Uni<Void> consume(List<byte[]> records) {
        long begun = System.nanoTime();
        var due = new ArrayList<DueTransfer>();
        records.forEach(record -> due.addAll(reader.read(record)));
        return Multi.createFrom()
                .iterable(batches(due, Instant.now().minus(config.behindAfter())))
                .onItem()
                .transformToUni(batch -> pace.turn(batch.size())
                        .flatMap(turn -> settler.settle(batch))
                        .flatMap(this::tell))
                .merge(config.inFlightMax())
                .collect()
                .last()
                .replaceWithVoid()
                .invoke(() -> traces.done(Step.ORDERS_PROCESS, "", () -> DueTransfer.packets(due), begun, null))
                .flatMap(settled -> pause());
    }

    /** Operators may slow settlement: what comes in meanwhile is settled together. */
    private Uni<Void> pause() {
        int pauseMillis = control.now().number(Switch.SETTLEMENT_PAUSE_MS).orElse(0);
        Uni<Void> done = Uni.createFrom().voidItem();
        return pauseMillis == 0 ? done : done.onItem().delayIt().by(Duration.ofMillis(pauseMillis));
    }

    /** Money that goes on to its owner, outside, is told of when it is there. */
    private Uni<Void> tell(List<DueTransfer> settled) {
        return provider.holdsWallets()
                ? transferEvents.tell(settled)
                : Uni.createFrom().voidItem();
    }

    /**
     * What is due, in batches. If it is more than one and a part of it is older than {@code late}, large amounts come first:
     * then those who wait for much wait less.
     */
    static List<List<DueTransfer>> batches(List<DueTransfer> due, Instant late) {
        var ordered = new ArrayList<>(due);
        if (due.size() > Settler.BATCH_SIZE_MAX
                && due.stream().anyMatch(transfer -> transfer.occurredAt().isBefore(late))) {
            ordered.sort(Comparator.comparingLong(DueTransfer::amountFen).reversed());
        }
        var batches = new ArrayList<List<DueTransfer>>();
        for (int from = 0; from < ordered.size(); from += Settler.BATCH_SIZE_MAX) {
            batches.add(ordered.subList(from, Math.min(from + Settler.BATCH_SIZE_MAX, ordered.size())));
        }
        return batches;
    }
}
