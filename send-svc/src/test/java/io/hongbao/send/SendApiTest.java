package io.hongbao.send;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.Timestamps;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketState.Closed;
import io.hongbao.core.packet.PacketState.Open;
import io.hongbao.core.text.TextSeal;
import io.hongbao.kit.text.TextConfig;
import io.hongbao.kit.text.TextKeys;
import io.hongbao.orders.OrderStores;
import io.hongbao.orders.PacketRow;
import io.hongbao.stock.GrabAnswer;
import io.hongbao.stock.StockClient;
import io.hongbao.v1.CancelPacketRequest;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.GetPaymentStatusRequest;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketState;
import io.hongbao.v1.PublishPacketRequest;
import io.hongbao.v1.SendServiceGrpc.SendServiceBlockingStub;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The gRPC face, over real stores, of which one SET is away from beginning to end. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SendApiTest {
    private static final AtomicInteger REQUESTS = new AtomicInteger();

    @GrpcClient("self")
    SendServiceBlockingStub send;

    @Inject
    OrderStores stores;

    @Inject
    StockClient stock;

    @Inject
    TextConfig textConfig;

    FakeWallet wallet;

    @BeforeEach
    void awaitDayTables() {
        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> send.createPacket(request().build()).getPacketId() > 0);
    }

    @AfterEach
    void bringWalletBack() {
        wallet.setAway(false);
    }

    private static CreatePacketRequest.Builder request() {
        return CreatePacketRequest.newBuilder()
                .setRequestId("r-" + REQUESTS.incrementAndGet())
                .setSenderId("alice")
                .setGroupId("friends")
                .setKind(PacketKind.PACKET_KIND_LUCKY)
                .setTotalFen(1_000)
                .setShareCount(3)
                .setGreeting("恭喜发财");
    }

    private static String reason(Supplier<?> call) {
        StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, call::get);
        return Failures.reasonOf(failure).orElse(failure.toString());
    }

    private PacketRow row(long packetId) {
        var id = new PacketId(packetId);
        return result(stores.of(id).find(id)).orElseThrow();
    }

    private static <T> T result(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    private static PublishPacketRequest publication(long packetId) {
        return PublishPacketRequest.newBuilder()
                .setPacketId(packetId)
                .setPaymentId("pay-" + packetId)
                .build();
    }

    private static GetPaymentStatusRequest statusOf(long packetId) {
        return GetPaymentStatusRequest.newBuilder().setPacketId(packetId).build();
    }

    private static CancelPacketRequest cancellation(long packetId, String senderId) {
        return CancelPacketRequest.newBuilder()
                .setRequestId("cancel")
                .setPacketId(packetId)
                .setSenderId(senderId)
                .build();
    }

    @Test
    void shouldWrapAPacket() {
        CreatePacketResponse wrapped = send.createPacket(request().build());

        PacketRow row = row(wrapped.getPacketId());
        assertEquals("pay-" + wrapped.getPacketId(), wrapped.getPaymentId());
        assertArrayEquals(row.facts().seed().commitment(), wrapped.getSeedHash().toByteArray());
        assertEquals(row.dueAtMicros(), Timestamps.toMicros(wrapped.getPaymentDueAt()));
        assertFalse(wrapped.getReplay());
        assertFalse(row.published());
    }

    @Test
    void shouldStoreTheGreetingEncryptedForItsPacket() {
        CreatePacketResponse wrapped = send.createPacket(request().build());

        String stored = row(wrapped.getPacketId()).greeting();
        TextSeal seal = TextKeys.reading(textConfig);
        assertFalse(stored.contains("恭喜发财"));
        assertEquals(Optional.of("恭喜发财"), seal.open(wrapped.getPacketId(), stored));
        assertEquals(Optional.empty(), seal.open(wrapped.getPacketId() + 1, stored));
    }

    @Test
    void shouldAnswerARepeatedRequestWithItsFirstOrder() {
        CreatePacketRequest request = request().build();
        CreatePacketResponse first = send.createPacket(request);

        CreatePacketResponse again = send.createPacket(request);

        assertTrue(again.getReplay());
        assertEquals(first, again.toBuilder().setReplay(false).build());
    }

    @Test
    void shouldRefuseARequestIdWithOtherParameters() {
        CreatePacketRequest request = request().build();
        send.createPacket(request);
        assertEquals(
                "REQUEST_ID_REUSED",
                reason(() ->
                        send.createPacket(request.toBuilder().setTotalFen(999).build())));
    }

    @Test
    void shouldRefuseBadInputWithItsReason() {
        StatusRuntimeException failure = assertThrows(
                StatusRuntimeException.class,
                () -> send.createPacket(request().setTotalFen(Long.MAX_VALUE).build()));
        assertEquals(Status.Code.INVALID_ARGUMENT, failure.getStatus().getCode());
        assertEquals("AMOUNT_OUT_OF_RANGE", Failures.reasonOf(failure).orElseThrow());
    }

    @Test
    void shouldGiveEveryOrderItsOwnNumberOutsideTheSetThatIsAway() {
        List<CompletableFuture<Long>> wrapped = IntStream.range(0, 200)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> send.createPacket(request().build()).getPacketId()))
                .toList();
        Set<Long> numbers = new HashSet<>();
        Set<String> sets = new HashSet<>();
        wrapped.forEach(future -> {
            numbers.add(future.join() / 1_000);
            sets.add(stores.of(new PacketId(future.join())).name());
        });
        assertEquals(200, numbers.size());
        assertEquals(Set.of("set-a", "set-b"), sets);
    }

    @Test
    void shouldSayThatThePaymentSideIsAway() {
        wallet.setAway(true);
        StatusRuntimeException failure = assertThrows(
                StatusRuntimeException.class, () -> send.createPacket(request().build()));
        assertEquals(Status.Code.UNAVAILABLE, failure.getStatus().getCode());
        assertEquals("DEPENDENCY_UNAVAILABLE", Failures.reasonOf(failure).orElseThrow());
    }

    @Test
    void shouldPublishAPaidPacketOnceAndLoadItsStock() {
        long id = send.createPacket(request().build()).getPacketId();
        wallet.confirm(id);

        var published = send.publishPacket(publication(id));
        var again = send.publishPacket(publication(id));

        assertEquals(PacketState.PACKET_STATE_OPEN, published.getState());
        assertEquals(published, again);
        assertEquals(1, row(id).version());
        assertEquals(
                86_400_000_000L,
                Timestamps.toMicros(published.getExpiresAt()) - Timestamps.toMicros(published.getPublishedAt()));
        GrabAnswer answer = stock.grab(new PacketId(id), "bob", "friends", Duration.ofSeconds(60))
                .await()
                .atMost(Duration.ofSeconds(5));
        assertTrue(answer instanceof GrabAnswer.Leased, answer::toString);
    }

    @Test
    void shouldPublishOnceWhenToldByManyAtOnce() {
        long id = send.createPacket(request().build()).getPacketId();
        wallet.confirm(id);
        var attempts = IntStream.range(0, 30)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> send.publishPacket(publication(id))))
                .toList();
        assertEquals(
                1, attempts.stream().map(CompletableFuture::join).distinct().count());
        assertEquals(1, row(id).version());
    }

    @Test
    void shouldNotPublishOnTheCallersWordAlone() {
        long id = send.createPacket(request().build()).getPacketId();
        assertEquals("PACKET_NOT_PAID", reason(() -> send.publishPacket(publication(id))));
        assertFalse(row(id).published());
    }

    @Test
    void shouldNotPublishWithThePaymentOfAnotherPacket() {
        long paid = send.createPacket(request().build()).getPacketId();
        long unpaid = send.createPacket(request().build()).getPacketId();
        wallet.confirm(paid);
        var request =
                publication(unpaid).toBuilder().setPaymentId("pay-" + paid).build();
        assertEquals("PAYMENT_ID_INVALID", reason(() -> send.publishPacket(request)));
    }

    @Test
    void shouldPublishTheOthersWhereOnePaymentDoesNotFit() {
        List<Long> ids = IntStream.range(0, 20)
                .mapToObj(i -> send.createPacket(request().build()).getPacketId())
                .toList();
        long misfit = ids.get(7);
        ids.forEach(id -> wallet.confirm(id, id == misfit ? 999 : 1_000));

        List<CompletableFuture<String>> outcomes = ids.stream()
                .map(id -> CompletableFuture.supplyAsync(() -> id == misfit
                        ? reason(() -> send.publishPacket(publication(id)))
                        : send.publishPacket(publication(id)).getState().name()))
                .toList();

        for (int i = 0; i < ids.size(); i++) {
            assertEquals(
                    i == 7 ? "PACKET_NOT_PAID" : "PACKET_STATE_OPEN",
                    outcomes.get(i).join());
        }
        assertFalse(row(misfit).published());
    }

    @Test
    void shouldAnswerForAPublishedPacketWhileThePaymentSideIsAway() {
        long id = send.createPacket(request().build()).getPacketId();
        wallet.confirm(id);
        var published = send.publishPacket(publication(id));
        long waiting = send.createPacket(request().build()).getPacketId();
        wallet.setAway(true);

        assertEquals(published, send.publishPacket(publication(id)));
        assertEquals("DEPENDENCY_UNAVAILABLE", reason(() -> send.publishPacket(publication(waiting))));
    }

    @Test
    void shouldNotPublishWhatIsClosedOrUnknown() {
        long closed = send.createPacket(request().build()).getPacketId();
        send.cancelPacket(cancellation(closed, "alice"));

        assertEquals("PACKET_CLOSED", reason(() -> send.publishPacket(publication(closed))));
        assertEquals("PACKET_NOT_FOUND", reason(() -> send.publishPacket(publication(1_2500_000_00000000_000L))));
    }

    @Test
    void shouldPublishWhenAskedAfterAMissedConfirmation() {
        long id = send.createPacket(request().build()).getPacketId();
        assertEquals(
                PacketState.PACKET_STATE_AWAITING_PAYMENT,
                send.getPaymentStatus(statusOf(id)).getState());
        wallet.confirm(id);

        var status = send.getPaymentStatus(statusOf(id));

        assertEquals(PacketState.PACKET_STATE_OPEN, status.getState());
        assertTrue(status.hasPublishedAt());
        assertTrue(row(id).state() instanceof Open);
    }

    @Test
    void shouldFindAMissedConfirmationByItself() {
        long id = send.createPacket(request().build()).getPacketId();
        wallet.confirm(id);
        await().atMost(Duration.ofSeconds(20)).until(() -> row(id).published());
    }

    @Test
    void shouldCancelAnUnpaidOrderForItsSenderOnly() {
        long id = send.createPacket(request().build()).getPacketId();
        assertEquals("NOT_THE_SENDER", reason(() -> send.cancelPacket(cancellation(id, "mallory"))));

        assertFalse(send.cancelPacket(cancellation(id, "alice")).getReplay());
        assertTrue(send.cancelPacket(cancellation(id, "alice")).getReplay());

        assertEquals(new Closed(), row(id).state());
        assertEquals(
                PacketState.PACKET_STATE_CLOSED,
                send.getPaymentStatus(statusOf(id)).getState());
    }

    @Test
    void shouldPublishInsteadOfCancellingWhatIsPaid() {
        long id = send.createPacket(request().build()).getPacketId();
        wallet.confirm(id);
        assertEquals("PACKET_ALREADY_PAID", reason(() -> send.cancelPacket(cancellation(id, "alice"))));
        assertTrue(row(id).published());
    }

    @Test
    void shouldCloseTheOrderThatAReplayLeftOver() {
        CreatePacketRequest request = request().build();
        send.createPacket(request);
        long others = send.createPacket(request().build()).getPacketId();
        send.createPacket(request);
        // The superfluous order took the number after the last one.
        await().atMost(Duration.ofSeconds(10)).until(() -> superfluousClosed(others));
    }

    /** Whether the number after {@code packetId} is that of a closed order, whatever its suffix. */
    private boolean superfluousClosed(long packetId) {
        PacketId before = new PacketId(packetId);
        return IntStream.concat(IntStream.range(0, 10), IntStream.range(500, 510))
                .mapToObj(suffix ->
                        PacketId.of(before.region(), before.day(), before.slot(), before.counter() + 1, suffix))
                .flatMap(id -> result(stores.of(id).find(id)).stream())
                .anyMatch(row -> row.state() instanceof Closed);
    }

    @Test
    void shouldRefuseForeignAndUnknownNumbers() {
        assertEquals("WRONG_REGION", reason(() -> send.getPaymentStatus(statusOf(2_2500_000_00000000_000L))));
        assertEquals("PACKET_ID_MALFORMED", reason(() -> send.getPaymentStatus(statusOf(7))));
        assertEquals("PACKET_NOT_FOUND", reason(() -> send.getPaymentStatus(statusOf(1_2500_000_00000000_000L))));
        assertEquals("SET_UNAVAILABLE", reason(() -> send.getPaymentStatus(statusOf(1_2500_000_00000000_905L))));
    }

    @Test
    void shouldDoNothingForACallerWhoHasGone() {
        var late = send.withDeadline(Deadline.after(1, TimeUnit.MICROSECONDS));
        StatusRuntimeException failure = assertThrows(
                StatusRuntimeException.class, () -> late.createPacket(request().build()));
        assertEquals(Status.Code.DEADLINE_EXCEEDED, failure.getStatus().getCode());
    }
}
