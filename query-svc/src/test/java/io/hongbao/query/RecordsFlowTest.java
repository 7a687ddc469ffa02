package io.hongbao.query;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import com.google.rpc.ErrorInfo;
import io.hongbao.core.id.PacketId;
import io.hongbao.stackprocess.LocalStack;
import io.hongbao.v1.GetPacketRequest;
import io.hongbao.v1.GetUserSummaryRequest;
import io.hongbao.v1.GetUserSummaryResponse;
import io.hongbao.v1.ListReceivedSharesRequest;
import io.hongbao.v1.ListReceivedSharesResponse;
import io.hongbao.v1.ListSentPacketsRequest;
import io.hongbao.v1.ListSentPacketsResponse;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketFinished;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketPublished;
import io.hongbao.v1.PacketState;
import io.hongbao.v1.ShareOpened;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** From the events in Kafka to the lists that callers see, with servers that go away and come back. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
class RecordsFlowTest {
    /** Far above any lag on a healthy machine, and the longest pause of the consumer. */
    private static final Duration LAG_MAX = Duration.ofSeconds(40);

    private static final AtomicInteger USERS = new AtomicInteger();
    private static final Instant NOON = Instant.parse("2026-02-17T04:00:00Z");

    LocalStack stack;

    @Inject
    Orders orders;

    @Inject
    Caller caller;

    @Inject
    MeterRegistry meters;

    @Inject
    @Readiness
    DependencyHealth health;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String kafka;

    @ConfigProperty(name = "hongbao.test.records-jdbc-url")
    String recordsJdbcUrl;

    @Test
    void shouldRecordAPacketThatEndsBeforeItBegins() {
        String sender = newUser();
        String receiver = newUser();
        PacketId packet = Orders.newId(0);
        send(event(packet).setFinished(PacketFinished.newBuilder().setBestLuckUserId(receiver)));
        send(opened(packet, receiver, 10, sender));
        send(opened(packet, receiver, 10, sender));
        send(published(packet, sender, 10, 1));

        await().atMost(LAG_MAX).until(() -> sent(sender, 0, "").getPacketsCount() == 1);

        var listed = sent(sender, 0, "").getPackets(0);
        assertEquals(PacketState.PACKET_STATE_FINISHED, listed.getState());
        assertEquals(1, listed.getOpenedCount());
        assertEquals(NOON.getEpochSecond(), listed.getPublishedAt().getSeconds());
        var share = received(receiver, 0, "").getShares(0);
        assertTrue(share.getBestLuck());
        assertEquals(sender, share.getSenderId());
        assertEquals(1, summary(receiver, 2026).getBestLuckCount());
        assertEquals(10, summary(sender, 2026).getSentFen());
        assertEquals(0, summary(sender, 2025).getSentCount());
    }

    @Test
    void shouldKeepAUsersListWholeOverBothRegions() {
        String user = newUser();
        PacketId northern = Orders.newId(0);
        PacketId southern = PacketId.of(PacketId.SOUTH, 2500, 7, USERS.get(), 3);
        send(published(northern, user, 10, 1));
        send(published(southern, user, 20, 1));

        await().atMost(LAG_MAX).until(() -> sent(user, 0, "").getPacketsCount() == 2);

        assertEquals(30, summary(user, 2026).getSentFen());
    }

    @Test
    void shouldTellHowLongEachRegionIsSilent() throws Exception {
        try (var connection = DriverManager.getConnection(recordsJdbcUrl, LocalStack.USER, LocalStack.PASSWORD);
                var statement = connection.createStatement()) {
            statement.execute("insert into region_progress values (2, now() - interval '10 minutes', null)"
                    + " on conflict (region) do update set heard_at = excluded.heard_at");
        }

        await().atMost(LAG_MAX).ignoreExceptions().until(() -> silentSeconds(2) > 599);

        await().atMost(LAG_MAX).until(() -> silentSeconds(1) < 5);
    }

    @Test
    void shouldSkipAndCountWhatCanNeverBeRecorded() {
        String user = newUser();
        PacketId packet = Orders.newId(0);
        double recordsBefore = unreadable("record");
        double eventsBefore = unreadable("event");
        send("garbage".getBytes());
        send((byte[]) null);
        send(OrderEventBatch.newBuilder()
                .addEvents(published(packet, user, 10, 1))
                .build()
                .toByteArray());
        send(
                published(packet, "", 10, 1),
                published(packet, "a\0b", 10, 1),
                published(packet, user, 0, 1),
                opened(packet, user, -5, "s"),
                published(packet, user, 10, 1).setPacketId(12),
                opened(packet, user, 10, "s"));

        await().atMost(LAG_MAX).until(() -> received(user, 0, "").getSharesCount() == 1);

        assertEquals(recordsBefore + 3, unreadable("record"));
        assertEquals(eventsBefore + 5, unreadable("event"));
        assertEquals(0, sent(user, 0, "").getPacketsCount());
    }

    @Test
    void shouldPageAndRefuseForeignTokens() {
        String user = newUser();
        String other = newUser();
        List<OrderEvent.Builder> events = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            events.add(opened(Orders.newId(0), user, 10, "s"));
            events.add(published(Orders.newId(0), user, 10, 1));
        }
        send(events.toArray(OrderEvent.Builder[]::new));
        await().atMost(LAG_MAX).until(() -> received(user, 0, "").getSharesCount() == 5);

        ListReceivedSharesResponse first = received(user, 3, "");
        ListReceivedSharesResponse second = received(user, 3, first.getNextPageToken());
        String sentToken = sent(user, 2, "").getNextPageToken();

        assertEquals(3, first.getSharesCount());
        assertEquals(2, second.getSharesCount());
        assertEquals("", second.getNextPageToken());
        String token = first.getNextPageToken();
        String forged = (token.charAt(0) == 'A' ? 'B' : 'A') + token.substring(1);
        for (Callable<?> call : List.<Callable<?>>of(
                () -> received(other, 3, token),
                () -> received(user, 3, forged),
                () -> received(user, 3, sentToken),
                () -> received(user, 3, "!"),
                () -> sent(user, 3, token))) {
            assertEquals("PAGE_TOKEN_INVALID", Caller.refusal(call::call).getReason());
        }
        assertFalse(sentToken.isEmpty());
    }

    @Test
    void shouldNameWhatIsWrongWithARequest() {
        assertEquals("USER_ID_INVALID", Caller.refusal(() -> sent("", 0, "")).getReason());
        assertEquals(
                "USER_ID_INVALID",
                Caller.refusal(() -> received("x'; drop--", 0, "")).getReason());
        assertEquals("USER_ID_INVALID", Caller.refusal(() -> summary("", 2026)).getReason());
        assertEquals(
                "PAGE_SIZE_OUT_OF_RANGE",
                Caller.refusal(() -> sent("u", 101, "")).getReason());
        assertEquals(
                "YEAR_OUT_OF_RANGE", Caller.refusal(() -> summary("u", 2019)).getReason());
        assertEquals(
                "YEAR_OUT_OF_RANGE", Caller.refusal(() -> summary("u", 10_000)).getReason());
        assertEquals(
                "YEAR_OUT_OF_RANGE",
                Caller.refusal(() -> summary("u", Integer.MIN_VALUE)).getReason());
    }

    @Test
    void shouldGoOnWithPacketsWhileTheRecordsAreAwayAndLoseNoEvent() throws Exception {
        String user = newUser();
        PacketId packet = orders.publish(1, io.hongbao.core.packet.PacketKind.LUCKY, 100, 3);
        stack.stop("pg.core");
        try {
            ErrorInfo refusal = Caller.refusal(() -> sent(user, 0, ""));
            assertEquals("DEPENDENCY_UNAVAILABLE", refusal.getReason());
            assertEquals("records", refusal.getMetadataOrThrow("dependency"));
            assertEquals("records", Caller.refusal(() -> summary(user, 2026)).getMetadataOrThrow("dependency"));
            send(opened(Orders.newId(0), user, 10, "s"));
            await().atMost(LAG_MAX)
                    .until(() -> meters.counter("hongbao.query.record.retries").count() > 0);
            await().atMost(LAG_MAX).until(() -> waitingSeconds() > 0 && silentSeconds(1) > 1);
            assertEquals(packet.value(), getPacket(packet).getPacket().getPacketId());
            await().atMost(LAG_MAX).until(() -> !answers("records"));
            assertEquals(HealthCheckResponse.Status.UP, health.call().getStatus());
        } finally {
            stack.restart("pg.core");
        }
        await().atMost(LAG_MAX)
                .ignoreExceptions()
                .until(() -> received(user, 0, "").getSharesCount() == 1);
        await().atMost(LAG_MAX).until(() -> answers("records"));
        await().atMost(LAG_MAX).until(() -> waitingSeconds() == 0 && silentSeconds(1) < 5);
    }

    @Test
    void shouldAnswerInTimeAndRecoverWhenTheRecordsHang() throws Exception {
        String user = newUser();
        try (var connection = DriverManager.getConnection(recordsJdbcUrl, LocalStack.USER, LocalStack.PASSWORD);
                var statement = connection.createStatement();
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            connection.setAutoCommit(false);
            statement.execute("lock table packet_end in access exclusive mode");
            // Three times as many as there are connections.
            List<Future<ErrorInfo>> refusals = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                refusals.add(callers.submit(() -> Caller.refusal(() -> sent(user, 0, ""))));
            }
            for (Future<ErrorInfo> refusal : refusals) {
                assertEquals(
                        "DEPENDENCY_UNAVAILABLE",
                        refusal.get(8, TimeUnit.SECONDS).getReason());
            }
            connection.rollback();
        }
        await().atMost(LAG_MAX).ignoreExceptions().until(() -> sent(user, 0, "").getPacketsCount() == 0);
        for (int i = 0; i < 24; i++) {
            sent(user, 0, "");
        }
    }

    @Test
    void shouldNameTheSetThatIsAwayAndServeTheOther() throws Exception {
        PacketId lost = orders.publish(501, io.hongbao.core.packet.PacketKind.LUCKY, 100, 3);
        PacketId served = orders.publish(1, io.hongbao.core.packet.PacketKind.LUCKY, 100, 3);
        stack.stop("pg.set-b");
        try {
            ErrorInfo refusal = Caller.refusal(() -> getPacket(lost));
            assertEquals("SET_UNAVAILABLE", refusal.getReason());
            assertEquals("set-b", refusal.getMetadataOrThrow("set"));
            assertEquals(served.value(), getPacket(served).getPacket().getPacketId());
            await().atMost(LAG_MAX).until(() -> !answers("set-b"));
        } finally {
            stack.restart("pg.set-b");
        }
        await().atMost(LAG_MAX).ignoreExceptions().until(() -> getPacket(lost).hasPacket());
    }

    @Test
    void shouldLagWhileKafkaIsAwayAndCatchUp() throws Exception {
        String user = newUser();
        stack.stop("kafka");
        try {
            await().atMost(LAG_MAX).until(() -> !answers("kafka"));
            assertEquals(HealthCheckResponse.Status.UP, health.call().getStatus());
            assertEquals(0, sent(user, 0, "").getPacketsCount());
        } finally {
            stack.restart("kafka");
        }
        send(published(Orders.newId(0), user, 10, 1));

        await().atMost(LAG_MAX).until(() -> sent(user, 0, "").getPacketsCount() == 1);
        await().atMost(LAG_MAX).until(() -> answers("kafka"));
    }

    private boolean answers(String dependency) {
        return (Boolean) health.call().getData().orElseThrow().get(dependency);
    }

    private double waitingSeconds() {
        return meters.get("hongbao.query.records.waiting.seconds")
                .tag("region", "1")
                .gauge()
                .value();
    }

    private double silentSeconds(int region) {
        return meters.get("hongbao.query.region.silent.seconds")
                .tag("region", Integer.toString(region))
                .gauge()
                .value();
    }

    private double unreadable(String what) {
        return meters.counter("hongbao.query.unreadable", "what", what).count();
    }

    private io.hongbao.v1.GetPacketResponse getPacket(PacketId id) {
        return caller.query()
                .getPacket(GetPacketRequest.newBuilder().setPacketId(id.value()).build());
    }

    private ListSentPacketsResponse sent(String userId, int pageSize, String token) {
        return caller.query()
                .listSentPackets(ListSentPacketsRequest.newBuilder()
                        .setUserId(userId)
                        .setPageSize(pageSize)
                        .setPageToken(token)
                        .build());
    }

    private ListReceivedSharesResponse received(String userId, int pageSize, String token) {
        return caller.query()
                .listReceivedShares(ListReceivedSharesRequest.newBuilder()
                        .setUserId(userId)
                        .setPageSize(pageSize)
                        .setPageToken(token)
                        .build());
    }

    private GetUserSummaryResponse summary(String userId, int year) {
        return caller.query()
                .getUserSummary(GetUserSummaryRequest.newBuilder()
                        .setUserId(userId)
                        .setYear(year)
                        .build());
    }

    private void send(OrderEvent.Builder... events) {
        OrderEventBatch.Builder batch = OrderEventBatch.newBuilder()
                .setOccurredAt(Timestamp.newBuilder().setSeconds(NOON.getEpochSecond()));
        for (OrderEvent.Builder event : events) {
            batch.addEvents(event);
        }
        send(batch.build().toByteArray());
    }

    private void send(byte @Nullable [] value) {
        try (var producer = new KafkaProducer<byte[], byte[]>(
                Map.of("bootstrap.servers", kafka), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("hongbao.orders.v1", value)).get(30, TimeUnit.SECONDS);
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    private static String newUser() {
        return "flow-" + USERS.incrementAndGet();
    }

    private static OrderEvent.Builder published(PacketId packet, String sender, long totalFen, int shareCount) {
        return event(packet)
                .setPublished(PacketPublished.newBuilder()
                        .setSenderId(sender)
                        .setGroupId("group")
                        .setKind(PacketKind.PACKET_KIND_LUCKY)
                        .setTotalFen(totalFen)
                        .setShareCount(shareCount));
    }

    private static OrderEvent.Builder opened(PacketId packet, String user, long amountFen, String sender) {
        return event(packet)
                .setOpened(ShareOpened.newBuilder()
                        .setUserId(user)
                        .setAmountFen(amountFen)
                        .setSequence(1)
                        .setSenderId(sender)
                        .setGroupId("group")
                        .setKind(PacketKind.PACKET_KIND_LUCKY));
    }

    private static OrderEvent.Builder event(PacketId packet) {
        return OrderEvent.newBuilder().setPacketId(packet.value());
    }
}
