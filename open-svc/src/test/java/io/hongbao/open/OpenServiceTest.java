package io.hongbao.open;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.hongbao.client.AssertedUser;
import io.hongbao.client.RequestFirst;
import io.hongbao.core.assertion.Asker;
import io.hongbao.core.assertion.AssertionSigner;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.LivePacket;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Terms;
import io.hongbao.core.split.Seed;
import io.hongbao.core.ticket.TicketSigner;
import io.hongbao.orders.NewPacket;
import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.hongbao.orders.PacketRow;
import io.hongbao.orders.PaidOrder;
import io.hongbao.orders.ShareRow;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenResult;
import io.hongbao.v1.OpenServiceGrpc;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Opens through gRPC, lanes and a real order store. */
@QuarkusTest
@QuarkusTestResource(RealServers.class)
class OpenServiceTest {
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final String GROUP = "group-1";

    /** The key of {@code %test.hongbao.assertion.keys}. */
    private static final byte[] ASSERTION_SECRET = "assertion test-only key".getBytes(StandardCharsets.US_ASCII);

    @GrpcClient("open")
    Channel bare;

    /** With an assertion of whoever the request names. */
    private Channel channel;

    private OpenServiceGrpc.OpenServiceBlockingStub open;

    @BeforeEach
    void vouch() {
        channel = ClientInterceptors.intercept(bare, new Vouching());
        open = OpenServiceGrpc.newBlockingStub(channel);
    }

    private static final class Vouching extends RequestFirst {
        private final AssertionSigner signer = new AssertionSigner(1, ASSERTION_SECRET);

        @Override
        protected boolean concerns(MethodDescriptor<?, ?> method, CallOptions options) {
            return options.getCredentials() == null;
        }

        @Override
        protected CallOptions before(Object request, CallOptions options, Metadata headers) {
            return request instanceof OpenRequest asked
                    ? options.withCallCredentials(
                            AssertedUser.of(signer, new Asker(asked.getUserId(), asked.getGroupId())))
                    : options;
        }
    }

    @Inject
    OrderStores stores;

    @Inject
    TicketSigner tickets;

    @Test
    void shouldGiveEveryShareOnceAndTheLastTakesTheRest() throws Exception {
        PacketId id = published(PacketKind.LUCKY, 10_000, 10, Duration.ofHours(1));

        List<OpenResponse> answers = openAll(id, users(25));

        List<OpenResponse> opened = answers.stream()
                .filter(answer -> answer.getResult() == OpenResult.OPEN_RESULT_OPENED)
                .toList();
        assertEquals(10, opened.size());
        assertEquals(15, answers.size() - opened.size());
        assertEquals(
                10_000, opened.stream().mapToLong(OpenResponse::getAmountFen).sum());
        assertEquals(PacketState.Finished.CODE, row(id).state().code());
    }

    @Test
    void shouldShowOpensToEveryInterceptorOfOurs() {
        PacketId id = published(PacketKind.LUCKY, 10_000, 10, Duration.ofHours(1));
        SeenCalls.METHODS.clear();

        open.open(request(id, "alice"));

        assertTrue(SeenCalls.METHODS.contains("Open"), SeenCalls.METHODS.toString());
    }

    @Test
    void shouldAnswerTheSameAmountToTheSameUser() {
        PacketId id = published(PacketKind.LUCKY, 10_000, 10, Duration.ofHours(1));
        OpenResponse first = open.open(request(id, "alice"));

        OpenResponse again = open.open(request(id, "alice"));

        assertFalse(first.getReplay());
        assertTrue(again.getReplay());
        assertEquals(first.getAmountFen(), again.getAmountFen());
        assertEquals(first.getOpenedAt(), again.getOpenedAt());
    }

    @Test
    void shouldGiveOneShareToAHundredOpensOfOneUserAtOnce() throws Exception {
        PacketId id = published(PacketKind.LUCKY, 10_000, 10, Duration.ofHours(1));

        List<OpenResponse> answers = openAll(id, Collections.nCopies(100, "bob"));

        assertEquals(
                1,
                new HashSet<>(answers.stream().map(OpenResponse::getAmountFen).toList()).size());
        assertEquals(1, answers.stream().filter(answer -> !answer.getReplay()).count());
        assertEquals(1, shares(id).size());
    }

    @Test
    void shouldOpenForNobodyButTheUserThatAnAccessLayerVouchesFor() {
        PacketId id = published(PacketKind.LUCKY, 10_000, 10, Duration.ofHours(1));
        OpenRequest request = request(id, "alice");
        var signer = new AssertionSigner(1, ASSERTION_SECRET);
        var bob = AssertedUser.of(signer, new Asker("bob", GROUP));
        var elsewhere = AssertedUser.of(signer, new Asker("alice", "another-group"));
        var forged = AssertedUser.of(new AssertionSigner(1, new byte[32]), new Asker("alice", GROUP));
        var unsigned = OpenServiceGrpc.newBlockingStub(bare);

        assertEquals("ASSERTION_MISSING", reason(() -> unsigned.open(request)));
        assertEquals(
                "ASSERTION_INVALID",
                reason(() -> open.withCallCredentials(forged).open(request)));
        assertEquals(
                "ASSERTION_OF_ANOTHER",
                reason(() -> open.withCallCredentials(bob).open(request)));
        assertEquals(
                "ASSERTION_OF_ANOTHER",
                reason(() -> open.withCallCredentials(elsewhere).open(request)));
        assertEquals(List.of(), shares(id));
        assertEquals(OpenResult.OPEN_RESULT_OPENED, open.open(request).getResult());
    }

    @Test
    void shouldServeInTheOrderOfArrival() throws Exception {
        PacketId id = published(PacketKind.EQUAL, 20_000, 200, Duration.ofHours(1));

        List<OpenResponse> answers = openAll(id, users(200));

        for (int i = 0; i < answers.size(); i++) {
            assertEquals(i + 1, answers.get(i).getSequence());
        }
    }

    @Test
    void shouldRefundWhatIsLeftAtExpiryAndOpenNothingAfter() {
        PacketId id = published(PacketKind.EQUAL, 1_000, 10, Duration.ofSeconds(1));
        open.open(request(id, "early"));

        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> row(id).state() instanceof PacketState.Expired);

        assertEquals(900, row(id).state().refundFen());
        assertEquals(
                OpenResult.OPEN_RESULT_EXPIRED, open.open(request(id, "late")).getResult());
        assertTrue(open.open(request(id, "early")).getReplay());
    }

    @Test
    void shouldOpenNothingOfAFrozenPacketUntilItIsUnfrozen() {
        PacketId id = published(PacketKind.EQUAL, 1_000, 10, Duration.ofHours(1));
        open.open(request(id, "early"));

        assertEquals(OrderStore.Freezing.DONE, await(store(id).freeze(id, "a test")));

        assertEquals("PACKET_FROZEN", reason(request(id, "late")));
        assertTrue(open.open(request(id, "early")).getReplay());
        assertEquals(OrderStore.Freezing.DONE_BEFORE, await(store(id).freeze(id, "again")));
        assertEquals(OrderStore.Freezing.DONE, await(store(id).unfreeze(id)));
        assertEquals(
                OpenResult.OPEN_RESULT_OPENED, open.open(request(id, "late")).getResult());
    }

    @Test
    void shouldRefundAFrozenPacketOnlyOnceItIsUnfrozen() {
        PacketId id = published(PacketKind.EQUAL, 1_000, 10, Duration.ofSeconds(1));
        await(store(id).freeze(id, "a test"));
        PacketId other = published(PacketKind.EQUAL, 1_000, 10, Duration.ofSeconds(1));

        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> row(other).state() instanceof PacketState.Expired);

        assertEquals(new PacketState.Frozen(1_000, 10), row(id).state());
        await(store(id).unfreeze(id));
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> row(id).state() instanceof PacketState.Expired);
        assertEquals(OrderStore.Freezing.NOT_OPEN, await(store(id).freeze(id, "too late")));
    }

    @Test
    void shouldReloadWhenAnotherOwnerHasChangedThePacket() {
        PacketId id = published(PacketKind.LUCKY, 10_000, 3, Duration.ofHours(1));
        open.open(request(id, "first"));
        PacketRow seen = row(id);
        LivePacket other = new LivePacket(
                seen.facts(),
                seen.state(),
                seen.version(),
                shares(id).stream().map(ShareRow::share).toList());
        var decision = (io.hongbao.core.packet.Decision.Opened) other.open("elsewhere", GROUP);
        var batch = new io.hongbao.orders.OpenBatch();
        batch.packet(
                id.value(),
                seen.version(),
                other.state().surplusFen(),
                other.state().surplusCount(),
                other.state().code(),
                0,
                false);
        batch.share(id.value(), "elsewhere", decision.amountFen(), decision.sequence());
        await(store(id).commit(id.dayTable(), batch, new byte[0], 1));

        OpenResponse third = open.open(request(id, "third"));
        OpenResponse elsewhere = open.open(request(id, "elsewhere"));

        assertEquals(3, third.getSequence());
        assertEquals(decision.amountFen(), elsewhere.getAmountFen());
        assertEquals(
                10_000,
                shares(id).stream().mapToLong(row -> row.share().amountFen()).sum());
    }

    @Test
    void shouldRefuseAPacketThatIsNotPaidAndOpenItOncePaid() {
        PacketId id = wrapped(PacketKind.LUCKY, 10_000, 10, Duration.ofHours(1));
        assertEquals("PACKET_NOT_PAID", reason(request(id, "alice")));

        publish(id, 10_000);

        assertEquals(
                OpenResult.OPEN_RESULT_OPENED, open.open(request(id, "alice")).getResult());
    }

    @Test
    void shouldRefuseAStrangerToTheGroup() {
        PacketId id = published(PacketKind.LUCKY, 10_000, 10, Duration.ofHours(1));

        assertEquals(
                "NOT_IN_GROUP",
                reason(request(id, "alice").toBuilder().setGroupId("other").build()));
    }

    @Test
    void shouldRefuseABorrowedTicket() {
        PacketId id = published(PacketKind.LUCKY, 10_000, 10, Duration.ofHours(1));

        assertEquals(
                "TICKET_INVALID",
                reason(request(id, "alice").toBuilder().setUserId("mallory").build()));
    }

    @Test
    void shouldRefuseNumbersNobodyServesOrKnows() {
        PacketId unknown = PacketId.of(1, today(), 999, COUNTER.incrementAndGet(), 3);

        assertEquals("PACKET_NOT_FOUND", reason(request(unknown, "alice")));
        assertEquals("SUFFIX_NOT_SERVED", reason(request(unknown.withSuffix(999), "alice")));
        assertEquals(
                "WRONG_REGION", reason(request(PacketId.of(2, today(), 1, COUNTER.incrementAndGet(), 3), "alice")));
        assertEquals(
                "PACKET_ID_MALFORMED",
                reason(request(unknown, "alice").toBuilder().setPacketId(7).build()));
    }

    @Test
    void shouldKeepManyPacketsOfBothSetsConserved() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<PacketId> ids = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            ids.add(published(
                    PacketKind.LUCKY, 500 + random.nextInt(5_000), 1 + random.nextInt(40), Duration.ofHours(1)));
        }
        List<OpenRequest> requests = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            requests.add(request(ids.get(random.nextInt(ids.size())), "u" + random.nextInt(60)));
        }

        open(requests);

        for (PacketId id : ids) {
            List<ShareRow> shares = shares(id);
            PacketRow row = row(id);
            assertEquals(
                    row.facts().terms().totalFen(),
                    row.state().surplusFen()
                            + shares.stream()
                                    .mapToLong(s -> s.share().amountFen())
                                    .sum());
            assertEquals(row.facts().terms().shareCount(), row.state().surplusCount() + shares.size());
        }
    }

    private PacketId wrapped(PacketKind kind, long totalFen, int shareCount, Duration timeToLive) {
        int n = COUNTER.incrementAndGet();
        PacketId id = PacketId.of(1, today(), 1, n, n % 2 == 0 ? n / 2 % 10 : 500 + n / 2 % 10);
        byte[] seed = new byte[Seed.BYTES];
        new Random(n).nextBytes(seed);
        var facts = new LivePacket.Facts(
                id, new Terms(kind, totalFen, shareCount, 20_000), new Seed(seed), "sender", GROUP, "");
        await(store(id).insert(List.of(new NewPacket(facts, timeToLive.toMillis(), "", "")), Duration.ofMinutes(15)));
        return id;
    }

    private PacketId published(PacketKind kind, long totalFen, int shareCount, Duration timeToLive) {
        PacketId id = wrapped(kind, totalFen, shareCount, timeToLive);
        publish(id, totalFen);
        return id;
    }

    private void publish(PacketId id, long totalFen) {
        await(store(id).publish(List.of(new PaidOrder(id, totalFen, "sender")), orders -> new byte[0]));
    }

    private static int today() {
        return PacketId.dayOf(LocalDate.now(PacketId.ZONE));
    }

    private OrderStore store(PacketId id) {
        return stores.of(id);
    }

    private PacketRow row(PacketId id) {
        return await(store(id).find(id)).orElseThrow();
    }

    private List<ShareRow> shares(PacketId id) {
        return await(store(id).shares(id));
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private OpenRequest request(PacketId id, String userId) {
        return OpenRequest.newBuilder()
                .setRequestId("r-" + userId)
                .setPacketId(id.value())
                .setUserId(userId)
                .setGroupId(GROUP)
                .setTicket(tickets.sign(id.value(), userId, System.currentTimeMillis() + 60_000))
                .build();
    }

    private static List<String> users(int count) {
        List<String> users = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            users.add("user-" + i);
        }
        return users;
    }

    private List<OpenResponse> openAll(PacketId id, List<String> users) throws InterruptedException {
        return open(users.stream().map(user -> request(id, user)).toList());
    }

    /** Sends everything at once on one connection; answers in the order of the requests. */
    private List<OpenResponse> open(List<OpenRequest> requests) throws InterruptedException {
        OpenResponse[] answers = new OpenResponse[requests.size()];
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        OpenServiceGrpc.OpenServiceStub async = OpenServiceGrpc.newStub(channel);
        CountDownLatch pending = new CountDownLatch(answers.length);
        for (int i = 0; i < answers.length; i++) {
            int at = i;
            async.open(requests.get(i), new StreamObserver<>() {
                @Override
                public void onNext(OpenResponse answer) {
                    answers[at] = answer;
                }

                @Override
                public void onError(Throwable failure) {
                    failures.add(failure);
                    pending.countDown();
                }

                @Override
                public void onCompleted() {
                    pending.countDown();
                }
            });
        }
        assertTrue(pending.await(30, TimeUnit.SECONDS), "every request is answered");
        assertEquals(List.of(), failures);
        return List.of(answers);
    }

    private String reason(OpenRequest request) {
        return reason(() -> open.open(request));
    }

    private static String reason(Executable call) {
        StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, call);
        try {
            return StatusProto.fromThrowable(refused)
                    .getDetails(0)
                    .unpack(ErrorInfo.class)
                    .getReason();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
