package io.hongbao.wallet.provider;

/** What a payer needs in order to pay. */
public sealed interface PaymentWay {
    /** Nothing: the money is in the payer's wallet. */
    record Wallet() implements PaymentWay {}

    /** @param codeUrl text of a QR code */
    record Code(String codeUrl) implements PaymentWay {}

    /** Parameters of WeChat's own client, under WeChat's names. */
    record Jsapi(String appId, String timeStamp, String nonceStr, String packageText, String signType, String paySign)
            implements PaymentWay {}
}
