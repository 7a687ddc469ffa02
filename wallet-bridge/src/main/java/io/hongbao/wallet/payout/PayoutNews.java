package io.hongbao.wallet.payout;

/** What a provider says of a payout, or that it does not say. */
public sealed interface PayoutNews {
    /** The owner has the money. @param providerNumber the provider's own number of it */
    record Done(String providerNumber) implements PayoutNews {}

    /** @param state in the provider's words @param packageText what the receiver's client needs to confirm; may be empty */
    record UnderWay(String state, String packageText) implements PayoutNews {}

    /**
     * It has stopped, and does not go on by itself.
     *
     * @param forGood whether no money has moved under this number and none ever will
     */
    record Failed(String word, boolean forGood) implements PayoutNews {}

    /** The provider does not know this number. */
    record Absent() implements PayoutNews {}

    /** Whether it took effect is unknown: to be asked for, never to be asked under another number. */
    record Unanswered(String word) implements PayoutNews {}

    /** Nothing was done: too many calls. */
    record TooFast(String word) implements PayoutNews {}

    /** Nothing was done: our account at the provider holds too little. */
    record NotEnough(String word) implements PayoutNews {}

    /** Nothing was done: the provider does not want it like this. */
    record Refused(String word) implements PayoutNews {}
}
