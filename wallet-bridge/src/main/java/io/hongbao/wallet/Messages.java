package io.hongbao.wallet;

import com.google.protobuf.Timestamp;
import io.hongbao.v1.CodeWay;
import io.hongbao.v1.CreditState;
import io.hongbao.v1.Entry;
import io.hongbao.v1.EntryKind;
import io.hongbao.v1.GetCreditResponse;
import io.hongbao.v1.JsapiWay;
import io.hongbao.v1.Payment;
import io.hongbao.v1.PaymentState;
import io.hongbao.v1.PreparePaymentResponse;
import io.hongbao.v1.SuspendedPayout;
import io.hongbao.v1.WalletWay;
import io.hongbao.wallet.ledger.EntryEntity;
import io.hongbao.wallet.payment.PaymentId;
import io.hongbao.wallet.payment.PaymentRecord;
import io.hongbao.wallet.payment.PaymentRecord.Asked;
import io.hongbao.wallet.payment.PaymentRecord.ClosedUnasked;
import io.hongbao.wallet.payment.PaymentRecord.State;
import io.hongbao.wallet.payout.CreditReader.Credit;
import io.hongbao.wallet.payout.PayoutStore.Suspended;
import io.hongbao.wallet.provider.PaymentWay;
import java.time.Instant;
import java.util.Optional;

/** Rows of the ledger in the words of wallet.proto. */
final class Messages {
    private Messages() {}

    static Payment payment(PaymentRecord payment) {
        return switch (payment) {
            case ClosedUnasked closed ->
                Payment.newBuilder()
                        .setPacketId(closed.packet().value())
                        .setState(PaymentState.PAYMENT_STATE_CLOSED)
                        .build();
            case Asked asked -> {
                Payment.Builder message = Payment.newBuilder()
                        .setPaymentId(PaymentId.of(asked.packet()))
                        .setPacketId(asked.packet().value())
                        .setPayerId(asked.payerId())
                        .setAmountFen(asked.amountFen())
                        .setState(state(asked.state()))
                        .setCreatedAt(timestamp(asked.createdAt()));
                asked.confirmedAt().ifPresent(at -> message.setConfirmedAt(timestamp(at)));
                yield message.build();
            }
        };
    }

    static PreparePaymentResponse way(PaymentWay way) {
        var message = PreparePaymentResponse.newBuilder();
        return switch (way) {
            case PaymentWay.Wallet wallet ->
                message.setWallet(WalletWay.getDefaultInstance()).build();
            case PaymentWay.Code code ->
                message.setCode(CodeWay.newBuilder().setCodeUrl(code.codeUrl())).build();
            case PaymentWay.Jsapi jsapi ->
                message.setJsapi(JsapiWay.newBuilder()
                                .setAppId(jsapi.appId())
                                .setTimeStamp(jsapi.timeStamp())
                                .setNonceStr(jsapi.nonceStr())
                                .setPackageText(jsapi.packageText())
                                .setSignType(jsapi.signType())
                                .setPaySign(jsapi.paySign()))
                        .build();
        };
    }

    static Entry entry(EntryEntity entry) {
        return Entry.newBuilder()
                .setTransferId(entry.transferId)
                .setKind(EntryKind.valueOf("ENTRY_KIND_" + entry.kind))
                .setAmountFen(entry.amountFen)
                .setPacketId(entry.packetId)
                .setCreatedAt(timestamp(entry.createdAt))
                .build();
    }

    static GetCreditResponse credit(Optional<Credit> found) {
        if (found.isEmpty()) {
            return GetCreditResponse.newBuilder()
                    .setState(CreditState.CREDIT_STATE_NOT_BOOKED)
                    .build();
        }
        Credit credit = found.get();
        var message = GetCreditResponse.newBuilder()
                .setState(
                        switch (credit.payoutState()) {
                            case "" -> CreditState.CREDIT_STATE_IN_WALLET;
                            case "DONE" -> CreditState.CREDIT_STATE_PAID_OUT;
                            case "SUSPENDED" -> CreditState.CREDIT_STATE_SUSPENDED;
                            default -> CreditState.CREDIT_STATE_UNDER_WAY;
                        })
                .setAmountFen(credit.amountFen())
                .setBookedAt(timestamp(credit.bookedAt()))
                .setPayoutId(credit.payoutNumber())
                .setPackageText(credit.packageText());
        credit.decidedAt().ifPresent(at -> message.setDecidedAt(timestamp(at)));
        credit.paidOutAt().ifPresent(at -> message.setPaidOutAt(timestamp(at)));
        return message.build();
    }

    static SuspendedPayout suspended(Suspended suspended) {
        return SuspendedPayout.newBuilder()
                .setPayoutId(suspended.payout().number())
                .setPacketId(suspended.payout().packet().value())
                .setUserId(suspended.payout().userId())
                .setAmountFen(suspended.payout().amountFen())
                .setLastWord(suspended.word())
                .setFailed(suspended.failed())
                .build();
    }

    private static PaymentState state(State state) {
        return switch (state) {
            case PENDING -> PaymentState.PAYMENT_STATE_PENDING;
            case CONFIRMED -> PaymentState.PAYMENT_STATE_CONFIRMED;
            case CLOSED -> PaymentState.PAYMENT_STATE_CLOSED;
        };
    }

    private static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }
}
