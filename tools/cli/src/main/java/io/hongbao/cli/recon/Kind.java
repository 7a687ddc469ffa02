package io.hongbao.cli.recon;

import static io.hongbao.cli.recon.Remedy.FREEZE;
import static io.hongbao.cli.recon.Remedy.LOOK;
import static io.hongbao.cli.recon.Remedy.PUBLISH;
import static io.hongbao.cli.recon.Remedy.REPLAY;
import static io.hongbao.cli.recon.Remedy.RESTOCK;

/** What can differ between two stores, and what repairs it. */
public enum Kind {
    /** The packet's row and its shares do not add up. */
    NOT_CONSERVED(FREEZE),
    /** The packet is published, and the ledger has no payment transfer for it. */
    PAYMENT_MISSING(FREEZE),
    /** The payment transfer is over another amount than the packet. */
    PAYMENT_DIFFERS(FREEZE),
    /** The packet is published, and its payment is not confirmed, or over another amount. */
    PAYMENT_UNCONFIRMED(FREEZE),
    /** The money is there, and the order still waits for it, or was closed. */
    PUBLISH_MISSING(PUBLISH),
    /** The ledger or the records know a packet that the orders do not have. */
    PACKET_MISSING(LOOK),
    /** A share has no credit. */
    CREDIT_MISSING(REPLAY),
    /** A credit is over another amount than its share. */
    CREDIT_DIFFERS(FREEZE),
    /** A credit has no share. */
    CREDIT_UNKNOWN(FREEZE),
    /** A refund was decided and is not booked. */
    REFUND_MISSING(REPLAY),
    /** A refund is booked over another amount, or was not decided. */
    REFUND_DIFFERS(FREEZE),
    /** The escrow account does not hold what its transfers come to. */
    ESCROW_DIFFERS(FREEZE),
    /** Suspense does not hold what is suspended of the packet. */
    SUSPENSE_DIFFERS(LOOK),
    /** Money is booked as come from a payment provider, whose order is not paid. */
    RECEIPT_MISSING(FREEZE),
    /** A provider's order is paid, and no money is booked for it. */
    RECEIPT_UNBOOKED(LOOK),
    /** A booking of money that came through a provider is not carried on to its owner. */
    PAYOUT_MISSING(LOOK),
    /** A payout is over another amount, or to another user, than its booking. */
    PAYOUT_DIFFERS(FREEZE),
    /** A payout is done, and its money still in the wallet. */
    PAYOUT_UNBOOKED(LOOK),
    /** Money has left a wallet without a payout that is done. */
    PAYOUT_UNKNOWN(LOOK),
    /** The provider does not take the payout; its money is in suspense. */
    PAYOUT_SUSPENDED(LOOK),
    /** A payout has no outcome after a day. */
    PAYOUT_LATE(LOOK),
    /** The provider's bill has a movement that is no payment and no payout of ours. */
    BILL_UNKNOWN(LOOK),
    /** The provider's bill has another amount than the ledger. */
    BILL_DIFFERS(LOOK),
    /** A payment or payout of ours is not in the provider's bill. */
    BILL_MISSING(LOOK),
    /** Redis does not know an open packet. */
    STOCK_MISSING(RESTOCK),
    /** Redis counts other shares open than there are, or its numbers do not add up. */
    STOCK_DIFFERS(RESTOCK),
    /** Redis says that an open packet is final: nobody gets a ticket. */
    STOCK_MARKED(RESTOCK),
    /** A fact of the orders is not in the user records. */
    RECORD_MISSING(REPLAY),
    /** The user records say something else than the orders. */
    RECORD_DIFFERS(LOOK),
    /** The user records hold a fact that the orders do not have. */
    RECORD_UNKNOWN(LOOK);

    private final Remedy remedy;

    Kind(Remedy remedy) {
        this.remedy = remedy;
    }

    public Remedy remedy() {
        return remedy;
    }
}
