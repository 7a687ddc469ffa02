package io.hongbao.wallet.provider;

import io.hongbao.core.id.PacketId;
import io.hongbao.wallet.payment.PaymentRecord.Asked;
import io.hongbao.wallet.payment.Payments;
import io.hongbao.wallet.payout.PayoutChannel;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/**
 * Where the money of payers and receivers is. The ledger keeps the books in any case, and decides in any case whether a
 * payment is confirmed; a provider brings the money in and takes it out.
 */
public interface PaymentProvider {
    /** How the payer meets the provider. */
    enum Scene {
        /** Scans a code. */
        NATIVE,
        /** Is inside the provider's own app already. */
        JSAPI
    }

    /**
     * Whether money stays in wallets of the ledger: it can be deposited there, and what is booked into one is settled. If
     * not, wallets only hold what is on its way out, and each booking is followed by a payout.
     */
    default boolean holdsWallets() {
        return payouts().isEmpty();
    }

    /** How money gets from wallets to its owners, outside; empty if it stays in wallets. */
    Optional<PayoutChannel> payouts();

    /** What the payer needs in order to pay. Idempotent. Fails with PAYMENT_CLOSED or DEPENDENCY_UNAVAILABLE. */
    Uni<PaymentWay> prepare(Asked payment, Scene scene);

    /**
     * Takes the money from the payer, or finds out whether it has come, and confirms the payment. Fails with
     * PAYMENT_NOT_FOUND, NOT_THE_PAYER, PAYMENT_AMOUNT_MISMATCH, PAYMENT_CLOSED, BALANCE_INSUFFICIENT or
     * PAYMENT_NOT_RECEIVED.
     */
    Uni<Payments.Result> confirm(PacketId packet, String payerId, long amountFen);
}
