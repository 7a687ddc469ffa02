package io.hongbao.orders;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.LivePacket.Facts;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Terms;
import io.hongbao.core.set.SetMap.SetRange;
import io.hongbao.core.set.SuffixRange;
import io.hongbao.core.split.Seed;
import io.hongbao.orders.StoreException.Effect;
import io.hongbao.schema.Migrations;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What send-svc relies on, against a real server: insert, publish, close, and the list of orders that wait. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OrderStoreTest {
    private static final Duration TIME_TO_PAY = Duration.ofMinutes(15);
    private static final long TIME_TO_LIVE_MILLIS = 3_600_000;
    private static final byte[] EVENTS = {1, 2, 3};
    private static final int DAY = PacketId.dayOf(LocalDate.now(PacketId.ZONE));
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final SetRange SET = new SetRange("set-a", SuffixRange.parse("00-49"), SuffixRange.parse("00-01"));

    private static EmbeddedPostgres postgres;
    private static Vertx vertx;
    private static OrderStore store;

    @BeforeAll
    static void start() throws Exception {
        postgres = EmbeddedPostgres.start();
        Migrations.migrate(Migrations.Kind.SET, postgres.getJdbcUrl("postgres", "postgres"), "postgres", "postgres");
        vertx = Vertx.vertx();
        store = new OrderStore(
                vertx, SET, new FixedSetConfig("postgresql://127.0.0.1:" + postgres.getPort() + "/postgres"));
        await(store.makeDays(1));
    }

    @AfterAll
    static void stop() throws Exception {
        await(store.close());
        await(vertx.close());
        postgres.close();
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private static StoreException failure(Future<?> future) {
        return assertInstanceOf(
                StoreException.class,
                assertThrows(CompletionException.class, () -> await(future)).getCause());
    }

    private static NewPacket packet(int suffix) {
        return packet(PacketId.of(PacketId.NORTH, DAY, 7, COUNTER.incrementAndGet(), suffix));
    }

    private static NewPacket packet(PacketId id) {
        byte[] seed = new byte[Seed.BYTES];
        seed[0] = (byte) id.counter();
        return new NewPacket(
                new Facts(id, new Terms(PacketKind.LUCKY, 1_000, 3, 20_000), new Seed(seed), "alice", "friends", ""),
                TIME_TO_LIVE_MILLIS,
                "110000",
                "恭喜发财 'quoted'");
    }

    private static PacketId insert(NewPacket packet) {
        await(store.insert(List.of(packet), TIME_TO_PAY));
        return packet.facts().id();
    }

    private static PaidOrder paid(PacketId id) {
        return new PaidOrder(id, 1_000, "alice");
    }

    private static PacketId publish(PacketId id) {
        assertEquals(
                1, await(store.publish(List.of(paid(id)), orders -> EVENTS)).size());
        return id;
    }

    private static long outboxCount() {
        return await(store.backlog()).rowCount();
    }

    @Test
    void shouldReadAnOrderAsItWasWrapped() {
        NewPacket packet = packet(12);

        long insertedAt = await(store.insert(List.of(packet), TIME_TO_PAY));

        PacketRow row = await(store.find(packet.facts().id())).orElseThrow();
        assertEquals(packet.facts(), row.facts());
        assertEquals(new PacketState.AwaitingPayment(), row.state());
        assertEquals(insertedAt, row.createdAtMicros());
        assertEquals(insertedAt + TIME_TO_PAY.toMillis() * 1_000, row.dueAtMicros());
        assertEquals(packet.greeting(), row.greeting());
        assertEquals(packet.cityCode(), row.cityCode());
        assertEquals(TIME_TO_LIVE_MILLIS, row.timeToLiveMillis());
    }

    @Test
    void shouldSpreadABatchOverItsTables() {
        List<NewPacket> packets =
                IntStream.range(0, 20).mapToObj(OrderStoreTest::packet).toList();

        await(store.insert(packets, TIME_TO_PAY));

        List<Long> ids =
                packets.stream().map(packet -> packet.facts().id().value()).toList();
        assertEquals(
                20,
                await(store.load(packets.getFirst().facts().id().dayTable(), ids))
                        .size());
    }

    @Test
    void shouldInsertNothingIfOneNumberIsThere() {
        NewPacket old = packet(3);
        insert(old);
        NewPacket fresh = packet(4);

        StoreException failure = failure(store.insert(List.of(fresh, old), TIME_TO_PAY));

        assertEquals(Effect.DUPLICATE, failure.effect());
        assertTrue(await(store.find(fresh.facts().id())).isEmpty());
    }

    @Test
    void shouldRefuseAnOrderOfADatabaseWithoutTables() {
        NewPacket packet = packet(490);
        StoreException failure = failure(store.insert(List.of(packet), TIME_TO_PAY));
        assertTrue(failure.effect() == Effect.NO_TABLES || failure.effect() == Effect.REJECTED, failure.toString());
    }

    @Test
    void shouldPublishABatchAndTellItOnce() {
        PacketId first = insert(packet(5));
        PacketId second = insert(packet(15));
        long before = outboxCount();

        List<PublishedOrder> published = await(store.publish(List.of(paid(first), paid(second)), orders -> EVENTS));

        assertEquals(
                Set.of(first, second),
                published.stream().map(PublishedOrder::id).collect(Collectors.toSet()));
        PacketRow row = await(store.find(first)).orElseThrow();
        assertEquals(new PacketState.Open(1_000, 3), row.state());
        long publishedAt = published.getFirst().publishedAtMicros();
        assertEquals(publishedAt, row.publishedAtMicros());
        assertEquals(publishedAt + TIME_TO_LIVE_MILLIS * 1_000, row.dueAtMicros());
        assertEquals(before + 1, outboxCount());
    }

    @Test
    void shouldSayOfAPublishedOrderWhatThereIsToTell() {
        PacketId id = insert(packet(17));

        PublishedOrder published =
                await(store.publish(List.of(paid(id)), orders -> EVENTS)).getFirst();

        assertEquals(
                new PublishedOrder(
                        id,
                        "alice",
                        "friends",
                        PacketKind.LUCKY,
                        1_000,
                        3,
                        "",
                        TIME_TO_LIVE_MILLIS,
                        await(store.find(id)).orElseThrow().dueAtMicros()),
                published);
    }

    @Test
    void shouldPublishTheOthersOfABatchInWhichSomeCannotBe() {
        PacketId published = publish(insert(packet(5)));
        PacketId closed = insert(packet(6));
        assertTrue(await(store.close(closed)));
        PacketId unknown = packet(7).facts().id();
        PacketId cheap = insert(packet(8));
        PacketId ofAnother = insert(packet(8));
        PacketId waiting = insert(packet(16));
        List<PaidOrder> batch = List.of(
                paid(published),
                paid(closed),
                paid(unknown),
                new PaidOrder(cheap, 999, "alice"),
                new PaidOrder(ofAnother, 1_000, "bob"),
                paid(waiting));
        List<PublishedOrder> told = new ArrayList<>();

        List<PublishedOrder> done = await(store.publish(batch, orders -> {
            told.addAll(orders);
            return EVENTS;
        }));

        assertEquals(List.of(waiting), done.stream().map(PublishedOrder::id).toList());
        assertEquals(done, told, "only what happened is told");
        assertEquals(1, await(store.find(published)).orElseThrow().version());
        for (PacketId left : List.of(cheap, ofAnother)) {
            assertEquals(
                    new PacketState.AwaitingPayment(),
                    await(store.find(left)).orElseThrow().state());
        }
    }

    @Test
    void shouldTellNothingWhereNothingWasPublished() {
        PacketId published = publish(insert(packet(5)));
        long before = outboxCount();

        assertEquals(List.of(), await(store.publish(List.of(paid(published)), orders -> EVENTS)));

        assertEquals(before, outboxCount());
    }

    @Test
    void shouldPublishOnceWhatIsTwiceInABatch() {
        PacketId id = insert(packet(5));

        List<PublishedOrder> done = await(store.publish(List.of(paid(id), paid(id)), orders -> EVENTS));

        assertEquals(List.of(id), done.stream().map(PublishedOrder::id).toList());
        assertEquals(1, await(store.find(id)).orElseThrow().version());
    }

    @Test
    void shouldSayThatTheTablesOfAnOrderAreNotHere() {
        PacketId elsewhere = packet(490).facts().id();

        StoreException failure = failure(store.publish(List.of(paid(elsewhere)), orders -> EVENTS));

        assertEquals(Effect.NO_TABLES, failure.effect());
    }

    @Test
    void shouldPublishNothingThatCannotBeTold() {
        PacketId id = insert(packet(5));

        failure(store.publish(List.of(paid(id)), orders -> {
            throw new IllegalStateException("no words");
        }));

        assertEquals(
                new PacketState.AwaitingPayment(),
                await(store.find(id)).orElseThrow().state());
    }

    @Test
    void shouldCloseOnceAndNeverAfterPublication() {
        PacketId unpaid = insert(packet(7));
        PacketId paid = insert(packet(8));
        publish(paid);

        assertTrue(await(store.close(unpaid)));
        assertFalse(await(store.close(unpaid)));
        assertFalse(await(store.close(paid)));
        assertEquals(List.of(), await(store.publish(List.of(paid(unpaid)), orders -> EVENTS)));
    }

    @Test
    void shouldLetOneOfManyPublicationsWin() {
        PacketId id = insert(packet(9));

        List<Future<Boolean>> attempts = IntStream.range(0, 8)
                .mapToObj(
                        i -> store.publish(List.of(paid(id)), orders -> EVENTS).map(done -> !done.isEmpty()))
                .toList();

        assertEquals(1, attempts.stream().filter(OrderStoreTest::await).count());
        assertEquals(1, await(store.find(id)).orElseThrow().version());
    }

    @Test
    void shouldListWaitingOrdersPageByPage() {
        // All of one batch are due at the same microsecond: the number decides between them.
        List<NewPacket> packets =
                IntStream.range(0, 7).mapToObj(i -> packet(i * 3)).toList();
        await(store.insert(packets, Duration.ofMinutes(40)));
        PacketId paid = packets.get(2).facts().id();
        publish(paid);

        List<Long> seen = new ArrayList<>();
        Awaiting place = new Awaiting(
                await(store.find(packets.getFirst().facts().id())).orElseThrow().dueAtMicros() - 1, 0);
        for (List<Awaiting> page = await(store.awaitingPayment(Duration.ofMinutes(41), place, 2));
                !page.isEmpty();
                page = await(store.awaitingPayment(Duration.ofMinutes(41), place, 2))) {
            page.forEach(order -> seen.add(order.packetId()));
            place = page.getLast();
        }

        List<Long> expected = packets.stream()
                .map(packet -> packet.facts().id().value())
                .filter(id -> id != paid.value())
                .sorted()
                .toList();
        assertArrayEquals(expected.toArray(), seen.toArray());
    }

    @Test
    void shouldListOnlyWhatIsDueInTime() {
        PacketId overdue = packet(1).facts().id();
        await(store.insert(List.of(packet(overdue)), Duration.ofMillis(-1)));
        PacketId later = insert(packet(2));

        List<Long> found = await(store.awaitingPayment(Duration.ZERO, Awaiting.START, 1_000)).stream()
                .map(Awaiting::packetId)
                .toList();

        assertTrue(found.contains(overdue.value()));
        assertFalse(found.contains(later.value()));
    }

    @Test
    void shouldMakeTheTablesOfADayOnce() {
        assertEquals(0, await(store.makeDays(1)));
    }

    @Test
    void shouldSayThatNothingWasSentIfNobodyListens() {
        var away = new OrderStore(vertx, SET, new FixedSetConfig("postgresql://127.0.0.1:1/postgres"));
        assertEquals(
                Effect.NOT_SENT,
                failure(away.insert(List.of(packet(1)), TIME_TO_PAY)).effect());
        await(away.close());
    }
}
