package io.hongbao.wallet.wechat.callback;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.hongbao.core.id.PacketId;
import io.hongbao.fuzz.Fuzz;
import io.hongbao.kit.Refusal;
import io.hongbao.wallet.payment.PaymentId;
import io.hongbao.wallet.payout.Payout;
import io.hongbao.wallet.wechat.api.WeChatPayCalls;
import io.hongbao.wallet.wechat.api.WeChatPayKeys;
import io.hongbao.wallet.wechat.payout.WeChatPayouts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** What reads a notification: before its signature is believed, and after, when WeChat Pay itself might say odd things. */
class CallbackFuzzTest {
    private static final String SERIAL = "serial";
    private static final String TIME = "1800000000";
    private static final byte[] API_KEY = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BODY = """
            {"id":"n-1","create_time":"2026-11-25T00:00:00+08:00","resource_type":"encrypt-resource",\
            "event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"AEAD_AES_256_GCM","ciphertext":"AAAA",\
            "nonce":"0123456789ab","associated_data":"transaction"}}""".getBytes(StandardCharsets.UTF_8);
    private static final String MONEY = """
            {"mchid":"1900000001","appid":"wx1","out_trade_no":"pay-1251800700000042503","transaction_id":"42",\
            "trade_state":"SUCCESS","amount":{"total":100,"currency":"CNY","refund":100},"out_bill_no":"p1",\
            "out_refund_no":"p1","state":"SUCCESS","refund_status":"SUCCESS","transfer_amount":100}""";

    private final KeyPair platform = keyPair();
    private final WeChatPayKeys keys =
            new WeChatPayKeys(platform.getPrivate(), API_KEY, Map.of(SERIAL, platform.getPublic()));

    private static KeyPair keyPair() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2_048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private String signature() throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(platform.getPrivate());
        signature.update((TIME + "\nnonce\n").getBytes(StandardCharsets.UTF_8));
        signature.update(BODY);
        signature.update((byte) '\n');
        return Base64.getEncoder().encodeToString(signature.sign());
    }

    @Test
    void shouldBelieveNoBodyButTheOneThatWasSigned() throws Exception {
        String signature = signature();

        Fuzz.of("callback body")
                .samples(BODY)
                .run(input -> assertEquals(
                        Arrays.equals(BODY, input), keys.verifies(SERIAL, TIME, "nonce", input, signature)));
    }

    @Test
    void shouldReadAnyHeader() {
        Instant now = Instant.ofEpochSecond(Long.parseLong(TIME));

        Fuzz.of("callback headers").samples(TIME, "-1", "9223372036854775807").run(input -> {
            String header = new String(input, StandardCharsets.UTF_8);
            WeChatPayCalls.isFresh(header, now);
            keys.knows(header);
            assertEquals(false, keys.verifies(SERIAL, TIME, header, BODY, header));
        });
    }

    @Test
    void shouldUnsealNothingButWhatWasSealed() throws Exception {
        byte[] nonce = "0123456789ab".getBytes(StandardCharsets.US_ASCII);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(API_KEY, "AES"), new GCMParameterSpec(128, nonce));
        byte[] sealed = cipher.doFinal(MONEY.getBytes(StandardCharsets.UTF_8));
        byte[] none = {};

        Fuzz.of("callback seal").samples(sealed, nonce).run(input -> {
            try {
                keys.unseal(input, none, sealed);
                assertEquals(true, Arrays.equals(nonce, input));
            } catch (GeneralSecurityException | IllegalArgumentException broken) {
                // Judged as SEAL_BROKEN.
            }
            try {
                keys.unseal(nonce, none, input);
                assertEquals(true, Arrays.equals(sealed, input));
            } catch (GeneralSecurityException | IllegalArgumentException broken) {
                // Judged as SEAL_BROKEN.
            }
        });
    }

    @Test
    void shouldReadAnyJson() {
        var payout = new Payout(
                "p1",
                Payout.Kind.REFUND,
                new PacketId(1_2518_007_00000042_503L),
                "li-na",
                100,
                100,
                Instant.EPOCH,
                false,
                1,
                0);

        Fuzz.of("callback JSON")
                .samples(MONEY, new String(BODY, StandardCharsets.UTF_8), "[".repeat(400))
                .run(input -> {
                    JsonNode money;
                    try {
                        money = WeChatPayCalls.parse(input);
                    } catch (IOException damaged) {
                        return;
                    }
                    WeChatPayouts.refundNews(payout, money);
                    WeChatPayouts.transferNews(payout, money);
                    money.path("amount").path("total").asLong();
                    try {
                        PaymentId.packetOf(money.path("out_trade_no").asText());
                    } catch (Refusal noOrderOfOurs) {
                        // Judged as NO_SUCH_ORDER.
                    }
                });
    }
}
