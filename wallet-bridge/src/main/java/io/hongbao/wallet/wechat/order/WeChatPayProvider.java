package io.hongbao.wallet.wechat.order;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEPENDENCY_UNAVAILABLE;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_NOT_THE_PAYER;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PAYMENT_AMOUNT_MISMATCH;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PAYMENT_CLOSED;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PAYMENT_NOT_RECEIVED;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Refusal;
import io.hongbao.wallet.payment.PaymentId;
import io.hongbao.wallet.payment.PaymentRecord.Asked;
import io.hongbao.wallet.payment.Payments;
import io.hongbao.wallet.payout.PayoutChannel;
import io.hongbao.wallet.provider.PaymentProvider;
import io.hongbao.wallet.provider.PaymentWay;
import io.hongbao.wallet.wechat.api.Trouble;
import io.hongbao.wallet.wechat.api.WeChatPayCalls;
import io.hongbao.wallet.wechat.api.WeChatPayConfig;
import io.hongbao.wallet.wechat.payout.WeChatPayouts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Typed;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * WeChat Pay v3 as the payer's side of a payment. The order there bears the payment id; preparing it again gives the same
 * order. Whatever WeChat Pay says, told or asked, ends in {@link ProviderOrderStore#arrive}.
 */
@ApplicationScoped
@Typed(WeChatPayProvider.class)
public class WeChatPayProvider implements PaymentProvider {
    private static final Logger LOG = Logger.getLogger(WeChatPayProvider.class);
    private static final String ORDERS = "/v3/pay/transactions/out-trade-no/";
    private static final ZoneId CHINA = ZoneId.of("Asia/Shanghai");

    private final WeChatPayConfig config;
    private final WeChatPayCalls calls;
    private final ProviderOrderStore orders;
    private final Payments payments;
    private final WeChatPayouts payouts;

    public WeChatPayProvider(
            WeChatPayConfig config,
            WeChatPayCalls calls,
            ProviderOrderStore orders,
            Payments payments,
            WeChatPayouts payouts) {
        this.config = config;
        // Asked now, so that a setting or a key that is missing stops the start and not the first payer.
        calls.keys();
        this.calls = calls;
        this.orders = orders;
        this.payments = payments;
        this.payouts = payouts;
    }

    @Override
    public Optional<PayoutChannel> payouts() {
        return Optional.of(payouts);
    }

    @Override
    public Uni<PaymentWay> prepare(Asked payment, Scene scene) {
        Instant expiresAt = payment.createdAt().plus(config.timeToPay()).truncatedTo(ChronoUnit.SECONDS);
        // Our row first: an order that is made there and not known here would never be asked about.
        return orders.prepare(payment.packet(), expiresAt, config.orderAskMin())
                .flatMap(known -> {
                    if (known.isEmpty()) {
                        throw Refusal.of(ERROR_REASON_PAYMENT_CLOSED, "the payment is not pending any more");
                    }
                    return calls.post(
                            "/v3/pay/transactions/" + (scene == Scene.JSAPI ? "jsapi" : "native"),
                            order(payment, scene, known.getFirst()));
                })
                .onFailure(Trouble.class)
                .transform(WeChatPayProvider::away)
                .map(answer -> switch (scene) {
                    case NATIVE -> new PaymentWay.Code(answer.path("code_url").asText());
                    case JSAPI -> jsapi(answer.path("prepay_id").asText());
                });
    }

    private ObjectNode order(Asked payment, Scene scene, Instant expiresAt) {
        ObjectNode order = WeChatPayCalls.object()
                .put("appid", calls.appId())
                .put("mchid", calls.merchantId())
                .put("description", "红包")
                .put("out_trade_no", PaymentId.of(payment.packet()))
                .put("time_expire", DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(expiresAt.atZone(CHINA)))
                .put("notify_url", calls.notifyUrl("payment"));
        order.putObject("amount").put("total", payment.amountFen()).put("currency", "CNY");
        if (scene == Scene.JSAPI) {
            order.putObject("payer").put("openid", payment.payerId());
        }
        return order;
    }

    private PaymentWay jsapi(String prepayId) {
        String seconds = Long.toString(Instant.now().getEpochSecond());
        String nonce = calls.nonce();
        String what = "prepay_id=" + prepayId;
        String signature = calls.keys().sign(calls.appId() + "\n" + seconds + "\n" + nonce + "\n" + what + "\n");
        return new PaymentWay.Jsapi(calls.appId(), seconds, nonce, what, "RSA", signature);
    }

    /** Asks WeChat Pay unless the payment is confirmed already: its notification may be late, or lost. */
    @Override
    public Uni<Payments.Result> confirm(PacketId packet, String payerId, long amountFen) {
        return payments.get(packet).flatMap(payment -> {
            if (!payment.payerId().equals(payerId)) {
                throw Refusal.of(ERROR_REASON_NOT_THE_PAYER, "only the payer may confirm a payment");
            }
            if (payment.amountFen() != amountFen) {
                throw Refusal.of(ERROR_REASON_PAYMENT_AMOUNT_MISMATCH, "amount_fen is not the payment's");
            }
            return switch (payment.state()) {
                case CONFIRMED -> Uni.createFrom().item(new Payments.Result(payment, true));
                case CLOSED -> throw Refusal.of(ERROR_REASON_PAYMENT_CLOSED, "the payment was closed");
                case PENDING ->
                    ask(packet)
                            .onFailure(Trouble.class)
                            .transform(WeChatPayProvider::away)
                            .flatMap(asked -> payments.get(packet))
                            .map(now -> switch (now.state()) {
                                case CONFIRMED -> new Payments.Result(now, false);
                                case CLOSED -> throw Refusal.of(ERROR_REASON_PAYMENT_CLOSED, "the payment was closed");
                                case PENDING ->
                                    throw Refusal.of(
                                            ERROR_REASON_PAYMENT_NOT_RECEIVED, "WeChat Pay has not received the money");
                            });
            };
        });
    }

    private static Throwable away(Throwable trouble) {
        LOG.warnf("WeChat Pay gave no answer to a payer cause=%s", trouble.getMessage());
        return Refusal.of(ERROR_REASON_DEPENDENCY_UNAVAILABLE, "WeChat Pay does not answer")
                .with("dependency", "wechatpay");
    }

    /** How WeChat Pay says an order stands. */
    enum Standing {
        PAID,
        UNPAID,
        /** Never made, or closed there. */
        GONE
    }

    /** Asks how an order stands, and books its money if it has come. Fails with {@link Trouble}. */
    Uni<Standing> ask(PacketId packet) {
        return calls.get(ORDERS + PaymentId.of(packet) + "?mchid=" + calls.merchantId())
                .flatMap(order -> switch (order.path("trade_state").asText()) {
                    // REFUND: paid, and on its way back since.
                    case "SUCCESS", "REFUND" -> arrived(packet, order).replaceWith(Standing.PAID);
                    case "CLOSED", "REVOKED" -> Uni.createFrom().item(Standing.GONE);
                    default -> Uni.createFrom().item(Standing.UNPAID);
                })
                .onFailure(failure -> failure instanceof Trouble trouble && trouble.kind() == Trouble.Kind.ABSENT)
                .recoverWithItem(Standing.GONE);
    }

    private Uni<Arrival> arrived(PacketId packet, JsonNode order) {
        return orders.arrive(
                        packet,
                        order.path("amount").path("total").asLong(),
                        order.path("transaction_id").asText())
                .invoke(arrival -> {
                    switch (arrival) {
                        case CONFIRMED, REPLAYED, LATE -> {}
                        case NO_SUCH_ORDER, OTHER_AMOUNT, OTHER_TRANSACTION ->
                            LOG.errorf(
                                    "WeChat Pay names money that fits no order packet_id=%s arrival=%s",
                                    packet, arrival);
                    }
                });
    }

    /** Closes an order there, so that nobody can pay it. Fails with {@link Trouble}. */
    Uni<Void> close(PacketId packet) {
        return calls.post(
                        ORDERS + PaymentId.of(packet) + "/close",
                        WeChatPayCalls.object().put("mchid", calls.merchantId()))
                .replaceWithVoid();
    }
}
