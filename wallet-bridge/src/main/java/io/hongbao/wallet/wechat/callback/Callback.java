package io.hongbao.wallet.wechat.callback;

import com.fasterxml.jackson.databind.JsonNode;
import io.hongbao.control.Audit;
import io.hongbao.control.AuditEntry;
import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Refusal;
import io.hongbao.wallet.WalletMetrics;
import io.hongbao.wallet.payment.PacketPublisher;
import io.hongbao.wallet.payment.PaymentId;
import io.hongbao.wallet.payout.Payout;
import io.hongbao.wallet.payout.PayoutNews;
import io.hongbao.wallet.payout.PayoutStore;
import io.hongbao.wallet.payout.Payouts;
import io.hongbao.wallet.wechat.api.WeChatPayCalls;
import io.hongbao.wallet.wechat.order.Arrival;
import io.hongbao.wallet.wechat.order.ProviderOrderStore;
import io.hongbao.wallet.wechat.payout.WeChatPayouts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Judges one notification. Nothing of the body is looked at before WeChat Pay's signature over its raw bytes
 * is verified, and nothing changes before everything fits:
 *
 * <pre>
 * headers ─▶ serial ─▶ fresh ─▶ signature ─▶ nonce is new ─▶ seal ─▶ merchant, app, currency ─▶ order, amount ─▶ booked
 *    └─────────┴────────┴──────────┴────────────┴─────────────┴───────────────┴───────────────────────┴──▶ 4xx, counted
 * </pre>
 */
@ApplicationScoped
class Callback {
    private static final Logger LOG = Logger.getLogger(Callback.class);

    /** WeChat Pay gives up after 5 s and comes again. */
    private static final Duration ANSWER_TIME_MAX = Duration.ofMillis(4_500);

    private static final int NONCE_LENGTH_MAX = 128;

    /** What came with a callback; null where the header is missing. */
    record Signed(
            @Nullable String timestamp,
            @Nullable String nonce,
            @Nullable String serial,
            @Nullable String signature) {}

    private final WeChatPayCalls calls;
    private final CallbackStore store;
    private final ProviderOrderStore orders;
    private final PacketPublisher publisher;
    private final PayoutStore payoutStore;
    private final Payouts payouts;
    private final WalletMetrics metrics;
    private final Audit audit;

    Callback(
            WeChatPayCalls calls,
            CallbackStore store,
            ProviderOrderStore orders,
            PacketPublisher publisher,
            PayoutStore payoutStore,
            Payouts payouts,
            WalletMetrics metrics,
            Audit audit) {
        this.calls = calls;
        this.store = store;
        this.orders = orders;
        this.publisher = publisher;
        this.payoutStore = payoutStore;
        this.payouts = payouts;
        this.metrics = metrics;
        metrics.expect("callbacks", "verdict", Verdict.values());
        this.audit = audit;
    }

    /** Never fails. */
    Uni<Verdict> judge(Subject subject, Signed signed, byte[] body) {
        return Uni.createFrom()
                .deferred(() -> verified(subject, signed, body))
                .ifNoItem()
                .after(ANSWER_TIME_MAX)
                .fail()
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.warnf("Callback is asked to come again cause=%s", failure.getMessage());
                    return Verdict.LATER;
                })
                .invoke(this::count);
    }

    void count(Verdict verdict) {
        metrics.callback(verdict);
        if (verdict.suspicious()) {
            LOG.warnf("Callback is refused verdict=%s", verdict);
            audit.record(AuditEntry.of("wallet-bridge", "callback.refused", verdict.name(), Map.of()));
        }
    }

    private Uni<Verdict> verified(Subject subject, Signed signed, byte[] body) {
        String nonce = signed.nonce();
        String timestamp = signed.timestamp();
        String serial = signed.serial();
        String signature = signed.signature();
        if (nonce == null
                || nonce.isEmpty()
                || nonce.length() > NONCE_LENGTH_MAX
                || timestamp == null
                || serial == null
                || signature == null) {
            return item(Verdict.HEADER_MISSING);
        }
        if (!calls.keys().knows(serial)) {
            return item(Verdict.SERIAL_UNKNOWN);
        }
        if (!WeChatPayCalls.isFresh(timestamp, Instant.now())) {
            return item(Verdict.STALE);
        }
        if (!calls.keys().verifies(serial, timestamp, nonce, body, signature)) {
            return item(Verdict.SIGNATURE_WRONG);
        }
        JsonNode notification;
        try {
            notification = WeChatPayCalls.parse(body);
        } catch (IOException damaged) {
            return item(Verdict.MALFORMED);
        }
        String id = notification.path("id").asText();
        if (id.isEmpty() || id.length() > NONCE_LENGTH_MAX) {
            return item(Verdict.MALFORMED);
        }
        return store.admit(serial + ":" + nonce, id).flatMap(admission -> {
            if (!admission.fresh()) {
                return item(Verdict.REPLAYED);
            }
            return admission.done()
                    ? item(Verdict.ACCEPTED)
                    : opened(subject, notification).flatMap(judged -> done(id, subject, judged));
        });
    }

    /** @param packet only with ACCEPTED */
    private record Judged(Verdict verdict, Optional<PacketId> packet) {
        static Uni<Judged> without(Verdict verdict) {
            return Uni.createFrom().item(new Judged(verdict, Optional.empty()));
        }
    }

    private Uni<Verdict> done(String id, Subject subject, Judged judged) {
        return judged.packet()
                .map(packet -> store.done(id, subject, packet).replaceWith(judged.verdict()))
                .orElseGet(() -> item(judged.verdict()));
    }

    private Uni<Judged> opened(Subject subject, JsonNode notification) {
        JsonNode resource = notification.path("resource");
        JsonNode money;
        try {
            money = WeChatPayCalls.parse(calls.keys()
                    .unseal(
                            resource.path("nonce").asText().getBytes(StandardCharsets.UTF_8),
                            resource.path("associated_data").asText().getBytes(StandardCharsets.UTF_8),
                            Base64.getDecoder()
                                    .decode(resource.path("ciphertext").asText())));
        } catch (GeneralSecurityException | IllegalArgumentException broken) {
            return Judged.without(Verdict.SEAL_BROKEN);
        } catch (IOException damaged) {
            return Judged.without(Verdict.MALFORMED);
        }
        // Notifications of transfers write it in two words.
        if (!money.path("mchid").asText(money.path("mch_id").asText()).equals(calls.merchantId())) {
            return Judged.without(Verdict.OTHER_MERCHANT);
        }
        return switch (subject) {
            case PAYMENT -> payment(money);
            case REFUND ->
                payout(money.path("out_refund_no").asText(), payout -> WeChatPayouts.refundNews(payout, money));
            case TRANSFER ->
                payout(money.path("out_bill_no").asText(), payout -> WeChatPayouts.transferNews(payout, money));
        };
    }

    private Uni<Judged> payout(String number, Function<Payout, PayoutNews> read) {
        return payoutStore.find(number).flatMap(found -> {
            if (found.isEmpty()) {
                return Judged.without(Verdict.NO_SUCH_PAYOUT);
            }
            Payout payout = found.get();
            PayoutNews news = read.apply(payout);
            // What it does not say of this payout it says of something else.
            return news instanceof PayoutNews.Unanswered
                    ? Judged.without(Verdict.OTHER_AMOUNT)
                    : payouts.told(payout, news)
                            .replaceWith(new Judged(Verdict.ACCEPTED, Optional.of(payout.packet())));
        });
    }

    private Uni<Judged> payment(JsonNode money) {
        if (!money.path("appid").asText().equals(calls.appId())) {
            return Judged.without(Verdict.OTHER_APP);
        }
        if (!money.path("trade_state").asText().equals("SUCCESS")) {
            return Judged.without(Verdict.IGNORED);
        }
        if (!money.path("amount").path("currency").asText().equals("CNY")) {
            return Judged.without(Verdict.OTHER_CURRENCY);
        }
        String transactionId = money.path("transaction_id").asText();
        if (transactionId.isEmpty()) {
            return Judged.without(Verdict.MALFORMED);
        }
        PacketId packet;
        try {
            packet = PaymentId.packetOf(money.path("out_trade_no").asText());
        } catch (Refusal noOrderOfOurs) {
            return Judged.without(Verdict.NO_SUCH_ORDER);
        }
        return orders.arrive(packet, money.path("amount").path("total").asLong(), transactionId)
                .map(arrival -> {
                    Verdict verdict = verdict(packet, arrival);
                    return new Judged(verdict, verdict == Verdict.ACCEPTED ? Optional.of(packet) : Optional.empty());
                });
    }

    private Verdict verdict(PacketId packet, Arrival arrival) {
        return switch (arrival) {
            case CONFIRMED -> {
                // Nobody waits for it here, and the sweep of send-svc makes up for one that is lost.
                publisher.publish(packet).subscribe().with(published -> {});
                yield Verdict.ACCEPTED;
            }
            case REPLAYED -> Verdict.ACCEPTED;
            case LATE -> {
                LOG.infof("Money came for a closed payment packet_id=%s", packet);
                yield Verdict.ACCEPTED;
            }
            case NO_SUCH_ORDER -> Verdict.NO_SUCH_ORDER;
            case OTHER_AMOUNT -> Verdict.OTHER_AMOUNT;
            case OTHER_TRANSACTION -> Verdict.OTHER_TRANSACTION;
        };
    }

    private static Uni<Verdict> item(Verdict verdict) {
        return Uni.createFrom().item(verdict);
    }
}
