package io.hongbao.wallet.payout;

import io.smallrye.mutiny.Uni;

/** A provider's side of payouts. Neither call fails: not to know is an answer. */
public interface PayoutChannel {
    /** Asks for the payout. The same number may be asked for again: it is paid once. */
    Uni<PayoutNews> ask(Payout payout);

    /** How the payout stands. */
    Uni<PayoutNews> standing(Payout payout);
}
