package io.hongbao.wallet.payment;

import io.hongbao.core.id.PacketId;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** A row of payment. */
public sealed interface PaymentRecord {
    PacketId packet();

    /**
     * A payment that was asked for.
     *
     * @param amountFen at least 1
     * @param parametersHash SHA-256 over the parameters of the order
     * @param confirmedAt present if CONFIRMED
     */
    record Asked(
            PacketId packet,
            String payerId,
            String requestId,
            long amountFen,
            byte[] parametersHash,
            State state,
            Instant createdAt,
            Optional<Instant> confirmedAt)
            implements PaymentRecord {

        /** Whether another call with the same request id asks for the same order. */
        boolean isOf(long amountFen, byte[] parametersHash) {
            return this.amountFen == amountFen && Arrays.equals(this.parametersHash, parametersHash);
        }
    }

    /** An order that was closed before its payment was asked for. */
    record ClosedUnasked(PacketId packet) implements PaymentRecord {}

    /** Where a payment stands. */
    enum State {
        PENDING,
        CONFIRMED,
        CLOSED
    }
}
