package io.hongbao.wallet.wechat.payout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hongbao.wallet.payment.PaymentId;
import io.hongbao.wallet.payout.Payout;
import io.hongbao.wallet.payout.PayoutChannel;
import io.hongbao.wallet.payout.PayoutNews;
import io.hongbao.wallet.wechat.api.Trouble;
import io.hongbao.wallet.wechat.api.WeChatPayCalls;
import io.hongbao.wallet.wechat.api.WeChatPayConfig;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Transfers to a receiver's balance (fund-app/mch-transfer) and domestic refunds to where a payment came from. WeChat Pay
 * takes a number that it knows as the question how that one stands.
 */
@ApplicationScoped
public class WeChatPayouts implements PayoutChannel {
    private static final String TRANSFERS = "/v3/fund-app/mch-transfer/transfer-bills";
    private static final String REFUNDS = "/v3/refund/domestic/refunds";

    private final WeChatPayConfig config;
    private final WeChatPayCalls calls;

    public WeChatPayouts(WeChatPayConfig config, WeChatPayCalls calls) {
        this.config = config;
        this.calls = calls;
    }

    @Override
    public Uni<PayoutNews> ask(Payout payout) {
        Uni<PayoutNews> news = switch (payout.kind()) {
            case TRANSFER -> calls.post(TRANSFERS, transfer(payout)).map(answer -> transferNews(payout, answer));
            case REFUND -> calls.post(REFUNDS, refund(payout)).map(answer -> refundNews(payout, answer));
        };
        return news.onFailure(Trouble.class).recoverWithItem(failure -> {
            var trouble = (Trouble) failure;
            return switch (trouble.kind()) {
                case UNKNOWN -> new PayoutNews.Unanswered(trouble.code());
                case TOO_FAST -> new PayoutNews.TooFast(trouble.code());
                case NOT_ENOUGH -> new PayoutNews.NotEnough(trouble.code());
                // Absent is the order that a refund is of.
                case ABSENT, REFUSED -> new PayoutNews.Refused(trouble.code());
            };
        });
    }

    @Override
    public Uni<PayoutNews> standing(Payout payout) {
        Uni<PayoutNews> news = switch (payout.kind()) {
            case TRANSFER ->
                calls.get(TRANSFERS + "/out-bill-no/" + payout.number()).map(answer -> transferNews(payout, answer));
            case REFUND -> calls.get(REFUNDS + "/" + payout.number()).map(answer -> refundNews(payout, answer));
        };
        return news.onFailure(Trouble.class).recoverWithItem(failure -> {
            var trouble = (Trouble) failure;
            return switch (trouble.kind()) {
                case ABSENT -> new PayoutNews.Absent();
                case TOO_FAST -> new PayoutNews.TooFast(trouble.code());
                // A question that is refused says nothing about what it asks for.
                case UNKNOWN, NOT_ENOUGH, REFUSED -> new PayoutNews.Unanswered(trouble.code());
            };
        });
    }

    private ObjectNode transfer(Payout payout) {
        ObjectNode transfer = WeChatPayCalls.object()
                .put("appid", calls.appId())
                .put("out_bill_no", payout.number())
                .put("transfer_scene_id", config.transferSceneId())
                .put("openid", payout.userId())
                .put("transfer_amount", payout.amountFen())
                .put("transfer_remark", "红包")
                .put("notify_url", calls.notifyUrl("transfer"));
        var reports = transfer.putArray("transfer_scene_report_infos");
        config.transferSceneReports()
                .forEach((type, content) ->
                        reports.addObject().put("info_type", type).put("info_content", content));
        return transfer;
    }

    private ObjectNode refund(Payout payout) {
        ObjectNode refund = WeChatPayCalls.object()
                .put("out_trade_no", PaymentId.of(payout.packet()))
                .put("out_refund_no", payout.number())
                .put("reason", "红包退款")
                .put("notify_url", calls.notifyUrl("refund"));
        refund.putObject("amount")
                .put("refund", payout.amountFen())
                .put("total", payout.paidFen())
                .put("currency", "CNY");
        return refund;
    }

    /** Of an answer or a notification. What is not about this payout says nothing. */
    public static PayoutNews transferNews(Payout payout, JsonNode transfer) {
        JsonNode amount = transfer.path("transfer_amount");
        if (!transfer.path("out_bill_no").asText().equals(payout.number())
                || !amount.isMissingNode() && amount.asLong() != payout.amountFen()) {
            return new PayoutNews.Unanswered("OTHER_TRANSFER");
        }
        String state = transfer.path("state").asText();
        return switch (state) {
            case "SUCCESS" ->
                new PayoutNews.Done(transfer.path("transfer_bill_no").asText());
            case "FAIL", "CANCELLED" ->
                new PayoutNews.Failed(transfer.path("fail_reason").asText(state), true);
            default ->
                new PayoutNews.UnderWay(state, transfer.path("package_info").asText());
        };
    }

    /** Of an answer, whose state is {@code status}, or a notification, whose state is {@code refund_status}. */
    public static PayoutNews refundNews(Payout payout, JsonNode refund) {
        JsonNode amount = refund.path("amount");
        if (!refund.path("out_refund_no").asText().equals(payout.number())
                || !refund.path("out_trade_no").asText().equals(PaymentId.of(payout.packet()))
                || amount.path("refund").asLong() != payout.amountFen()
                || amount.path("total").asLong() != payout.paidFen()) {
            return new PayoutNews.Unanswered("OTHER_REFUND");
        }
        String state = refund.path("status").asText(refund.path("refund_status").asText());
        return switch (state) {
            case "SUCCESS" -> new PayoutNews.Done(refund.path("refund_id").asText());
            case "CLOSED" -> new PayoutNews.Failed(state, true);
            // The payer's card is gone. Somebody finishes this very refund by hand, at WeChat Pay.
            case "ABNORMAL" -> new PayoutNews.Failed(state, false);
            default -> new PayoutNews.UnderWay(state, "");
        };
    }
}
