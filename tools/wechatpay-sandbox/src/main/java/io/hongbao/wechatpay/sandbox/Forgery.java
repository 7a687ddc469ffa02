package io.hongbao.wechatpay.sandbox;

/** How a notification is not what it claims to be. */
public enum Forgery {
    /** None: as WeChat Pay would send it. */
    GENUINE,
    NO_SIGNATURE,
    /** The signature is of other bytes. */
    SIGNATURE,
    /** Signed with the merchant's key instead of the platform's. */
    OTHER_KEY,
    SERIAL,
    /** Rightly signed, six minutes ago. */
    OLD,
    /** Rightly signed, six minutes from now. */
    FUTURE,
    /** The last byte of the GCM tag is flipped, then rightly signed. */
    TAG,
    AMOUNT,
    CURRENCY,
    ORDER,
    MERCHANT,
    APP,
    /** Another payment for an order that is paid. */
    TRANSACTION,
    /** 10 MB, rightly signed. */
    HUGE,
    /** Rightly signed, no JSON. */
    GARBAGE
}
