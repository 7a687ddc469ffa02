package io.hongbao.wallet.payout;

import io.hongbao.core.id.PacketId;
import java.time.Instant;

/**
 * One booking that is carried on to its owner, outside.
 *
 * @param number under which the provider knows it, for ever
 * @param userId who gets it
 * @param amountFen at least 1
 * @param paidFen what was paid for the packet: a refund names it
 * @param decidedAt when it was decided that the user gets it
 * @param done whether the owner has it, and only the rest of us must still be told
 * @param tryCount how often the provider was called for it, this time included
 * @param refusalCount how often the provider would not have it
 */
public record Payout(
        String number,
        Kind kind,
        PacketId packet,
        String userId,
        long amountFen,
        long paidFen,
        Instant decidedAt,
        boolean done,
        int tryCount,
        int refusalCount) {
    public enum Kind {
        /** To the receiver of a share. */
        TRANSFER,
        /** To where the payment came from. */
        REFUND
    }
}
