package io.hongbao.wallet.wechat.callback;

/** What a notification is about; the last part of the path it comes to. */
enum Subject {
    PAYMENT,
    REFUND,
    TRANSFER
}
