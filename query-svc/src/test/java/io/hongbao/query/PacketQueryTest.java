package io.hongbao.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.split.Seed;
import io.hongbao.core.text.TextSeal;
import io.hongbao.kit.text.TextConfig;
import io.hongbao.kit.text.TextKeys;
import io.hongbao.stackprocess.LocalStack;
import io.hongbao.v1.GetPacketRequest;
import io.hongbao.v1.GetPacketResponse;
import io.hongbao.v1.ListSharesRequest;
import io.hongbao.v1.ListSharesResponse;
import io.hongbao.v1.Packet;
import io.hongbao.v1.PacketState;
import io.hongbao.v1.Share;
import io.hongbao.v1.ShareState;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Servers.class)
class PacketQueryTest {
    private static final int SUFFIX = 1;

    @Inject
    Orders orders;

    @Inject
    Caller caller;

    @Inject
    MeterRegistry meters;

    @Inject
    TextConfig textConfig;

    /** Given by {@link Servers}. */
    LocalStack stack;

    @Test
    void shouldTellOnlyTheHashOfTheSeedOfALivePacket() {
        PacketId id = orders.publish(SUFFIX, PacketKind.LUCKY, 100, 3);
        orders.open(id, 40);

        Packet packet = get(id, "").getPacket();

        assertEquals(PacketState.PACKET_STATE_OPEN, packet.getState());
        assertTrue(packet.getSeed().isEmpty());
        assertEquals(Seed.BYTES, packet.getSeedHash().size());
        assertEquals(60, packet.getSurplusFen());
        assertEquals(2, packet.getSurplusCount());
        assertEquals("", packet.getBestLuckUserId());
        assertFalse(packet.hasFinishedAt());
        assertEquals("恭喜发财", packet.getGreeting());
        assertEquals(
                Orders.TIME_TO_LIVE.toSeconds(),
                packet.getExpiresAt().getSeconds() - packet.getPublishedAt().getSeconds());
    }

    @Test
    void shouldTellTheGreetingThatWasStoredEncrypted() {
        TextSeal seal = TextKeys.writing(textConfig);

        PacketId id = orders.wrap(SUFFIX, PacketKind.LUCKY, 100, 3, number -> seal.seal(number.value(), "大吉大利 🧧"));

        assertEquals("大吉大利 🧧", get(id, "").getPacket().getGreeting());
    }

    @Test
    void shouldTellTheGreetingOfAPacketThatIsInTheColdStore() throws SQLException {
        TextSeal seal = TextKeys.writing(textConfig);
        LocalDate day = LocalDate.now(PacketId.ZONE).minusDays(Orders.COLD_AFTER_DAYS + 1);
        sql("set-a", "orders", "select orders.make_day(array[%d], date '%s')".formatted(SUFFIX / 10, day));

        PacketId id = orders.cold(SUFFIX, day, number -> seal.seal(number.value(), "大吉大利 🧧"));
        Packet packet = get(id, "").getPacket();

        assertEquals("大吉大利 🧧", packet.getGreeting());
        assertEquals(PacketState.PACKET_STATE_CLOSED, packet.getState());
        assertEquals(
                1, sql("core", "cold", "select id from cold.packet where id = " + id.value()), "it is nowhere else");
    }

    /** @return how many rows it gave */
    private int sql(String server, String database, String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(
                        stack.jdbcUrl(server, database), LocalStack.USER, LocalStack.PASSWORD);
                var rows = connection.createStatement().executeQuery(sql)) {
            int count = 0;
            while (rows.next()) {
                count++;
            }
            return count;
        }
    }

    @Test
    void shouldTellAPacketWithoutAGreetingThatItCannotRead() {
        TextSeal elsewhere = new TextSeal(OptionalInt.of(1), Map.of(1, new byte[TextSeal.SECRET_BYTES]));
        double before = meters.counter("hongbao.query.greetings.unreadable").count();

        PacketId id = orders.wrap(SUFFIX, PacketKind.LUCKY, 100, 3, number -> elsewhere.seal(number.value(), "大吉大利"));
        Packet packet = get(id, "").getPacket();

        assertEquals("", packet.getGreeting());
        assertEquals(100, packet.getTotalFen());
        assertEquals(
                before + 1, meters.counter("hongbao.query.greetings.unreadable").count());
    }

    @Test
    void shouldRevealSeedAndBestLuckOfAFinishedPacket() {
        PacketId id = orders.publish(SUFFIX, PacketKind.LUCKY, 23, 3);
        orders.open(id, 5, 9, 9);

        Packet packet = get(id, "").getPacket();

        assertEquals(PacketState.PACKET_STATE_FINISHED, packet.getState());
        assertEquals("user-2", packet.getBestLuckUserId(), "the earliest of the largest");
        assertEquals(
                packet.getSeedHash(),
                ByteString.copyFrom(new Seed(packet.getSeed().toByteArray()).commitment()));
        List<Share> shares = list(id, 0, "").getSharesList();
        assertEquals(shares.getLast().getOpenedAt(), packet.getFinishedAt());
        assertEquals(
                List.of(false, true, false),
                shares.stream().map(Share::getBestLuck).toList());
    }

    @Test
    void shouldNameNoBestLuckOfAnEqualPacket() {
        PacketId id = orders.publish(SUFFIX, PacketKind.EQUAL, 20, 2);
        orders.open(id, 10, 10);

        GetPacketResponse answer = get(id, "user-1");

        assertEquals("", answer.getPacket().getBestLuckUserId());
        assertFalse(answer.getOwnShare().getBestLuck());
    }

    @Test
    void shouldRevealTheSeedOfAnExpiredPacket() {
        PacketId id = orders.publish(SUFFIX, PacketKind.LUCKY, 100, 3);
        orders.open(id, 40);
        orders.expire(id);

        Packet packet = get(id, "").getPacket();

        assertEquals(PacketState.PACKET_STATE_EXPIRED, packet.getState());
        assertEquals(60, packet.getRefundFen());
        assertEquals(0, packet.getSurplusFen());
        assertEquals(Seed.BYTES, packet.getSeed().size());
        assertEquals("", packet.getBestLuckUserId());
        assertFalse(packet.hasFinishedAt());
    }

    @Test
    void shouldTellNeitherSeedNorExpiryOfAnUnpaidPacket() {
        PacketId id = orders.wrap(SUFFIX, PacketKind.LUCKY, 100, 3);

        Packet packet = get(id, "").getPacket();

        assertEquals(PacketState.PACKET_STATE_AWAITING_PAYMENT, packet.getState());
        assertTrue(packet.getSeed().isEmpty());
        assertFalse(packet.hasPublishedAt());
        assertFalse(packet.hasExpiresAt());
    }

    @Test
    void shouldShowAShareToItsReceiverAtOnce() {
        PacketId id = orders.publish(SUFFIX, PacketKind.LUCKY, 1_000, 50);
        for (int sequence = 1; sequence <= 50; sequence++) {
            orders.open(id, 20);

            GetPacketResponse answer = get(id, "user-" + sequence);

            assertEquals(sequence, answer.getOwnShare().getSequence());
            assertEquals(ShareState.SHARE_STATE_OPENED, answer.getOwnShare().getState());
        }
        assertFalse(get(id, "stranger").hasOwnShare());
    }

    @Test
    void shouldKeepAPacketInMemoryOnlyOnceItsSharesAreSettled() {
        PacketId id = orders.publish(SUFFIX, PacketKind.EQUAL, 20, 2);
        orders.open(id, 10, 10);
        orders.settle(id, "user-1");
        double before = cached();

        get(id, "");
        get(id, "");
        assertEquals(before, cached(), "one share may still change");
        orders.settle(id, "user-2");
        get(id, "");
        GetPacketResponse answer = get(id, "user-2");

        assertEquals(before + 1, cached());
        assertEquals(ShareState.SHARE_STATE_SETTLED, answer.getOwnShare().getState());
    }

    @Test
    void shouldPageThroughShares() {
        PacketId id = orders.publish(SUFFIX, PacketKind.EQUAL, 50, 5);
        orders.open(id, 10, 10, 10, 10, 10);
        List<Integer> sequences = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        String token = "";
        do {
            ListSharesResponse page = list(id, 2, token);
            page.getSharesList().forEach(share -> sequences.add(share.getSequence()));
            sizes.add(page.getSharesCount());
            token = page.getNextPageToken();
        } while (!token.isEmpty());

        assertEquals(List.of(1, 2, 3, 4, 5), sequences);
        assertEquals(List.of(2, 2, 1), sizes);
    }

    @Test
    void shouldRefuseATokenOfAnotherPacket() {
        PacketId id = orders.publish(SUFFIX, PacketKind.EQUAL, 30, 3);
        PacketId other = orders.publish(SUFFIX, PacketKind.EQUAL, 30, 3);
        orders.open(id, 10, 10);
        String token = list(id, 1, "").getNextPageToken();

        assertEquals(
                "PAGE_TOKEN_INVALID",
                Caller.refusal(() -> list(other, 1, token)).getReason());
    }

    @Test
    void shouldNameWhatIsWrongWithARequest() {
        PacketId unknown = Orders.newId(SUFFIX);
        PacketId southern = PacketId.of(PacketId.SOUTH, unknown.day(), 0, 1, SUFFIX);

        assertEquals("PACKET_NOT_FOUND", Caller.refusal(() -> get(unknown, "")).getReason());
        assertEquals(
                "PACKET_NOT_FOUND",
                Caller.refusal(() -> get(PacketId.of(PacketId.NORTH, 0, 0, 1, SUFFIX), ""))
                        .getReason());
        assertEquals(
                "SUFFIX_NOT_SERVED",
                Caller.refusal(() -> get(Orders.newId(990), "")).getReason());
        var wrongRegion = Caller.refusal(() -> get(southern, ""));
        assertEquals("WRONG_REGION", wrongRegion.getReason());
        assertEquals("2", wrongRegion.getMetadataOrThrow("home_region"));
        for (long malformed : new long[] {0, -1, 42, Long.MAX_VALUE, Long.MIN_VALUE}) {
            var request = GetPacketRequest.newBuilder().setPacketId(malformed).build();
            assertEquals(
                    "PACKET_ID_MALFORMED",
                    Caller.refusal(() -> caller.query().getPacket(request)).getReason());
        }
        assertEquals(
                "USER_ID_INVALID", Caller.refusal(() -> get(unknown, "a b")).getReason());
        assertEquals(
                "PAGE_SIZE_OUT_OF_RANGE",
                Caller.refusal(() -> list(unknown, 501, "")).getReason());
        assertEquals(
                "PAGE_SIZE_OUT_OF_RANGE",
                Caller.refusal(() -> list(unknown, -1, "")).getReason());
    }

    private GetPacketResponse get(PacketId id, String userId) {
        return caller.query()
                .getPacket(GetPacketRequest.newBuilder()
                        .setPacketId(id.value())
                        .setUserId(userId)
                        .build());
    }

    private ListSharesResponse list(PacketId id, int pageSize, String token) {
        return caller.query()
                .listShares(ListSharesRequest.newBuilder()
                        .setPacketId(id.value())
                        .setPageSize(pageSize)
                        .setPageToken(token)
                        .build());
    }

    private double cached() {
        return meters.counter("hongbao.query.packets", "source", "cache").count();
    }
}
