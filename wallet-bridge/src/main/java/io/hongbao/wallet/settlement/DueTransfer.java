package io.hongbao.wallet.settlement;

import io.hongbao.core.id.PacketId;
import io.hongbao.wallet.ledger.Accounts;
import java.time.Instant;
import java.util.Collection;
import java.util.stream.LongStream;

/**
 * Money that an event says is to leave a packet's escrow.
 *
 * @param kind for whom
 * @param userId the receiver of a share, or the sender who gets the rest back
 * @param amountFen at least 1
 * @param occurredAt when it was decided, by the order database's clock
 */
public record DueTransfer(Kind kind, PacketId packet, String userId, long amountFen, Instant occurredAt) {
    public enum Kind {
        CREDIT,
        REFUND
    }

    /** Fixed, so that it is booked once however often the event arrives. */
    String transferId() {
        return switch (kind) {
            case CREDIT -> Accounts.creditId(packet, userId);
            case REFUND -> Accounts.refundId(packet);
        };
    }

    /** The numbers of the packets that some transfers are of. */
    static LongStream packets(Collection<DueTransfer> transfers) {
        return transfers.stream().mapToLong(transfer -> transfer.packet.value());
    }

    String debitAccount() {
        return Accounts.ofEscrow(packet);
    }

    String creditAccount() {
        return Accounts.ofUser(userId);
    }
}
