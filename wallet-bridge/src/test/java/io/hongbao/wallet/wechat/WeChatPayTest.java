package io.hongbao.wallet.wechat;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.ClosePaymentRequest;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePaymentRequest;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.EntryKind;
import io.hongbao.v1.GetBalanceRequest;
import io.hongbao.v1.GetPaymentRequest;
import io.hongbao.v1.ListEntriesRequest;
import io.hongbao.v1.PaymentScene;
import io.hongbao.v1.PaymentState;
import io.hongbao.v1.PreparePaymentRequest;
import io.hongbao.v1.PreparePaymentResponse;
import io.hongbao.v1.WalletServiceGrpc.WalletServiceBlockingStub;
import io.hongbao.wallet.StackResource;
import io.hongbao.wechatpay.sandbox.Forgery;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** wallet-bridge with WeChat Pay as its provider, against the sandbox: real HTTP, real signatures, a real ledger. */
@QuarkusTest
@WithTestResource(StackResource.class)
@WithTestResource(WeChatPayResource.class)
class WeChatPayTest {
    private static final Duration NEWS_TIME_MAX = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long AMOUNT_FEN = 888;
    private static final AtomicInteger NEXT = new AtomicInteger((int) (System.nanoTime() & 0xFFFFFF));

    private final HttpClient http = HttpClient.newHttpClient();

    @GrpcClient("wallet")
    WalletServiceBlockingStub wallet;

    @ConfigProperty(name = "hongbao.wechatpay.url")
    URI sandbox;

    /** The ledger's own database: what it holds, whatever the service says. */
    @Inject
    Pool ledger;

    private final int number = NEXT.incrementAndGet();
    private final String payer = "payer-" + number;
    private final long packet = PacketId.of(1, 2_001, 7, number, 0).value();

    @AfterEach
    void booksBalance() {
        assertEquals(0, number("select sum(balance_fen)::int8 from account"));
        assertEquals(0, number("""
            select count(*) from account a
            full join (select account_id, sum(amount_fen) as fen from entry group by 1) e using (account_id)
            where coalesce(a.balance_fen, 0) <> coalesce(e.fen, 0)
            """));
    }

    @Test
    void shouldConfirmWhenTheNotificationComes() {
        // given
        prepared();
        // when
        tell("pay");
        // then
        await().atMost(NEWS_TIME_MAX).until(() -> state() == PaymentState.PAYMENT_STATE_CONFIRMED);
        assertEquals(AMOUNT_FEN, escrowFen());
    }

    @Test
    void shouldRefuseEveryForgeryAndChangeNothing() {
        // given
        prepared();
        for (Forgery forgery : Forgery.values()) {
            if (forgery == Forgery.GENUINE || forgery == Forgery.TRANSACTION) {
                continue;
            }
            // when
            int status = forged(forgery);
            // then: a connection that is cut under 10 MB is a refusal, too
            assertTrue(
                    status / 100 == 4 || forgery == Forgery.HUGE && status == 0, forgery + " was answered " + status);
            assertEquals(PaymentState.PAYMENT_STATE_PENDING, state(), forgery.name());
        }
        assertEquals(0, escrowFen());
    }

    @Test
    void shouldRefuseAnotherPaymentOfAPaidOrder() {
        // given
        prepared();
        tell("pay");
        await().atMost(NEWS_TIME_MAX).until(() -> state() == PaymentState.PAYMENT_STATE_CONFIRMED);
        // when
        int status = forged(Forgery.TRANSACTION);
        // then
        assertEquals(400, status);
        assertEquals(AMOUNT_FEN, escrowFen());
    }

    @Test
    void shouldBookANotificationOnceThatComesTwentyTimes() {
        // given
        prepared();
        tell("pay");
        // when
        for (int i = 0; i < 20; i++) {
            assertEquals(204, forged(Forgery.GENUINE));
        }
        // then
        assertEquals(PaymentState.PAYMENT_STATE_CONFIRMED, state());
        assertEquals(AMOUNT_FEN, escrowFen());
    }

    @Test
    void shouldRefuseASignatureThatWasUsed() {
        // given
        prepared();
        tell("pay");
        // when
        JsonNode answers = tell("replay");
        // then
        assertEquals(204, answers.path("first").asInt());
        assertEquals(401, answers.path("status").asInt());
        assertEquals(AMOUNT_FEN, escrowFen());
    }

    @Test
    void shouldAskWhenNobodyTells() {
        // given
        prepared();
        // when
        tell("pay", "quiet=1");
        // then
        await().atMost(NEWS_TIME_MAX).until(() -> state() == PaymentState.PAYMENT_STATE_CONFIRMED);
        assertEquals(AMOUNT_FEN, escrowFen());
    }

    @Test
    void shouldAskForAPayerWhoSaysHeHasPaid() {
        // given
        prepared();
        assertRefused("has not received", this::confirm);
        tell("pay", "quiet=1");
        // when
        confirm();
        // then
        assertEquals(PaymentState.PAYMENT_STATE_CONFIRMED, state());
    }

    @Test
    void shouldKeepLateMoneyForItsPayer() {
        // given
        prepared();
        wallet.closePayment(ClosePaymentRequest.newBuilder().setPacketId(packet).build());
        // when
        tell("pay");
        for (int i = 0; i < 5; i++) {
            assertEquals(204, forged(Forgery.GENUINE));
        }
        // then
        var ask = ListEntriesRequest.newBuilder().setUserId(payer).build();
        var entries = wallet.listEntries(ask).getEntriesList();
        assertEquals(1, entries.size());
        assertEquals(EntryKind.ENTRY_KIND_LATE, entries.getFirst().getKind());
        assertEquals(
                AMOUNT_FEN,
                wallet.getBalance(
                                GetBalanceRequest.newBuilder().setUserId(payer).build())
                        .getBalanceFen());
        assertEquals(PaymentState.PAYMENT_STATE_CLOSED, state());
        assertEquals(0, escrowFen());
    }

    @Test
    void shouldCloseThereWhatIsClosedHere() {
        // given
        prepared();
        // when
        wallet.closePayment(ClosePaymentRequest.newBuilder().setPacketId(packet).build());
        // then: once WeChat Pay has heard of it nobody can pay
        await().atMost(NEWS_TIME_MAX)
                .until(() -> number("select count(*) from provider_order where ask_count > 0 and packet_id = " + packet)
                        == 1);
        await().atMost(NEWS_TIME_MAX)
                .until(() -> !tell("pay", "quiet=1").path("paid").asBoolean());
    }

    @ParameterizedTest
    @ValueSource(strings = {"drop", "delay", "SYSTEM_ERROR", "FREQUENCY_LIMITED"})
    void shouldPrepareTheSameOrderAgainAfterACallWentWrong(String how) {
        // given
        asked();
        tell("misbehave", "how=" + how, "times=100");
        assertRefused("does not answer", this::prepare);
        tell("misbehave", "how=", "times=0");
        // when
        String codeUrl = prepare().getCode().getCodeUrl();
        // then
        assertTrue(codeUrl.endsWith("pay-" + packet));
    }

    @Test
    void shouldSignTheParametersOfTheWeChatClient() {
        // given
        asked();
        // when
        var way = wallet.preparePayment(PreparePaymentRequest.newBuilder()
                        .setPaymentId("pay-" + packet)
                        .setPayerId(payer)
                        .setScene(PaymentScene.PAYMENT_SCENE_JSAPI)
                        .build())
                .getJsapi();
        // then
        assertEquals("prepay_id=wxpay-" + packet, way.getPackageText());
        assertEquals("RSA", way.getSignType());
        assertEquals(344, way.getPaySign().length());
    }

    @Test
    void shouldTakeNoDeposits() {
        assertRefused(
                "payment provider",
                () -> wallet.deposit(DepositRequest.newBuilder()
                        .setRequestId("d")
                        .setUserId(payer)
                        .setAmountFen(1)
                        .build()));
    }

    private void asked() {
        wallet.createPayment(CreatePaymentRequest.newBuilder()
                .setRequestId("r")
                .setPacketId(packet)
                .setPayerId(payer)
                .setAmountFen(AMOUNT_FEN)
                .setParametersHash(ByteString.copyFrom(new byte[32]))
                .build());
    }

    private PreparePaymentResponse prepare() {
        return wallet.preparePayment(PreparePaymentRequest.newBuilder()
                .setPaymentId("pay-" + packet)
                .setPayerId(payer)
                .build());
    }

    private void prepared() {
        asked();
        prepare();
    }

    private void confirm() {
        wallet.confirmPayment(ConfirmPaymentRequest.newBuilder()
                .setRequestId("c")
                .setPaymentId("pay-" + packet)
                .setPayerId(payer)
                .setAmountFen(AMOUNT_FEN)
                .build());
    }

    private PaymentState state() {
        return wallet.getPayment(
                        GetPaymentRequest.newBuilder().setPacketId(packet).build())
                .getPayment()
                .getState();
    }

    private long escrowFen() {
        return number(
                "select coalesce((select balance_fen from account where account_id = 'escrow:" + packet + "'), 0)");
    }

    private long number(String sql) {
        return ledger.query(sql)
                .execute()
                .await()
                .atMost(NEWS_TIME_MAX)
                .iterator()
                .next()
                .getLong(0);
    }

    private int forged(Forgery forgery) {
        return tell("notify", "as=" + forgery).path("status").asInt();
    }

    private JsonNode tell(String what, String... parameters) {
        try {
            String query = "order=pay-" + packet + "&" + String.join("&", parameters);
            var answer = http.send(
                    HttpRequest.newBuilder(sandbox.resolve("/sandbox/" + what + "?" + query))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void assertRefused(String words, Runnable call) {
        var refused = assertThrows(StatusRuntimeException.class, call::run);
        assertTrue(refused.getMessage().contains(words), refused.getMessage());
    }
}
