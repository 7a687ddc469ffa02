package io.hongbao.stock;

/** What Redis says to a grab. */
public sealed interface GrabAnswer {
    /**
     * A slot is leased.
     *
     * @param untilMillis end of the lease by Redis' clock, milliseconds since 1970
     * @param replay whether the user held this lease before
     */
    record Leased(long untilMillis, boolean replay) implements GrabAnswer {}

    /** No slot, and why. */
    enum Denied implements GrabAnswer {
        /** Redis does not know the packet: it is not published yet, it is long gone, or Redis lost it. */
        UNKNOWN_PACKET,
        /** Every share is leased or open. A lease may still come back. */
        SOLD_OUT,
        /** The packet's time is over by Redis' clock, and nobody has said yet that it is final. */
        PAST_EXPIRY,
        /** The user's share is open. */
        ALREADY_OPENED,
        /** The packet is for another user. */
        NOT_FOR_YOU,
        /** The packet was sent to another group. */
        OTHER_GROUP,
        /** Every share is open. Final. */
        FINISHED,
        /** The packet expired and what was left went back. Final. */
        REFUNDED
    }
}
