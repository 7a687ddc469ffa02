package io.hongbao.wallet.wechat.callback;

/** What a callback came to. */
public enum Verdict {
    /** It had its effect, or had had it before. */
    ACCEPTED(204),
    /** Nothing in it that concerns us: a payment that failed. */
    IGNORED(204),
    /** More than any notification holds. */
    TOO_LARGE(413),
    /** A header that every notification has is missing. */
    HEADER_MISSING(401),
    /** No key of ours has this serial number. */
    SERIAL_UNKNOWN(401),
    /** Signed more than five minutes ago, or from now. */
    STALE(401),
    /** The signature is not WeChat Pay's over these bytes. */
    SIGNATURE_WRONG(401),
    /** This very signature was accepted before. */
    REPLAYED(401),
    /** Not the JSON of a notification. */
    MALFORMED(400),
    /** The seal is broken. */
    SEAL_BROKEN(400),
    OTHER_MERCHANT(400),
    OTHER_APP(400),
    OTHER_CURRENCY(400),
    NO_SUCH_ORDER(400),
    OTHER_AMOUNT(400),
    OTHER_TRANSACTION(400),
    NO_SUCH_PAYOUT(400),
    /** The ledger does not answer: WeChat Pay shall come again. */
    LATER(503);

    private final int status;

    Verdict(int status) {
        this.status = status;
    }

    int status() {
        return status;
    }

    /** Whether somebody sent what WeChat Pay would not have sent us. */
    boolean suspicious() {
        return status / 100 == 4;
    }
}
