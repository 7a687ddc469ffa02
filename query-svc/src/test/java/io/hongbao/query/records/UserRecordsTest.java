package io.hongbao.query.records;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Timestamp;
import io.hongbao.core.id.PacketId;
import io.hongbao.query.Servers;
import io.hongbao.query.records.UserRecords.Position;
import io.hongbao.query.records.UserRecords.Totals;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketFinished;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketPublished;
import io.hongbao.v1.PacketRefunded;
import io.hongbao.v1.ShareOpened;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The contract of the user records, on a real server. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
class UserRecordsTest {
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final Instant NOON = Instant.parse("2026-02-17T04:00:00Z");

    @Inject
    RecordWriter writer;

    @Inject
    UserRecords records;

    @Inject
    Pool pool;

    @Test
    void shouldEndInTheSameRowsWhateverTheOrderAndNumberOfDeliveries() {
        long seed = new Random().nextLong();
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        List<OrderEventBatch> batches = new ArrayList<>();
        List<Long> packets = new ArrayList<>();
        StringBuilder expected = new StringBuilder();
        for (int p = 0; p < 40; p++) {
            PacketId packet = newPacket();
            packets.add(packet.value());
            int shareCount = 1 + random.nextInt(6);
            // Nothing opened, some opened, all opened.
            int openedCount = random.nextInt(shareCount + 1);
            boolean ended = random.nextBoolean();
            String sender = "sender" + random.nextInt(3);
            Instant published = NOON.plusSeconds(random.nextInt(10));
            batches.add(batch(published, published(packet, sender, shareCount * 10L, shareCount)));
            List<OrderEvent> last = new ArrayList<>();
            for (int s = 1; s <= openedCount; s++) {
                OrderEvent opened = opened(packet, "user" + p + "-" + s, 10, s, sender);
                if (s == openedCount) {
                    last.add(opened);
                } else {
                    batches.add(batch(published.plusSeconds(s), opened));
                }
            }
            boolean finished = openedCount == shareCount;
            if (finished) {
                last.add(finished(packet, "user" + p + "-1"));
            } else if (ended) {
                last.add(refunded(packet, sender, (shareCount - openedCount) * 10L));
            }
            if (!last.isEmpty()) {
                batches.add(batch(published.plusSeconds(60), last.toArray(OrderEvent[]::new)));
            }
            expected.append("%d opened=%d refund=%d state=%d best=%d%n"
                    .formatted(
                            packet.value(),
                            openedCount,
                            ended && !finished ? (shareCount - openedCount) * 10L : 0,
                            finished ? 3 : ended ? 4 : 2,
                            finished ? 1 : 0));
        }
        String rowsBefore = null;
        for (int round = 0; round < 8; round++) {
            List<OrderEventBatch> delivered = new ArrayList<>(batches);
            if (round > 0) {
                batches.stream().filter(batch -> random.nextInt(3) == 0).forEach(delivered::add);
                Collections.shuffle(delivered, random);
            }
            delete(packets);

            deliver(delivered, round == 0 ? 1 : 4);

            String rows = rows(packets);
            assertEquals(expected.toString(), seen(packets), "round " + round);
            assertEquals(rowsBefore == null ? rows : rowsBefore, rows, "round " + round);
            rowsBefore = rows;
        }
    }

    @Test
    void shouldPageThroughEventsOfOneMoment() {
        String user = newUser();
        Set<Long> expected = new HashSet<>();
        List<OrderEvent> events = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            PacketId packet = newPacket();
            expected.add(packet.value());
            events.add(opened(packet, user, 7, 1, "sender"));
            events.add(published(packet, user, 10, 1));
        }
        deliver(List.of(batch(NOON, events.toArray(OrderEvent[]::new))), 1);

        List<Long> received = walk(4, after -> records.received(user, after, 4), Position::of, r -> r.packetId);
        List<Long> sent = walk(7, after -> records.sent(user, after, 7), Position::of, r -> r.packetId);

        assertEquals(expected.stream().sorted(Collections.reverseOrder()).toList(), received);
        assertEquals(received, sent);
    }

    @Test
    void shouldListTheNewestFirst() {
        String user = newUser();
        PacketId early = newPacket();
        PacketId late = newPacket();
        deliver(
                List.of(
                        batch(NOON.plusNanos(1_000), opened(early, user, 1, 1, "s")),
                        batch(NOON, opened(late, user, 2, 1, "s"))),
                1);

        List<Long> amounts = await(() -> records.received(user, Position.NEWEST, 10)).stream()
                .map(record -> record.amountFen)
                .toList();

        assertEquals(List.of(1L, 2L), amounts, "by time to the microsecond, not by packet");
    }

    @Test
    void shouldEndTheYearAtMidnightInShanghai() {
        String user = newUser();
        Instant lastMoment = Instant.parse("2025-12-31T15:59:59.999999Z");
        Instant firstMoment = Instant.parse("2025-12-31T16:00:00Z");
        PacketId old = newPacket();
        PacketId young = newPacket();
        deliver(
                List.of(
                        batch(lastMoment, published(old, user, 100, 2), opened(old, user, 40, 1, user)),
                        batch(
                                firstMoment,
                                published(young, user, 1_000, 1),
                                opened(young, user, 1_000, 1, user),
                                finished(young, user),
                                // An end belongs to the year its packet was sent in, whenever it came.
                                refunded(old, user, 60))),
                1);

        assertEquals(new Totals(1, 100, 60, 1, 40, 0), await(() -> records.totals(user, 2025)));
        assertEquals(new Totals(1, 1_000, 0, 1, 1_000, 1), await(() -> records.totals(user, 2026)));
        assertEquals(new Totals(0, 0, 0, 0, 0, 0), await(() -> records.totals(user, 2024)));
        assertEquals(new Totals(0, 0, 0, 0, 0, 0), await(() -> records.totals(user, 9999)));
    }

    @Test
    void shouldReadPagesAndTotalsFromTheirIndexes() {
        for (String query : List.of(
                "select * from sent_record where sender_id = 'a' and (published_at, packet_id) < (now(), 1)"
                        + " order by published_at desc, packet_id desc limit 21",
                "select * from received_record where user_id = 'a' and (opened_at, packet_id) < (now(), 1)"
                        + " order by opened_at desc, packet_id desc limit 21",
                "select count(*), sum(refund_fen) from sent_record where sender_id = 'a' and published_at < now()")) {
            String plan = await(() -> pool.withConnection(connection -> connection
                    .query("set enable_seqscan = off")
                    .execute()
                    .chain(() -> connection.query("explain " + query).execute())
                    .map(rows -> {
                        StringBuilder lines = new StringBuilder();
                        rows.forEach(row -> lines.append(row.getString(0)).append('\n'));
                        return lines.toString();
                    })
                    .eventually(() -> connection.query("reset all").execute())));

            assertEquals(false, plan.contains("Sort") || plan.contains("Seq Scan on"), plan);
        }
    }

    private <T> List<Long> walk(
            int pageSize,
            Function<Position, Uni<List<T>>> page,
            Function<T, Position> position,
            Function<T, Long> packet) {
        List<Long> walked = new ArrayList<>();
        Position after = Position.NEWEST;
        while (true) {
            Position from = after;
            List<T> rows = await(() -> page.apply(from));
            rows.forEach(row -> walked.add(packet.apply(row)));
            if (rows.size() < pageSize) {
                return walked;
            }
            after = position.apply(rows.getLast());
        }
    }

    /** Hands batches in as the consumers of several pods would: several at once, again after a failure. */
    private void deliver(List<OrderEventBatch> batches, int atOnce) {
        await(() -> Multi.createFrom()
                .iterable(batches)
                .onItem()
                .transformToUni(batch -> Uni.createFrom()
                        .deferred(() -> writer.write(RecordBatch.of(batch).orElseThrow()))
                        .onFailure()
                        .retry()
                        .atMost(20))
                .merge(atOnce)
                .collect()
                .asList());
    }

    private void delete(List<Long> packets) {
        for (String table : List.of("sent_packet", "received_share", "packet_end")) {
            await(() -> pool.query("delete from " + table + " where packet_id in " + in(packets))
                    .execute());
        }
    }

    /** Every column of every row. */
    private String rows(List<Long> packets) {
        StringBuilder rows = new StringBuilder();
        for (String table : List.of("sent_packet", "received_share", "packet_end")) {
            await(() -> pool.query("select t::text from " + table + " t where packet_id in " + in(packets)
                                    + " order by 1")
                            .execute())
                    .forEach(row -> rows.append(row.getString(0)).append('\n'));
        }
        return rows.toString();
    }

    private String seen(List<Long> packets) {
        StringBuilder seen = new StringBuilder();
        await(() -> pool.query("""
                                select s.packet_id, s.opened_count, s.refund_fen, s.state,
                                       (select count(*) from received_record r
                                        where r.packet_id = s.packet_id and r.best_luck) as best
                                from sent_record s where s.packet_id in
                                """ + in(packets) + " order by 1").execute())
                .forEach(row -> seen.append("%d opened=%d refund=%d state=%d best=%d%n"
                        .formatted(
                                row.getLong(0), row.getInteger(1), row.getLong(2), row.getShort(3), row.getLong(4))));
        return seen.toString();
    }

    private static String in(List<Long> packets) {
        return packets.toString().replace('[', '(').replace(']', ')');
    }

    private static <T> T await(Supplier<Uni<T>> work) {
        try {
            return VertxContextSupport.subscribeAndAwait(work);
        } catch (Throwable failure) {
            throw new AssertionError(failure);
        }
    }

    private static PacketId newPacket() {
        return PacketId.of(PacketId.NORTH, 2_000, 1, COUNTER.incrementAndGet(), 0);
    }

    private static String newUser() {
        return "user-" + COUNTER.incrementAndGet();
    }

    private static OrderEventBatch batch(Instant time, OrderEvent... events) {
        return OrderEventBatch.newBuilder()
                .addAllEvents(List.of(events))
                .setOccurredAt(
                        Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(time.getNano()))
                .build();
    }

    private static OrderEvent published(PacketId packet, String sender, long totalFen, int shareCount) {
        return event(packet)
                .setPublished(PacketPublished.newBuilder()
                        .setSenderId(sender)
                        .setGroupId("group")
                        .setKind(PacketKind.PACKET_KIND_LUCKY)
                        .setTotalFen(totalFen)
                        .setShareCount(shareCount))
                .build();
    }

    private static OrderEvent opened(PacketId packet, String user, long amountFen, int sequence, String sender) {
        return event(packet)
                .setOpened(ShareOpened.newBuilder()
                        .setUserId(user)
                        .setAmountFen(amountFen)
                        .setSequence(sequence)
                        .setSenderId(sender)
                        .setGroupId("group")
                        .setKind(PacketKind.PACKET_KIND_LUCKY))
                .build();
    }

    private static OrderEvent finished(PacketId packet, String bestLuck) {
        return event(packet)
                .setFinished(PacketFinished.newBuilder().setBestLuckUserId(bestLuck))
                .build();
    }

    private static OrderEvent refunded(PacketId packet, String sender, long refundFen) {
        return event(packet)
                .setRefunded(PacketRefunded.newBuilder().setSenderId(sender).setRefundFen(refundFen))
                .build();
    }

    private static OrderEvent.Builder event(PacketId packet) {
        return OrderEvent.newBuilder().setPacketId(packet.value());
    }
}
