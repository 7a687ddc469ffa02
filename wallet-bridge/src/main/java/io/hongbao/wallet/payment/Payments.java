package io.hongbao.wallet.payment;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_BALANCE_INSUFFICIENT;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEPENDENCY_UNAVAILABLE;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_NOT_THE_PAYER;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PAYMENT_AMOUNT_MISMATCH;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PAYMENT_CLOSED;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PAYMENT_NOT_FOUND;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_REQUEST_ID_REUSED;

import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Refusal;
import io.hongbao.wallet.payment.PaymentRecord.Asked;
import io.hongbao.wallet.payment.PaymentRecord.ClosedUnasked;
import io.hongbao.wallet.payment.PaymentRecord.State;
import io.hongbao.wallet.payment.PaymentStore.Confirmation;
import io.hongbao.wallet.payment.PaymentStore.Made;
import io.hongbao.wallet.payment.PaymentStore.NewPayment;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * The life of a payment:
 *
 * <pre>
 *           create               confirm
 * (no row) ────────▶ PENDING ───────────────▶ CONFIRMED
 *     │                 │
 *     │ close           │ close
 *     └─────────────────┴───────────────────▶ CLOSED
 * </pre>
 *
 * Confirm and close may meet; the row decides, and exactly one of them wins.
 */
@ApplicationScoped
public class Payments {
    /**
     * A create that met another one in flight looks again: once that one has ended its row is there, or the way is free.
     */
    private static final int CREATE_ATTEMPT_COUNT = 3;

    /** @param replay whether an earlier call did it */
    public record Result(Asked payment, boolean replay) {}

    private final PaymentStore store;
    private final PaymentBatches batches;

    public Payments(PaymentStore store, PaymentBatches batches) {
        this.store = store;
        this.batches = batches;
    }

    /**
     * Asks for the payment of an order. The same request id of the same payer gets the same payment again, whatever
     * packet is asked for now. Fails with REQUEST_ID_REUSED or PAYMENT_CLOSED.
     */
    public Uni<Result> create(
            PacketId packet, String payerId, String requestId, long amountFen, byte[] parametersHash) {
        var payment = new NewPayment(packet, payerId, requestId, amountFen, parametersHash);
        return batches.create(payment)
                .flatMap(made -> made.map(asked -> Uni.createFrom().item(new Result(asked, false)))
                        .orElseGet(() -> createAlone(payment, CREATE_ATTEMPT_COUNT)));
    }

    /** Finds what is in its way, or makes it after all. */
    private Uni<Result> createAlone(NewPayment payment, int attemptsLeft) {
        return store.create(payment).flatMap(found -> {
            if (!found.isEmpty()) {
                return Uni.createFrom().item(() -> created(found, payment));
            }
            if (attemptsLeft == 1) {
                return Uni.createFrom()
                        .failure(Refusal.of(ERROR_REASON_DEPENDENCY_UNAVAILABLE, "the request is being made elsewhere")
                                .with("dependency", "ledger"));
            }
            return createAlone(payment, attemptsLeft - 1);
        });
    }

    private static Result created(List<Made> found, NewPayment asked) {
        Made first = found.getFirst();
        return switch (first.payment()) {
            case Asked made when first.made() -> new Result(made, false);
            case Asked earlier
            when earlier.payerId().equals(asked.payerId())
                    && earlier.requestId().equals(asked.requestId()) -> {
                if (!earlier.isOf(asked.amountFen(), asked.parametersHash())) {
                    throw Refusal.of(ERROR_REASON_REQUEST_ID_REUSED, "the request id was used with other parameters");
                }
                yield new Result(earlier, true);
            }
            case Asked other ->
                throw Refusal.of(ERROR_REASON_REQUEST_ID_REUSED, "the order has the payment of another request");
            case ClosedUnasked closed ->
                throw Refusal.of(ERROR_REASON_PAYMENT_CLOSED, "the order was closed before its payment was asked for");
        };
    }

    /**
     * Moves the money from the payer's wallet to the packet's escrow, once. Fails, in this order, with PAYMENT_NOT_FOUND,
     * NOT_THE_PAYER, PAYMENT_AMOUNT_MISMATCH, PAYMENT_CLOSED or BALANCE_INSUFFICIENT.
     */
    public Uni<Result> confirm(PacketId packet, String payerId, long amountFen) {
        var confirmation = new Confirmation(packet, payerId, amountFen);
        return batches.confirm(confirmation)
                .flatMap(confirmed -> confirmed
                        .map(payment -> Uni.createFrom().item(new Result(payment, false)))
                        .orElseGet(() -> get(packet).flatMap(payment -> unconfirmed(payment, confirmation))));
    }

    /**
     * What the batch left pending may be so because of others in it, or of whoever held the wallet: only the payment's own
     * statement, which waits for the wallet, tells that it holds too little.
     */
    private Uni<Result> unconfirmed(Asked payment, Confirmation confirmation) {
        if (payment.state() != State.PENDING || !confirmation.isOf(payment)) {
            return Uni.createFrom().item(() -> notConfirmed(payment, confirmation));
        }
        return store.confirm(confirmation)
                .flatMap(confirmed -> confirmed
                        .map(alone -> Uni.createFrom().item(new Result((Asked) alone, false)))
                        .orElseGet(() -> get(payment.packet()).map(now -> notConfirmed(now, confirmation))));
    }

    /** Why a confirmation changed nothing. */
    private static Result notConfirmed(Asked payment, Confirmation confirmation) {
        if (!payment.payerId().equals(confirmation.payerId())) {
            throw Refusal.of(ERROR_REASON_NOT_THE_PAYER, "only the payer may confirm a payment");
        }
        if (payment.amountFen() != confirmation.amountFen()) {
            throw Refusal.of(ERROR_REASON_PAYMENT_AMOUNT_MISMATCH, "amount_fen is not the payment's");
        }
        return switch (payment.state()) {
            case CONFIRMED -> new Result(payment, true);
            case CLOSED -> throw Refusal.of(ERROR_REASON_PAYMENT_CLOSED, "the payment was closed");
            case PENDING -> throw Refusal.of(ERROR_REASON_BALANCE_INSUFFICIENT, "the wallet holds too little");
        };
    }

    /** Closes the payment unless it was confirmed. @return how it stands now: CLOSED or CONFIRMED */
    public Uni<PaymentRecord> close(PacketId packet) {
        return store.close(packet)
                .flatMap(closed -> closed.map(payment -> Uni.createFrom().item(payment))
                        .orElseGet(() -> batches.find(packet).map(settled -> settled.orElseThrow())));
    }

    /** Fails with PAYMENT_NOT_FOUND. */
    public Uni<Asked> get(PacketId packet) {
        return batches.find(packet).map(found -> switch (found.orElse(new ClosedUnasked(packet))) {
            case Asked payment -> payment;
            case ClosedUnasked none -> throw Refusal.of(ERROR_REASON_PAYMENT_NOT_FOUND, "there is no such payment");
        });
    }
}
