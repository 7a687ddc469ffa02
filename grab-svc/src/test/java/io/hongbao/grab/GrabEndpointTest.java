package io.hongbao.grab;

import static io.hongbao.v1.GrabResult.*;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.rpc.ErrorInfo;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.ticket.TicketSigner;
import io.hongbao.core.ticket.TicketSigner.Verdict;
import io.hongbao.stock.Stock;
import io.hongbao.stock.StockClient;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.GrabServiceGrpc;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketFinished;
import io.hongbao.v1.PacketPublished;
import io.hongbao.v1.PacketRefunded;
import io.hongbao.v1.ShareOpened;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.reactive.messaging.memory.InMemoryConnector;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The service through gRPC, on a real Redis. */
@QuarkusTest
@QuarkusTestResource(RedisResource.class)
class GrabEndpointTest {
    private static final Duration WAIT_MAX = Duration.ofSeconds(20);
    private static final String GROUP = "group-1";
    private static final AtomicInteger PACKETS = new AtomicInteger();

    @Inject
    StockClient stock;

    @Inject
    TicketSigner signer;

    @Inject
    MeterRegistry meters;

    @Inject
    @Connector("smallrye-in-memory")
    InMemoryConnector events;

    /** Set by the test resource: false switches Redis off, true switches an empty one on. */
    Consumer<Boolean> redis;

    private ManagedChannel channel;
    private GrabServiceGrpc.GrabServiceBlockingStub grabs;

    @BeforeEach
    void connect() {
        await().atMost(WAIT_MAX).until(stock::available);
        channel = ManagedChannelBuilder.forAddress("127.0.0.1", setting("quarkus.grpc.server.test-port"))
                .usePlaintext()
                .build();
        grabs = GrabServiceGrpc.newBlockingStub(channel);
    }

    @AfterEach
    void disconnect() {
        channel.shutdownNow();
    }

    @TestFactory
    Stream<DynamicTest> shouldRefuseBadInputWithAReason() {
        GrabRequest good = request(newPacketId(), "alice");
        record Case(String name, GrabRequest request, String reason) {}
        return Stream.of(
                        new Case(
                                "empty request id",
                                good.toBuilder().setRequestId("").build(),
                                "REQUEST_ID_INVALID"),
                        new Case("empty user", good.toBuilder().setUserId("").build(), "USER_ID_INVALID"),
                        new Case(
                                "4 kB user",
                                good.toBuilder().setUserId("u".repeat(4_096)).build(),
                                "USER_ID_INVALID"),
                        new Case(
                                "NUL in user",
                                good.toBuilder().setUserId("a\0b").build(),
                                "USER_ID_INVALID"),
                        new Case(
                                "direction mark",
                                good.toBuilder().setUserId("a\u202Eb").build(),
                                "USER_ID_INVALID"),
                        new Case("empty group", good.toBuilder().setGroupId("").build(), "GROUP_ID_INVALID"),
                        new Case("no packet", good.toBuilder().setPacketId(0).build(), "PACKET_ID_MALFORMED"),
                        new Case(
                                "longest",
                                good.toBuilder().setPacketId(Long.MAX_VALUE).build(),
                                "PACKET_ID_MALFORMED"),
                        new Case(
                                "other region",
                                good.toBuilder()
                                        .setPacketId(PacketId.of(PacketId.SOUTH, 1, 1, 1, 1)
                                                .value())
                                        .build(),
                                "WRONG_REGION"))
                .map(bad -> DynamicTest.dynamicTest(
                        bad.name(), () -> assertEquals(bad.reason(), reasonOf(() -> grabs.grab(bad.request())))));
    }

    @Test
    void shouldGrantATicketThatVerifies() {
        PacketId packet = published(2);

        GrabResponse answer = grab(packet, "alice");

        assertEquals(GRAB_RESULT_GRANTED, answer.getResult());
        assertFalse(answer.getReplay());
        assertEquals(
                Verdict.VALID, signer.verify(answer.getTicket(), packet.value(), "alice", System.currentTimeMillis()));
        assertEquals(
                Verdict.INVALID, signer.verify(answer.getTicket(), packet.value(), "bob", System.currentTimeMillis()));
    }

    @Test
    void shouldGiveTheSameTicketAgain() {
        PacketId packet = published(2);
        GrabResponse first = grab(packet, "alice");

        GrabResponse second = grab(packet, "alice");

        assertEquals(first.toBuilder().setReplay(true).build(), second);
    }

    @Test
    void shouldTellThatAllSlotsAreLeased() {
        PacketId packet = published(1);
        grab(packet, "alice");

        assertEquals(GRAB_RESULT_SOLD_OUT, grab(packet, "bob").getResult());
    }

    @Test
    void shouldRefuseAStrangerToTheGroup() {
        PacketId packet = published(1);
        GrabRequest stranger =
                request(packet, "alice").toBuilder().setGroupId("group-2").build();

        assertEquals("NOT_IN_GROUP", reasonOf(() -> grabs.grab(stranger)));
    }

    @Test
    void shouldKeepAnExclusivePacketForItsUser() {
        PacketId packet = newPacketId();
        emitToStock(event(packet).setPublished(publication(1).setExclusiveUserId("alice")));
        awaitKnown(packet);

        assertEquals(GRAB_RESULT_NOT_FOR_YOU, grab(packet, "bob").getResult());
    }

    @Test
    void shouldTellAfterTheOpenEventThatTheShareIsOpen() {
        PacketId packet = published(2);

        emitToStock(opened(packet, "alice"));

        await().atMost(WAIT_MAX)
                .untilAsserted(() -> assertEquals(
                        GRAB_RESULT_ALREADY_OPENED, grab(packet, "alice").getResult()));
    }

    @Test
    void shouldRefuseAFinishedPacketFromMemory() {
        PacketId packet = published(1);
        emitToMemory(opened(packet, "alice"), event(packet).setFinished(PacketFinished.getDefaultInstance()));
        double before = grabsFromMemory();

        await().atMost(WAIT_MAX)
                .untilAsserted(() ->
                        assertEquals(GRAB_RESULT_SOLD_OUT, grab(packet, "bob").getResult()));
        assertTrue(grabsFromMemory() > before);
        GrabRequest stranger =
                request(packet, "bob").toBuilder().setGroupId("group-2").build();
        assertEquals("NOT_IN_GROUP", reasonOf(() -> grabs.grab(stranger)));
    }

    @Test
    void shouldLearnFromRedisWhatMemoryMissed() {
        PacketId packet = published(1);
        emitToStock(event(packet).setRefunded(PacketRefunded.getDefaultInstance()));
        await().atMost(WAIT_MAX)
                .untilAsserted(() ->
                        assertEquals(GRAB_RESULT_EXPIRED, grab(packet, "bob").getResult()));
        double before = meters.get("hongbao.grab.grabs")
                .tags("source", "memory", "result", "expired")
                .counter()
                .count();

        assertEquals(GRAB_RESULT_EXPIRED, grab(packet, "carol").getResult());

        assertEquals(
                before + 1,
                meters.get("hongbao.grab.grabs")
                        .tags("source", "memory", "result", "expired")
                        .counter()
                        .count());
    }

    @Test
    void shouldSkipARecordThatIsNoBatch() {
        PacketId packet = newPacketId();
        events.<byte[]>source("orders-stock").send(new byte[] {-1, -1, -1});

        emitToStock(event(packet).setPublished(publication(1)));

        awaitKnown(packet);
    }

    @Test
    void shouldNameTheServerThatIsAway() throws Exception {
        HttpResponse<String> ready = readiness();

        assertEquals(503, ready.statusCode());
        assertEquals("DOWN", statusOf(ready, "kafka"));
        assertEquals("UP", statusOf(ready, "redis"));
    }

    /** Kafka is away here: people are told, and probes that route go on. */
    @Test
    void shouldTellProbesWhatGrpcHealthSays() throws Exception {
        HttpResponse<String> serving = health("group/serving");
        HttpResponse<String> alive = health("group/alive");

        assertEquals(200, serving.statusCode(), serving.body());
        assertEquals("UP", statusOf(serving, "serving"));
        assertEquals(200, alive.statusCode(), alive.body());
        assertEquals("UP", statusOf(alive, "alive"));
    }

    @Test
    void shouldIssueTicketsAtABoundedRateWhileRedisIsAwayAndComeBack() throws Exception {
        PacketId packet = published(1);
        grab(packet, "alice");
        assertEquals(GRAB_RESULT_SOLD_OUT, grab(packet, "bob").getResult());

        redis.accept(false);
        try {
            await().atMost(WAIT_MAX).until(() -> !stock.available());
            GrabResponse unchecked = grab(packet, "bob");
            assertEquals(GRAB_RESULT_GRANTED, unchecked.getResult(), "the open decides");
            assertEquals(
                    Verdict.VALID,
                    signer.verify(unchecked.getTicket(), packet.value(), "bob", System.currentTimeMillis()));
            assertEquals("DOWN", statusOf(readiness(), "redis"));
            assertEquals("OVERLOADED", reasonOf(() -> {
                for (int i = 0; i < 100_000; i++) {
                    grab(packet, "user-" + i);
                }
            }));
            emitToStock(event(packet).setPublished(publication(3)), opened(packet, "alice"));
        } finally {
            redis.accept(true);
        }

        await().atMost(WAIT_MAX).until(stock::available);
        await().atMost(WAIT_MAX)
                .ignoreExceptions()
                .untilAsserted(() -> assertEquals(
                        GRAB_RESULT_ALREADY_OPENED, grab(packet, "alice").getResult(), "events waited for Redis"));
        assertEquals("UP", statusOf(readiness(), "redis"));
    }

    @Test
    void shouldIssueAnUncheckedTicketForAPacketRedisDoesNotKnow() {
        PacketId packet = newPacketId();
        await().atMost(WAIT_MAX)
                .ignoreExceptions()
                .untilAsserted(() ->
                        assertEquals(GRAB_RESULT_GRANTED, grab(packet, "alice").getResult()));
        assertNotEquals("", grab(packet, "alice").getTicket());
    }

    private GrabResponse grab(PacketId packet, String user) {
        return grabs.withDeadlineAfter(WAIT_MAX.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                .grab(request(packet, user));
    }

    private static GrabRequest request(PacketId packet, String user) {
        return GrabRequest.newBuilder()
                .setRequestId("request-1")
                .setPacketId(packet.value())
                .setUserId(user)
                .setGroupId(GROUP)
                .build();
    }

    private static PacketId newPacketId() {
        return PacketId.of(PacketId.NORTH, 2_500, 1, PACKETS.incrementAndGet(), 7);
    }

    private PacketId published(int shareCount) {
        PacketId packet = newPacketId();
        stock.publish(Stock.ofNew(packet, GROUP, "", shareCount, Instant.now().plusSeconds(3_600)))
                .await()
                .atMost(WAIT_MAX);
        return packet;
    }

    /** Waits by a publication that must find the packet there: a grab would take a slot. */
    private void awaitKnown(PacketId packet) {
        GrabRequest stranger =
                request(packet, "stranger").toBuilder().setGroupId("group-2").build();
        await().atMost(WAIT_MAX)
                .ignoreExceptions()
                .untilAsserted(() -> assertEquals("NOT_IN_GROUP", reasonOf(() -> grabs.grab(stranger))));
    }

    private static PacketPublished.Builder publication(int shareCount) {
        return PacketPublished.newBuilder()
                .setSenderId("sender")
                .setGroupId(GROUP)
                .setShareCount(shareCount)
                .setTotalFen(100)
                .setTimeToLive(com.google.protobuf.Duration.newBuilder().setSeconds(3_600));
    }

    private static OrderEvent.Builder event(PacketId packet) {
        return OrderEvent.newBuilder().setPacketId(packet.value());
    }

    private static OrderEvent.Builder opened(PacketId packet, String user) {
        return event(packet).setOpened(ShareOpened.newBuilder().setUserId(user).setGroupId(GROUP));
    }

    private void emitToStock(OrderEvent.Builder... batch) {
        events.<byte[]>source("orders-stock").send(bytes(batch));
    }

    private void emitToMemory(OrderEvent.Builder... batch) {
        events.<byte[]>source("orders-memory").send(bytes(batch));
    }

    private static byte[] bytes(OrderEvent.Builder... batch) {
        var all = OrderEventBatch.newBuilder()
                .setOccurredAt(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()));
        List.of(batch).forEach(all::addEvents);
        return all.build().toByteArray();
    }

    private double grabsFromMemory() {
        return meters.get("hongbao.grab.grabs")
                .tags("source", "memory", "result", "sold_out")
                .counter()
                .count();
    }

    private static String reasonOf(Runnable call) {
        var failure = assertThrows(StatusRuntimeException.class, call::run);
        try {
            return StatusProto.fromThrowable(failure)
                    .getDetails(0)
                    .unpack(ErrorInfo.class)
                    .getReason();
        } catch (InvalidProtocolBufferException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    private static HttpResponse<String> readiness() throws Exception {
        return health("ready");
    }

    private static HttpResponse<String> health(String what) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var health =
                    URI.create("http://127.0.0.1:" + setting("quarkus.management.test-port") + "/q/health/" + what);
            return http.send(
                    HttpRequest.newBuilder(health).timeout(WAIT_MAX).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String statusOf(HttpResponse<String> ready, String check) {
        var found = java.util.regex.Pattern.compile("\"name\": *\"" + check + "\",\\s*\"status\": *\"(\\w+)\"")
                .matcher(ready.body());
        return found.find() ? found.group(1) : "no check " + check + " in " + ready.body();
    }

    private static int setting(String name) {
        return ConfigProvider.getConfig().getValue(name, Integer.class);
    }
}
