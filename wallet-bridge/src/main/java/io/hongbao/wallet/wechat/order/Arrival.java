package io.hongbao.wallet.wechat.order;

/** What became of money that WeChat Pay says it has received. */
public enum Arrival {
    /** It pays the order. */
    CONFIRMED,
    /** It was known. */
    REPLAYED,
    /** The order was closed: it is the payer's, and goes back. */
    LATE,
    /** No order was prepared under this number. */
    NO_SUCH_ORDER,
    /** The order is over another amount. */
    OTHER_AMOUNT,
    /** The order was paid by another transaction. */
    OTHER_TRANSACTION
}
