package io.hongbao.wallet;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.ClosePaymentRequest;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePaymentRequest;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.Entry;
import io.hongbao.v1.EntryKind;
import io.hongbao.v1.GetBalanceRequest;
import io.hongbao.v1.GetPaymentRequest;
import io.hongbao.v1.ListEntriesRequest;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketRefunded;
import io.hongbao.v1.PaymentState;
import io.hongbao.v1.PreparePaymentRequest;
import io.hongbao.v1.ShareOpened;
import io.hongbao.v1.TransferEventBatch;
import io.hongbao.v1.TransferSettled;
import io.hongbao.v1.WalletServiceGrpc.WalletServiceBlockingStub;
import io.hongbao.wallet.ledger.LedgerHealth;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The service as its callers see it: over gRPC and over Kafka. */
@QuarkusTest
@WithTestResource(StackResource.class)
class WalletApiTest {
    private static final Duration SETTLE_TIME_MAX = Duration.ofSeconds(30);
    private static final ByteString HASH = ByteString.copyFrom(new byte[32]);
    private static final AtomicInteger NEXT = new AtomicInteger((int) (System.nanoTime() & 0xFFFFFF));

    @GrpcClient("wallet")
    WalletServiceBlockingStub wallet;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String kafka;

    @Inject
    @Readiness
    LedgerHealth health;

    @BeforeEach
    void everybodyIsReady() {
        FakeSend.mood = FakeSend.Mood.PUBLISHES;
        await().atMost(SETTLE_TIME_MAX)
                .until(() ->
                        health.call().await().atMost(SETTLE_TIME_MAX).getStatus() == HealthCheckResponse.Status.UP);
    }

    @Test
    void shouldPayAndPublish() {
        // given
        String payer = userWith(1_000);
        long packet = asked(payer, 700);
        // when
        var confirmed = wallet.confirmPayment(confirm(packet, payer, 700));
        // then
        assertTrue(confirmed.getPublished());
        assertFalse(confirmed.getReplay());
        assertEquals(
                PaymentState.PAYMENT_STATE_CONFIRMED, confirmed.getPayment().getState());
        assertTrue(confirmed.getPayment().hasConfirmedAt());
        assertEquals(300, balanceFen(payer));
    }

    @Test
    void shouldNameTheHomeRegionOfAPacketFromElsewhere() throws InvalidProtocolBufferException {
        long packet =
                PacketId.of(PacketId.SOUTH, 2_000, 1, NEXT.incrementAndGet(), 0).value();
        for (Executable call : List.<Executable>of(
                () -> wallet.createPayment(create(packet, "li.na", "r-" + packet, 700)),
                () -> wallet.confirmPayment(confirm(packet, "li.na", 700)),
                () -> wallet.preparePayment(PreparePaymentRequest.newBuilder()
                        .setPaymentId("pay-" + packet)
                        .setPayerId("li.na")
                        .build()),
                () -> wallet.getPayment(
                        GetPaymentRequest.newBuilder().setPacketId(packet).build()),
                () -> wallet.getPayment(GetPaymentRequest.newBuilder()
                        .setPaymentId("pay-" + packet)
                        .build()),
                () -> wallet.closePayment(
                        ClosePaymentRequest.newBuilder().setPacketId(packet).build()))) {
            var refused = assertThrows(StatusRuntimeException.class, call);

            assertEquals(Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode());
            ErrorInfo info = StatusProto.fromThrowable(refused).getDetails(0).unpack(ErrorInfo.class);
            assertEquals("WRONG_REGION", info.getReason());
            assertEquals("2", info.getMetadataOrThrow("home_region"));
        }
    }

    @Test
    void shouldReplayAConfirmation() {
        // given
        String payer = userWith(1_000);
        long packet = asked(payer, 700);
        wallet.confirmPayment(confirm(packet, payer, 700));
        // when
        var again = wallet.confirmPayment(confirm(packet, payer, 700));
        // then
        assertTrue(again.getReplay());
        assertTrue(again.getPublished());
        assertEquals(300, balanceFen(payer));
    }

    @Test
    void shouldConfirmAlthoughSendDoesNotAnswer() {
        for (FakeSend.Mood mood : List.of(FakeSend.Mood.AWAY, FakeSend.Mood.SILENT)) {
            // given
            String payer = userWith(1_000);
            long packet = asked(payer, 700);
            FakeSend.mood = mood;
            // when
            var confirmed = wallet.confirmPayment(confirm(packet, payer, 700));
            // then
            assertFalse(confirmed.getPublished());
            assertEquals(
                    PaymentState.PAYMENT_STATE_CONFIRMED, confirmed.getPayment().getState());
        }
    }

    @Test
    void shouldFindThePaymentByItsIdAndByItsPacket() {
        // given
        String payer = userWith(1);
        long packet = asked(payer, 1);
        // when
        var byId = wallet.getPayment(
                GetPaymentRequest.newBuilder().setPaymentId("pay-" + packet).build());
        var byPacket = wallet.getPayment(
                GetPaymentRequest.newBuilder().setPacketId(packet).build());
        // then
        assertEquals(byId, byPacket);
        assertEquals(payer, byId.getPayment().getPayerId());
        assertEquals(PaymentState.PAYMENT_STATE_PENDING, byId.getPayment().getState());
    }

    @Test
    void shouldCloseOnceAndForAll() {
        // given
        String payer = userWith(100);
        long packet = asked(payer, 100);
        // when
        var closed = wallet.closePayment(
                ClosePaymentRequest.newBuilder().setPacketId(packet).build());
        // then
        assertEquals(PaymentState.PAYMENT_STATE_CLOSED, closed.getPayment().getState());
        assertRefused("PAYMENT_CLOSED", () -> wallet.confirmPayment(confirm(packet, payer, 100)));
    }

    @Test
    void shouldTellAnOrderWithoutPaymentClosed() {
        // given
        long packet = newPacket();
        // when
        var closed = wallet.closePayment(
                ClosePaymentRequest.newBuilder().setPacketId(packet).build());
        // then
        assertEquals(PaymentState.PAYMENT_STATE_CLOSED, closed.getPayment().getState());
        assertEquals("", closed.getPayment().getPaymentId());
    }

    @Test
    void shouldReplayADeposit() {
        // given
        String user = newUser();
        var deposit = DepositRequest.newBuilder()
                .setRequestId("d")
                .setUserId(user)
                .setAmountFen(5)
                .build();
        assertFalse(wallet.deposit(deposit).getReplay());
        // when
        var again = wallet.deposit(deposit);
        // then
        assertTrue(again.getReplay());
        assertEquals(5, again.getBalanceFen());
        assertRefused(
                "REQUEST_ID_REUSED",
                () -> wallet.deposit(deposit.toBuilder().setAmountFen(6).build()));
    }

    @Test
    void shouldReplayACreateUnderItsFirstPacket() {
        // given
        String payer = newUser();
        long first = newPacket();
        wallet.createPayment(create(first, payer, "r", 100));
        // when
        var again = wallet.createPayment(create(newPacket(), payer, "r", 100));
        // then
        assertTrue(again.getReplay());
        assertEquals(first, again.getPayment().getPacketId());
        assertRefused("REQUEST_ID_REUSED", () -> wallet.createPayment(create(newPacket(), payer, "r", 101)));
    }

    @Test
    void shouldRefuseBadInput() {
        long packet = newPacket();
        var deposit = DepositRequest.newBuilder()
                .setRequestId("d")
                .setUserId("u")
                .setAmountFen(1)
                .build();
        var create = create(packet, "u", "r", 1);
        var confirm = confirm(packet, "u", 1);
        for (long amountFen : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_000_001L}) {
            assertRefused(
                    "AMOUNT_OUT_OF_RANGE",
                    () -> wallet.deposit(
                            deposit.toBuilder().setAmountFen(amountFen).build()));
            assertRefused(
                    "AMOUNT_OUT_OF_RANGE",
                    () -> wallet.createPayment(
                            create.toBuilder().setAmountFen(amountFen).build()));
        }
        for (String id : List.of(
                "",
                "x".repeat(65),
                "x".repeat(4_096),
                "a\0b",
                "a b",
                "\u202Eevil",
                "\uD83D\uDE00",
                "a'; drop table account--")) {
            assertRefused(
                    "USER_ID_INVALID",
                    () -> wallet.deposit(deposit.toBuilder().setUserId(id).build()));
            assertRefused(
                    "USER_ID_INVALID",
                    () -> wallet.createPayment(create.toBuilder().setPayerId(id).build()));
            assertRefused(
                    "USER_ID_INVALID",
                    () -> wallet.confirmPayment(
                            confirm.toBuilder().setPayerId(id).build()));
            assertRefused(
                    "USER_ID_INVALID",
                    () -> wallet.getBalance(
                            GetBalanceRequest.newBuilder().setUserId(id).build()));
            assertRefused(
                    "USER_ID_INVALID",
                    () -> wallet.listEntries(
                            ListEntriesRequest.newBuilder().setUserId(id).build()));
            assertRefused(
                    "REQUEST_ID_INVALID",
                    () -> wallet.deposit(deposit.toBuilder().setRequestId(id).build()));
            assertRefused(
                    "REQUEST_ID_INVALID",
                    () -> wallet.createPayment(
                            create.toBuilder().setRequestId(id).build()));
            assertRefused(
                    "REQUEST_ID_INVALID",
                    () -> wallet.confirmPayment(
                            confirm.toBuilder().setRequestId(id).build()));
            assertRefused(
                    "PAYMENT_ID_INVALID",
                    () -> wallet.confirmPayment(
                            confirm.toBuilder().setPaymentId(id).build()));
        }
        for (long id : new long[] {0, -1, 17, 9_000_000_000_000_000_000L, Long.MIN_VALUE}) {
            assertRefused(
                    "PACKET_ID_MALFORMED",
                    () -> wallet.createPayment(
                            create.toBuilder().setPacketId(id).build()));
            assertRefused(
                    "PACKET_ID_MALFORMED",
                    () -> wallet.closePayment(
                            ClosePaymentRequest.newBuilder().setPacketId(id).build()));
        }
        for (String id : List.of(
                "pay-",
                "pay-1",
                "pay--100000000000000000",
                "pay-+100000000000000000",
                "pay-9999999999999999999",
                "PAY-" + packet)) {
            assertRefused(
                    "PAYMENT_ID_INVALID",
                    () -> wallet.confirmPayment(
                            confirm.toBuilder().setPaymentId(id).build()));
            assertRefused(
                    "PAYMENT_ID_INVALID",
                    () -> wallet.getPayment(
                            GetPaymentRequest.newBuilder().setPaymentId(id).build()));
        }
        assertRefused(
                "REQUEST_ID_INVALID",
                () -> wallet.createPayment(
                        create.toBuilder().clearParametersHash().build()));
        assertRefused("PAYMENT_ID_INVALID", () -> wallet.getPayment(GetPaymentRequest.getDefaultInstance()));
        assertRefused(
                "PAYMENT_ID_INVALID",
                () -> wallet.getPayment(GetPaymentRequest.newBuilder()
                        .setPacketId(packet)
                        .setPaymentId("pay-" + packet)
                        .build()));
        assertRefused(
                "PAYMENT_NOT_FOUND",
                () -> wallet.getPayment(
                        GetPaymentRequest.newBuilder().setPacketId(packet).build()));
        assertRefused("PAYMENT_NOT_FOUND", () -> wallet.confirmPayment(confirm));
    }

    @Test
    void shouldSayWhyAPaymentIsNotConfirmed() {
        // given
        String payer = userWith(99);
        long packet = asked(payer, 100);
        // when, then
        assertRefused("BALANCE_INSUFFICIENT", () -> wallet.confirmPayment(confirm(packet, payer, 100)));
        assertRefused("PAYMENT_AMOUNT_MISMATCH", () -> wallet.confirmPayment(confirm(packet, payer, 0)));
        assertRefused("NOT_THE_PAYER", () -> wallet.confirmPayment(confirm(packet, newUser(), 100)));
        assertEquals(99, balanceFen(payer));
    }

    @Test
    void shouldListEntriesNewestFirstPageByPage() {
        // given
        String user = newUser();
        for (int i = 1; i <= 5; i++) {
            wallet.deposit(DepositRequest.newBuilder()
                    .setRequestId("d" + i)
                    .setUserId(user)
                    .setAmountFen(i)
                    .build());
        }
        wallet.confirmPayment(confirm(asked(user, 15), user, 15));
        // when
        var entries = new ArrayList<Entry>();
        var ask = ListEntriesRequest.newBuilder().setUserId(user).setPageSize(2).build();
        var page = wallet.listEntries(ask);
        entries.addAll(page.getEntriesList());
        while (!page.getNextPageToken().isEmpty()) {
            page = wallet.listEntries(
                    ask.toBuilder().setPageToken(page.getNextPageToken()).build());
            entries.addAll(page.getEntriesList());
        }
        // then
        assertEquals(
                List.of(-15L, 5L, 4L, 3L, 2L, 1L),
                entries.stream().map(Entry::getAmountFen).toList());
        assertEquals(EntryKind.ENTRY_KIND_PAYMENT, entries.getFirst().getKind());
        assertEquals(EntryKind.ENTRY_KIND_DEPOSIT, entries.getLast().getKind());
    }

    @Test
    void shouldRefuseAForeignPageTokenAndAWrongPageSize() {
        // given
        String user = newUser();
        for (int i = 1; i <= 2; i++) {
            wallet.deposit(DepositRequest.newBuilder()
                    .setRequestId("d" + i)
                    .setUserId(user)
                    .setAmountFen(i)
                    .build());
        }
        var ask = ListEntriesRequest.newBuilder().setUserId(user).setPageSize(1).build();
        String token = wallet.listEntries(ask).getNextPageToken();
        // when, then
        assertRefused(
                "PAGE_TOKEN_INVALID",
                () -> wallet.listEntries(
                        ask.toBuilder().setUserId(newUser()).setPageToken(token).build()));
        assertRefused(
                "PAGE_TOKEN_INVALID",
                () -> wallet.listEntries(ask.toBuilder().setPageToken("forged").build()));
        assertRefused(
                "PAGE_SIZE_OUT_OF_RANGE",
                () -> wallet.listEntries(ask.toBuilder().setPageSize(101).build()));
        assertRefused(
                "PAGE_SIZE_OUT_OF_RANGE",
                () -> wallet.listEntries(ask.toBuilder().setPageSize(-1).build()));
    }

    @Test
    void shouldCreditSharesOnceAndTellThemSettledEachTime() {
        // given
        String payer = userWith(100);
        String receiver = newUser();
        long packet = asked(payer, 100);
        wallet.confirmPayment(confirm(packet, payer, 100));
        byte[] opened = OrderEventBatch.newBuilder()
                .addEvents(OrderEvent.newBuilder()
                        .setPacketId(packet)
                        .setOpened(ShareOpened.newBuilder().setUserId(receiver).setAmountFen(60)))
                .addEvents(OrderEvent.newBuilder()
                        .setPacketId(packet)
                        .setRefunded(
                                PacketRefunded.newBuilder().setSenderId(payer).setRefundFen(40)))
                .build()
                .toByteArray();
        // when
        try (var producer = new KafkaProducer<byte[], byte[]>(
                        Map.of("bootstrap.servers", kafka), new ByteArraySerializer(), new ByteArraySerializer());
                var consumer = new KafkaConsumer<byte[], byte[]>(
                        Map.of("bootstrap.servers", kafka, "group.id", newUser(), "auto.offset.reset", "earliest"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("hongbao.transfers.v1"));
            producer.send(new ProducerRecord<>("hongbao.orders.v1", new byte[] {-1, -1, -1}));
            producer.send(new ProducerRecord<>("hongbao.orders.v1", opened));
            await().atMost(SETTLE_TIME_MAX).until(() -> balanceFen(receiver) == 60);
            producer.send(new ProducerRecord<>("hongbao.orders.v1", opened));
            producer.flush();
            // then
            var told = new ArrayList<TransferSettled>();
            await().atMost(SETTLE_TIME_MAX).until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> told.addAll(settled(record.value(), packet)));
                return told.size() >= 2;
            });
            assertEquals(60, told.getLast().getAmountFen());
            assertEquals(receiver, told.getLast().getUserId());
        }
        assertEquals(60, balanceFen(receiver));
        assertEquals(40, balanceFen(payer));
    }

    private static List<TransferSettled> settled(byte[] record, long packet) {
        try {
            return TransferEventBatch.parseFrom(record).getSettledList().stream()
                    .filter(settled -> settled.getPacketId() == packet)
                    .toList();
        } catch (InvalidProtocolBufferException garbage) {
            throw new AssertionError(garbage);
        }
    }

    private long asked(String payer, long amountFen) {
        long packet = newPacket();
        wallet.createPayment(create(packet, payer, "r-" + packet, amountFen));
        return packet;
    }

    private String userWith(long balanceFen) {
        String user = newUser();
        wallet.deposit(DepositRequest.newBuilder()
                .setRequestId("seed")
                .setUserId(user)
                .setAmountFen(balanceFen)
                .build());
        return user;
    }

    private long balanceFen(String user) {
        return wallet.getBalance(GetBalanceRequest.newBuilder().setUserId(user).build())
                .getBalanceFen();
    }

    private static String newUser() {
        return "user-" + NEXT.incrementAndGet();
    }

    private static long newPacket() {
        return PacketId.of(PacketId.NORTH, 2_000, 1, NEXT.incrementAndGet(), 0).value();
    }

    private static CreatePaymentRequest create(long packet, String payer, String requestId, long amountFen) {
        return CreatePaymentRequest.newBuilder()
                .setRequestId(requestId)
                .setPacketId(packet)
                .setPayerId(payer)
                .setAmountFen(amountFen)
                .setParametersHash(HASH)
                .build();
    }

    private static ConfirmPaymentRequest confirm(long packet, String payer, long amountFen) {
        return ConfirmPaymentRequest.newBuilder()
                .setRequestId("c")
                .setPaymentId("pay-" + packet)
                .setPayerId(payer)
                .setAmountFen(amountFen)
                .build();
    }

    private static void assertRefused(String reason, Executable call) {
        StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, call);
        var details = StatusProto.fromThrowable(failure).getDetailsList();
        assertEquals(
                1, details.stream().filter(detail -> detail.is(ErrorInfo.class)).count(), failure::toString);
        details.stream().filter(detail -> detail.is(ErrorInfo.class)).forEach(detail -> {
            try {
                assertEquals(reason, detail.unpack(ErrorInfo.class).getReason(), failure::toString);
            } catch (InvalidProtocolBufferException garbage) {
                throw new AssertionError(garbage);
            }
        });
    }
}
