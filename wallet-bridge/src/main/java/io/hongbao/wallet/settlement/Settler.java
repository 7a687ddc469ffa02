package io.hongbao.wallet.settlement;

import io.hongbao.kit.trace.Step;
import io.hongbao.kit.trace.Traces;
import io.hongbao.wallet.WalletMetrics;
import io.hongbao.wallet.ledger.Ledger;
import io.hongbao.wallet.settlement.TransferStore.Booked;
import io.hongbao.wallet.settlement.TransferStore.Stuck;
import io.hongbao.wallet.settlement.TransferStore.StuckReason;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Books due transfers, whatever arrives in whatever order and however often. Ends only when each of them is booked or set
 * aside as stuck; while the ledger is away it waits.
 *
 * <pre>
 * batch ─▶ book ─┬─ done ─────────────────────▶ settled
 *                ├─ ledger away ─▶ wait ─▶ again, for ever
 *                └─ an escrow cannot pay ─▶ halves, down to the single transfers that fail
 *                                              └─▶ wait, again a few times ─▶ stuck: set aside, counted, logged
 * </pre>
 */
@ApplicationScoped
class Settler {
    private static final Logger LOG = Logger.getLogger(Settler.class);

    /** A statement of this size costs least per transfer, and its locks are held for some tens of milliseconds. */
    static final int BATCH_SIZE_MAX = 512;
    /** Escrow is filled before its packet can be opened, so waiting long for it has no sense. */
    static final int RETRY_COUNT = 3;
    /** Wait before the first retry of what failed; doubles with each. */
    static final Duration RETRY_DELAY = Duration.ofMillis(100);
    /** First and longest wait while the ledger is away. */
    private static final Duration AWAY_DELAY_MIN = Duration.ofMillis(100);

    private static final Duration AWAY_DELAY_MAX = Duration.ofSeconds(2);

    private final TransferStore store;
    private final WalletMetrics metrics;
    private final Traces traces;

    Settler(TransferStore store, WalletMetrics metrics, Traces traces) {
        this.store = store;
        this.metrics = metrics;
        this.traces = traces;
        metrics.expect("credits", "kind", DueTransfer.Kind.values());
        metrics.expect("booked.fen", "kind", DueTransfer.Kind.values());
        metrics.expect("stuck", "reason", StuckReason.values());
    }

    /** What became of a batch. @param failed is empty unless an escrow cannot pay */
    private record Attempt(List<DueTransfer> settled, List<Stuck> failed) {
        private static final Attempt NOTHING = new Attempt(List.of(), List.of());

        Attempt and(Attempt other) {
            return new Attempt(join(settled, other.settled), join(failed, other.failed));
        }

        private static <T> List<T> join(List<T> first, List<T> second) {
            var both = new ArrayList<T>(first.size() + second.size());
            both.addAll(first);
            both.addAll(second);
            return both;
        }
    }

    /**
     * @param due at most {@link #BATCH_SIZE_MAX}; may hold the same transfer twice
     * @return those whose money is where it belongs, by this call or an earlier one; the others are set aside
     */
    Uni<List<DueTransfer>> settle(Collection<DueTransfer> due) {
        return settle(Attempt.NOTHING, due, 0)
                .flatMap(end -> setAside(end.failed()).replaceWith(end.settled()));
    }

    /** Like {@link #settle}, once, and leaves what fails where it is. */
    Uni<List<DueTransfer>> settleAgain(Collection<DueTransfer> stuck) {
        return attempt(stuck).map(Attempt::settled);
    }

    private Uni<Attempt> settle(Attempt before, Collection<DueTransfer> due, int retries) {
        return attempt(due).flatMap(attempt -> {
            Attempt sum = before.and(new Attempt(attempt.settled(), List.of()));
            if (attempt.failed().isEmpty() || retries == RETRY_COUNT) {
                return Uni.createFrom().item(sum.and(new Attempt(List.of(), attempt.failed())));
            }
            List<DueTransfer> again =
                    attempt.failed().stream().map(Stuck::transfer).toList();
            return Uni.createFrom()
                    .nullItem()
                    .onItem()
                    .delayIt()
                    .by(RETRY_DELAY.multipliedBy(1L << retries))
                    .flatMap(waited -> settle(sum, again, retries + 1));
        });
    }

    /** Books everything that can be booked now. */
    private Uni<Attempt> attempt(Collection<DueTransfer> due) {
        Map<String, DueTransfer> byId = LinkedHashMap.newLinkedHashMap(due.size());
        var contradicting = new ArrayList<DueTransfer>();
        // By packet: an escrow that cannot pay fails its own transfers, which halving then keeps together.
        due.stream().sorted(Comparator.comparing(DueTransfer::packet)).forEach(transfer -> {
            DueTransfer same = byId.putIfAbsent(transfer.transferId(), transfer);
            if (same != null
                    && (same.amountFen() != transfer.amountFen()
                            || !same.userId().equals(transfer.userId()))) {
                contradicting.add(transfer);
            }
        });
        return halve(List.copyOf(byId.values()))
                .map(attempt -> attempt.and(new Attempt(
                        List.of(),
                        contradicting.stream()
                                .map(transfer -> new Stuck(transfer, StuckReason.CONFLICT))
                                .toList())));
    }

    private Uni<Attempt> halve(List<DueTransfer> batch) {
        if (batch.isEmpty()) {
            return Uni.createFrom().item(Attempt.NOTHING);
        }
        metrics.settlementBatch(batch.size());
        long begun = System.nanoTime();
        return whileAway(() -> store.book(batch))
                .onItemOrFailure()
                .invoke((booked, failure) ->
                        traces.done(Step.LEDGER_BOOK, "", () -> DueTransfer.packets(batch), begun, failure))
                .flatMap(booked -> booked(batch, booked))
                .onFailure(Ledger::isImpossible)
                .recoverWithUni(impossible -> {
                    if (batch.size() == 1) {
                        return Uni.createFrom()
                                .item(new Attempt(List.of(), List.of(new Stuck(batch.getFirst(), StuckReason.ESCROW))));
                    }
                    int middle = batch.size() / 2;
                    return halve(batch.subList(0, middle))
                            .flatMap(first ->
                                    halve(batch.subList(middle, batch.size())).map(first::and));
                });
    }

    /** Sorts out which of those that were booked before are what is due now. */
    private Uni<Attempt> booked(List<DueTransfer> batch, Set<String> newIds) {
        Instant now = Instant.now();
        for (DueTransfer transfer : batch) {
            if (newIds.contains(transfer.transferId())) {
                metrics.booked(transfer.kind(), transfer.amountFen(), Duration.between(transfer.occurredAt(), now));
            }
        }
        if (newIds.size() == batch.size()) {
            return Uni.createFrom().item(new Attempt(batch, List.of()));
        }
        List<String> oldIds = batch.stream()
                .map(DueTransfer::transferId)
                .filter(id -> !newIds.contains(id))
                .toList();
        return whileAway(() -> store.find(oldIds)).map(found -> {
            Map<String, Booked> byId =
                    found.stream().collect(Collectors.toMap(Booked::transferId, Function.identity()));
            var settled = new ArrayList<DueTransfer>(batch.size());
            var failed = new ArrayList<Stuck>();
            for (DueTransfer transfer : batch) {
                Booked earlier = byId.get(transfer.transferId());
                if (earlier == null || earlier.is(transfer)) {
                    settled.add(transfer);
                } else {
                    failed.add(new Stuck(transfer, StuckReason.CONFLICT));
                }
            }
            return new Attempt(settled, failed);
        });
    }

    private Uni<Void> setAside(List<Stuck> failed) {
        if (failed.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return whileAway(() -> store.setAside(failed))
                .invoke(added -> failed.stream()
                        .filter(stuck -> added.contains(stuck.transfer().transferId()))
                        .forEach(this::alarm))
                .replaceWithVoid();
    }

    private void alarm(Stuck stuck) {
        metrics.stuck(stuck.reason());
        LOG.errorf(
                "Transfer is stuck and was set aside kind=%s packet_id=%s amount_fen=%d reason=%s",
                stuck.transfer().kind(),
                stuck.transfer().packet(),
                stuck.transfer().amountFen(),
                stuck.reason());
    }

    /** Whatever is not impossible is asked again until the ledger answers. */
    private static <T> Uni<T> whileAway(Supplier<Uni<? extends T>> call) {
        return Uni.createFrom()
                .deferred(call)
                .onFailure(failure -> !Ledger.isImpossible(failure))
                .invoke(failure -> LOG.warnf("Settlement waits for the ledger cause=%s", failure.getMessage()))
                .onFailure(failure -> !Ledger.isImpossible(failure))
                .retry()
                .withBackOff(AWAY_DELAY_MIN, AWAY_DELAY_MAX)
                .indefinitely();
    }
}
