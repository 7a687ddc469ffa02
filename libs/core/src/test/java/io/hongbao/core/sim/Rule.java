package io.hongbao.core.sim;

/** The rules that keep the promises; a mutation check breaks one of them, and the checker has to notice. */
enum Rule {
    /** A commit holds only if the row still has the version its decisions stand on. */
    VERSION_GUARD,
    /** A user has one share of a packet: the primary key. */
    SHARE_KEY,
    /** After a commit whose outcome is unknown the owner loads the packet again and answers what it finds there. */
    LOOK_UP_AFTER_UNKNOWN,
    /** The refund is due by the store's clock. */
    DUE_BY_STORE_CLOCK,
    /** Nobody hears of a decision, or of what rests on one, before it is committed. */
    ANSWER_AFTER_COMMIT,
    /** A packet that is not paid is not kept in memory. */
    FORGET_UNPAID
}
