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

    /** Everything that needs no commit. */
    enum Refused implements Decision {
        /** Every share was opened by somebody else. */
        SOLD_OUT,
        /** The refund is decided. */
        EXPIRED,
        /** An exclusive packet of somebody else. */
        NOT_FOR_YOU,
        /** The packet was sent to another group. */
        NOT_IN_GROUP,
        /** Not paid yet. */
        NOT_PAID,
        /** Closed unpaid. */
        CLOSED
    }
}
