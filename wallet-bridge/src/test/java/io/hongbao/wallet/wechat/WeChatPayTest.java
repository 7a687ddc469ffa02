package io.hongbao.wallet.wechat;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.util.Timestamps;
import io.grpc.StatusRuntimeException;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.ClosePaymentRequest;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePaymentRequest;
import io.hongbao.v1.CreditState;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.Entry;
import io.hongbao.v1.EntryKind;
import io.hongbao.v1.GetCreditRequest;
import io.hongbao.v1.GetCreditResponse;
import io.hongbao.v1.GetPaymentRequest;
import io.hongbao.v1.ListEntriesRequest;
import io.hongbao.v1.ListSuspendedPayoutsRequest;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketRefunded;
import io.hongbao.v1.PaymentScene;
import io.hongbao.v1.PaymentState;
import io.hongbao.v1.PreparePaymentRequest;
import io.hongbao.v1.PreparePaymentResponse;
import io.hongbao.v1.ReleasePayoutRequest;
import io.hongbao.v1.ShareOpened;
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
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
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

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String kafka;

    /** The ledger's own database: what it holds, whatever the service says. */
    @Inject
    Pool ledger;

    private final int number = NEXT.incrementAndGet();
    private final String payer = "payer-" + number;
    private final String receiver = "receiver-" + number;
    private final long packet = PacketId.of(1, 2_001, 7, number, 0).value();

    @AfterEach
    void booksBalance() {
        tell("misbehave", "how=", "times=0");
        tell("payouts", "state=");
        tell("bills");
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
    void shouldReturnLateMoneyToItsPayerOnce() {
        // given
        prepared();
        wallet.closePayment(ClosePaymentRequest.newBuilder().setPacketId(packet).build());
        // when
        tell("pay");
        for (int i = 0; i < 5; i++) {
            assertEquals(204, forged(Forgery.GENUINE));
        }
        // then
        awaitPaidOut();
        assertEquals(1, number("select count(*) from payout where kind = 'REFUND' and packet_id = " + packet));
        assertEquals(
                List.of(EntryKind.ENTRY_KIND_PAYOUT, EntryKind.ENTRY_KIND_LATE),
                wallet
                        .listEntries(
                                ListEntriesRequest.newBuilder().setUserId(payer).build())
                        .getEntriesList()
                        .stream()
                        .map(Entry::getKind)
                        .toList());
        assertEquals(PaymentState.PAYMENT_STATE_CLOSED, state());
        assertEquals(0, escrowFen());
    }

    @Test
    void shouldRefundTheRemainderToItsSourceOnce() {
        // given
        paid();
        // when
        for (int i = 0; i < 3; i++) {
            happened(OrderEvent.newBuilder()
                    .setRefunded(PacketRefunded.newBuilder().setSenderId(payer).setRefundFen(AMOUNT_FEN)));
        }
        // then
        awaitPaidOut();
        assertEquals(0, escrowFen());
        assertEquals(1, number("select count(*) from payout where packet_id = " + packet));
        assertEquals(
                AMOUNT_FEN,
                number("select sum(amount_fen)::int8 from transfer where kind = 'PAYOUT' and packet_id = " + packet));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "drop", "SYSTEM_ERROR", "FREQUENCY_LIMITED", "NOT_ENOUGH", "PARAM_ERROR"})
    void shouldTransferAShareOnceWhateverTheFirstCallCameTo(String how) {
        // given
        paid();
        long balanceFen = tell("books").path("balance_fen").asLong();
        tell("misbehave", "how=" + how, "times=" + (how.isEmpty() ? 0 : 1));
        // when
        opened(AMOUNT_FEN);
        opened(AMOUNT_FEN);
        // then
        awaitPaidOut();
        assertEquals(AMOUNT_FEN, balanceFen - tell("books").path("balance_fen").asLong());
        GetCreditResponse credit = credit();
        assertEquals(CreditState.CREDIT_STATE_PAID_OUT, credit.getState());
        assertEquals(AMOUNT_FEN, credit.getAmountFen());
        assertTrue(Timestamps.compare(credit.getPaidOutAt(), credit.getBookedAt()) >= 0);
        assertEquals(1, number("select count(*) from payout where packet_id = " + packet));
    }

    @Test
    void shouldWaitForAReceiverWhoMustConfirm() {
        // given
        paid();
        tell("payouts", "state=WAIT_USER_CONFIRM");
        opened(AMOUNT_FEN);
        await().atMost(NEWS_TIME_MAX).until(() -> !credit().getPackageText().isEmpty());
        assertEquals(CreditState.CREDIT_STATE_UNDER_WAY, credit().getState());
        // when
        tellOfPayout("finish");
        // then
        awaitPaidOut();
    }

    @ParameterizedTest
    @ValueSource(strings = {"FAIL", "CANCELLED"})
    void shouldSuspendWhatFailsForGoodAndPayItUnderANewNumberOnceReleased(String state) {
        // given
        paid();
        tell("payouts", "state=" + state);
        opened(AMOUNT_FEN);
        await().atMost(NEWS_TIME_MAX).until(() -> credit().getState() == CreditState.CREDIT_STATE_SUSPENDED);
        assertEquals(0, balanceFen());
        String number = credit().getPayoutId();
        tell("payouts", "state=");
        // when
        assertTrue(release(number));
        // then
        awaitPaidOut();
        assertEquals(false, release(number));
        assertEquals(1, number("select count(*) from payout where state = 'REPLACED' and packet_id = " + packet));
        assertEquals(
                AMOUNT_FEN,
                number("select sum(amount_fen)::int8 from transfer where kind = 'PAYOUT' and packet_id = " + packet));
    }

    @Test
    void shouldSuspendAfterTheLastRefusalAndPayUnderTheSameNumberOnceReleased() {
        // given
        paid();
        tell("misbehave", "how=REFUSE_POSTS", "times=1000");
        opened(AMOUNT_FEN);
        await().atMost(NEWS_TIME_MAX).until(() -> credit().getState() == CreditState.CREDIT_STATE_SUSPENDED);
        String number = credit().getPayoutId();
        assertTrue(wallet
                .listSuspendedPayouts(ListSuspendedPayoutsRequest.newBuilder()
                        .setPageSize(100)
                        .build())
                .getPayoutsList()
                .stream()
                .anyMatch(payout -> payout.getPayoutId().equals(number) && payout.getAmountFen() == AMOUNT_FEN));
        tell("misbehave", "how=", "times=0");
        // when
        assertTrue(release(number));
        // then
        awaitPaidOut();
        assertEquals(number, credit().getPayoutId());
    }

    @Test
    void shouldRefuseForgedNotificationsOfAPayoutAndTakeTheGenuineOne() {
        // given
        paid();
        tell("payouts", "state=PROCESSING");
        opened(AMOUNT_FEN);
        await().atMost(NEWS_TIME_MAX).until(() -> !payoutNumber().isEmpty());
        for (Forgery forgery : Forgery.values()) {
            switch (forgery) {
                case GENUINE, TRANSACTION, APP, CURRENCY -> {
                    continue;
                }
                default -> {}
            }
            // when
            int status = tellOfPayout("tell", "as=" + forgery).path("status").asInt();
            // then
            assertTrue(
                    status / 100 == 4 || forgery == Forgery.HUGE && status == 0, forgery + " was answered " + status);
            assertEquals(CreditState.CREDIT_STATE_UNDER_WAY, credit().getState(), forgery.name());
        }
        tellOfPayout("finish");
        for (int i = 0; i < 20; i++) {
            assertEquals(204, tellOfPayout("tell").path("status").asInt());
        }
        assertEquals(CreditState.CREDIT_STATE_PAID_OUT, credit().getState());
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

    @Test
    void shouldFetchTheBillWithEveryMovement() {
        // given
        LocalDate day = LocalDate.now(PacketId.ZONE);
        paid();
        opened(AMOUNT_FEN);
        awaitPaidOut();
        // when
        wantBill(day);
        // A payment just before midnight is in the bill of the day before.
        wantBill(LocalDate.now(PacketId.ZONE));
        // then
        await().atMost(NEWS_TIME_MAX).untilAsserted(() -> assertEquals(AMOUNT_FEN, billedFen("""
                        select transaction_id from provider_order where packet_id = """ + packet)));
        assertEquals(-AMOUNT_FEN, billedFen("select provider_no from payout where packet_id = " + packet));
    }

    @Test
    void shouldNotStoreABillThatIsNotWhatItsHashSays() {
        // given
        paid();
        tell("bills", "cut=1");
        // when
        wantBill(LocalDate.now(PacketId.ZONE));
        // then
        await().atMost(NEWS_TIME_MAX)
                .until(() -> number("select count(*) from provider_bill where last_word like 'DAMAGED%'") == 1);
        assertEquals(0, number("""
                select count(*) from provider_bill_line join provider_bill using (day) where state = 'WANTED'
                """));
        tell("bills");
        run("update provider_bill set next_at = now() where state = 'WANTED'");
        await().atMost(NEWS_TIME_MAX)
                .until(() -> number("select count(*) from provider_bill where last_word like 'DAMAGED%'") == 0);
    }

    private void wantBill(LocalDate day) {
        run("delete from provider_bill where day = " + PacketId.dayOf(day));
        run("insert into provider_bill (day) values (%d)".formatted(PacketId.dayOf(day)));
    }

    /** What all bills say of one number. */
    private long billedFen(String number) {
        return number("select coalesce(sum(amount_fen), 0)::int8 from provider_bill_line where provider_no in (%s)"
                .formatted(number));
    }

    private void run(String sql) {
        ledger.query(sql).execute().await().atMost(NEWS_TIME_MAX);
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

    /** As callers do: UNAVAILABLE says to ask again. */
    private void prepared() {
        asked();
        await().atMost(NEWS_TIME_MAX)
                .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                .until(() -> prepare().getWayCase() != PreparePaymentResponse.WayCase.WAY_NOT_SET);
    }

    /** A packet whose money is in escrow. */
    private void paid() {
        prepared();
        tell("pay");
        await().atMost(NEWS_TIME_MAX).until(() -> state() == PaymentState.PAYMENT_STATE_CONFIRMED);
    }

    private void opened(long amountFen) {
        happened(OrderEvent.newBuilder()
                .setOpened(ShareOpened.newBuilder()
                        .setUserId(receiver)
                        .setAmountFen(amountFen)
                        .setSequence(1)
                        .setSenderId(payer)));
    }

    private void happened(OrderEvent.Builder event) {
        byte[] batch = OrderEventBatch.newBuilder()
                .addEvents(event.setPacketId(packet))
                .setOccurredAt(Timestamps.fromMillis(System.currentTimeMillis()))
                .build()
                .toByteArray();
        try (var producer = new KafkaProducer<byte[], byte[]>(
                Map.of("bootstrap.servers", kafka), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("hongbao.orders.v1", batch));
        }
    }

    private GetCreditResponse credit() {
        return wallet.getCredit(GetCreditRequest.newBuilder()
                .setPacketId(packet)
                .setUserId(receiver)
                .build());
    }

    private boolean release(String number) {
        return wallet.releasePayout(
                        ReleasePayoutRequest.newBuilder().setPayoutId(number).build())
                .getReleased();
    }

    private void awaitPaidOut() {
        await().atMost(NEWS_TIME_MAX)
                .until(() -> number("select count(*) from payout where state = 'DONE' and packet_id = " + packet) == 1);
        assertEquals(0, balanceFen());
    }

    /** What is in the wallets of payer and receiver. */
    private long balanceFen() {
        return number(
                "select coalesce(sum(balance_fen), 0)::int8 from account where account_id in ('user:%s', 'user:%s')"
                        .formatted(payer, receiver));
    }

    private String payoutNumber() {
        return tell("payout-of", "packet=" + packet).path("number").asText();
    }

    private JsonNode tellOfPayout(String what, String... parameters) {
        return tell(
                what,
                Stream.concat(Stream.of("payout=" + payoutNumber()), Stream.of(parameters))
                        .toArray(String[]::new));
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
