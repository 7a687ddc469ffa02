package io.hongbao.cli.promise;

import java.time.Instant;
import java.util.List;

/** Every row of the ledger. @param payouts empty where money stays in wallets */
public record LedgerRows(
        List<AccountRow> accounts, List<TransferRow> transfers, List<PaymentRow> payments, List<PayoutRow> payouts) {
    /** @param id {@code user:…}, {@code escrow:…}, {@code external} or {@code suspense} */
    public record AccountRow(String id, long balanceFen) {}

    /** @param packetId 0 if the transfer concerns no packet */
    public record TransferRow(
            String id,
            String kind,
            String debitAccount,
            String creditAccount,
            long amountFen,
            long packetId,
            Instant at) {}

    /**
     * A booking that is carried on to its owner, at a payment provider.
     *
     * @param transferId the booking
     * @param state DUE, DONE, SUSPENDED or REPLACED
     */
    public record PayoutRow(
            String number, String transferId, long packetId, String userId, long amountFen, String state) {}

    /** @param state PENDING, CONFIRMED or CLOSED */
    public record PaymentRow(long packetId, long amountFen, String state) {
        public boolean confirmed() {
            return state.equals("CONFIRMED");
        }
    }
}
