package io.hongbao.wechatpay.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Transfers and refunds of the sandbox, with the merchant's own account, which every fen goes through. A number that is
 * known is shown, not paid again; the same number for something else is refused.
 */
final class Payouts {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** One transfer or refund, guarded by itself. */
    static final class Payout {
        final boolean refund;
        final ObjectNode asked;
        final String providerNumber;
        String state;
        String failReason = "";
        boolean told;

        Payout(boolean refund, ObjectNode asked, String providerNumber, String state) {
            this.refund = refund;
            this.asked = asked;
            this.providerNumber = providerNumber;
            this.state = state;
        }

        String number() {
            return asked.path(refund ? "out_refund_no" : "out_bill_no").asText();
        }

        long amountFen() {
            return refund
                    ? asked.path("amount").path("refund").asLong()
                    : asked.path("transfer_amount").asLong();
        }
    }

    private final Map<String, Payout> payouts = new ConcurrentHashMap<>();
    private final Map<String, Long> refundedFen = new ConcurrentHashMap<>();
    private final AtomicLong balanceFen = new AtomicLong();
    private final FundFlow fundFlow;
    private final AtomicLong nextNumber = new AtomicLong(1);
    private volatile String failing = "";

    Payouts(FundFlow fundFlow) {
        this.fundFlow = fundFlow;
    }

    /** A payment has come in. */
    void received(String order, String transactionId, long amountFen) {
        balanceFen.addAndGet(amountFen);
        fundFlow.add(transactionId, "交易", amountFen, order);
    }

    /** What the merchant's account holds. */
    long balanceFen() {
        return balanceFen.get();
    }

    long doneCount() {
        return payouts.values().stream()
                .filter(payout -> payout.state.equals("SUCCESS"))
                .count();
    }

    /** New transfers and refunds end in this state instead of SUCCESS: FAIL, PROCESSING, ABNORMAL, WAIT_USER_CONFIRM … */
    void endIn(String state) {
        failing = state;
    }

    /** What was under way, or was finished by hand, is done now. @return whether it is */
    synchronized boolean finish(String number) {
        Payout payout = payouts.get(number);
        if (payout == null || payout.state.equals("FAIL") || payout.state.equals("CLOSED")) {
            return false;
        }
        if (!payout.state.equals("SUCCESS")) {
            pay(payout);
        }
        return true;
    }

    /** @return whether it has ended and nobody was told yet; the caller tells */
    synchronized boolean toBeTold(String number) {
        Payout payout = of(number);
        boolean now = !payout.told && payout.state.equals("SUCCESS");
        payout.told |= now;
        return now;
    }

    private void pay(Payout payout) {
        payout.state = "SUCCESS";
        balanceFen.addAndGet(-payout.amountFen());
        fundFlow.add(payout.providerNumber, payout.refund ? "退款" : "转账", -payout.amountFen(), payout.number());
    }

    synchronized Sandbox.Answer transfer(ObjectNode asked) {
        if (!asked.path("appid").asText().equals(Sandbox.APP_ID)
                || !asked.path("out_bill_no").asText().matches("[0-9A-Za-z]{1,32}")
                || asked.path("openid").asText().isEmpty()
                || asked.path("transfer_amount").asLong() < 1
                || asked.path("transfer_scene_id").asText().isEmpty()
                || asked.path("transfer_remark").asText().isEmpty()) {
            return Sandbox.Answer.refusal(400, "PARAM_ERROR");
        }
        return added(new Payout(false, asked, "1330000071100999991182" + nextNumber.getAndIncrement(), "ACCEPTED"));
    }

    /** @param paidFen what was paid for the order; 0 if it is not paid */
    synchronized Sandbox.Answer refund(ObjectNode asked, long paidFen) {
        String order = asked.path("out_trade_no").asText();
        long fen = asked.path("amount").path("refund").asLong();
        if (paidFen == 0) {
            return Sandbox.Answer.refusal(404, "RESOURCE_NOT_EXISTS");
        }
        String number = asked.path("out_refund_no").asText();
        if (fen < 1
                || asked.path("amount").path("total").asLong() != paidFen
                || !number.matches("[0-9A-Za-z_\\-|*@]{1,64}")) {
            return Sandbox.Answer.refusal(400, "PARAM_ERROR");
        }
        if (!payouts.containsKey(number)) {
            if (refundedFen.getOrDefault(order, 0L) + fen > paidFen) {
                return Sandbox.Answer.refusal(400, "INVALID_REQUEST");
            }
        }
        Sandbox.Answer answer =
                added(new Payout(true, asked, "5030000000" + nextNumber.getAndIncrement(), "PROCESSING"));
        return answer;
    }

    private Sandbox.Answer added(Payout made) {
        Payout known = payouts.get(made.number());
        if (known != null) {
            return known.asked.equals(made.asked)
                    ? shown(known)
                    : Sandbox.Answer.refusal(400, made.refund ? "INVALID_REQUEST" : "ALREADY_EXISTS");
        }
        if (balanceFen.get() < made.amountFen()) {
            return Sandbox.Answer.refusal(403, "NOT_ENOUGH");
        }
        payouts.put(made.number(), made);
        String end = failing;
        if (end.isEmpty()) {
            pay(made);
        } else {
            made.state = end;
            made.failReason = end.equals("FAIL") ? "ACCOUNT_ABNORMAL" : "";
        }
        if (made.refund && !made.state.equals("CLOSED")) {
            refundedFen.merge(made.asked.path("out_trade_no").asText(), made.amountFen(), Long::sum);
        }
        return shown(made);
    }

    synchronized Sandbox.Answer show(String number) {
        Payout payout = payouts.get(number);
        return payout == null ? Sandbox.Answer.refusal(404, "NOT_FOUND") : shown(payout);
    }

    private static Sandbox.Answer shown(Payout payout) {
        return new Sandbox.Answer(200, resource(payout, false).toString());
    }

    Payout of(String number) {
        Payout payout = payouts.get(number);
        if (payout == null) {
            throw new IllegalArgumentException("no payout " + number);
        }
        return payout;
    }

    /** The number of a packet's only payout of that kind; empty if there is none. */
    String numberOf(String prefix) {
        return payouts.keySet().stream()
                .filter(number -> number.startsWith(prefix))
                .findFirst()
                .orElse("");
    }

    /** As an answer shows it, or as a notification tells it. */
    static ObjectNode resource(Payout payout, boolean notification) {
        JsonNode asked = payout.asked;
        ObjectNode shown = JSON.createObjectNode();
        if (payout.refund) {
            if (notification) {
                shown.put("mchid", Sandbox.MERCHANT_ID);
            }
            shown.put("refund_id", payout.providerNumber)
                    .put("out_refund_no", payout.number())
                    .put("transaction_id", "4200" + payout.providerNumber)
                    .put("out_trade_no", asked.path("out_trade_no").asText())
                    .put("channel", "ORIGINAL")
                    .put("user_received_account", "支付用户零钱")
                    .put("create_time", Sandbox.now())
                    .put(notification ? "refund_status" : "status", payout.state);
            shown.putObject("amount")
                    .put("total", asked.path("amount").path("total").asLong())
                    .put("refund", payout.amountFen())
                    .put("payer_total", asked.path("amount").path("total").asLong())
                    .put("payer_refund", payout.amountFen())
                    .put("currency", "CNY");
            return shown;
        }
        shown.put(notification ? "mch_id" : "mchid", Sandbox.MERCHANT_ID)
                .put("appid", Sandbox.APP_ID)
                .put("out_bill_no", payout.number())
                .put("transfer_bill_no", payout.providerNumber)
                .put("state", payout.state)
                .put("transfer_amount", payout.amountFen())
                .put("openid", asked.path("openid").asText())
                .put("create_time", Sandbox.now())
                .put("update_time", Sandbox.now());
        if (!payout.failReason.isEmpty()) {
            shown.put("fail_reason", payout.failReason);
        }
        if (payout.state.equals("WAIT_USER_CONFIRM")) {
            shown.put("package_info", "package of " + payout.number());
        }
        return shown;
    }
}
