package io.hongbao.core.packet;

/** What an open comes to. */
public sealed interface Decision {
    /** A new share, durable once the batch that carries it is committed. */
    record Opened(int sequence, long amountFen) implements Decision {}

    /** The user's share of an earlier open: the same amount again. */
    record Replayed(Share share) implements Decision {}

    /** The user's share is decided and not committed: ask again after the commit. */
    enum Wait implements Decision {
        FOR_COMMIT
    }

    /**
     * Everything that writes nothing. {@link #SOLD_OUT} and {@link #EXPIRED} may rest on decisions of the same batch:
     * they are told once that batch is committed, and asked again if it is not.
     */
    enum Refused implements Decision {
        /** Every share was opened by somebody else. Stays true. */
        SOLD_OUT,
        /** The refund is decided. Stays true. */
        EXPIRED,
        /** An exclusive packet of somebody else. */
        NOT_FOR_YOU,
        /** The packet was sent to another group. */
        NOT_IN_GROUP,
        /**
         * Not paid yet. True only at the moment of loading, since a publish does not pass through this memory: an owner
         * keeps no packet that awaits its payment, whatever made it load the packet.
         */
        NOT_PAID,
        /** Closed unpaid. Stays true. */
        CLOSED,
        /** Frozen by an operator or by reconciliation. True only at the moment of loading, as {@link #NOT_PAID} is. */
        FROZEN
    }
}
