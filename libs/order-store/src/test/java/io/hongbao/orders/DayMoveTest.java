package io.hongbao.orders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import io.hongbao.orders.DayMove.Outcome;
import io.hongbao.orders.DayMove.Unit;
import io.hongbao.schema.Migrations;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A day's way to the cold store, with movers that die, sleep, or find something else than they left. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DayMoveTest {
    private static final int DATABASE = 1;
    private static final int AFTER_DAYS = 3;
    private static final LocalDate OLD = LocalDate.now(PacketId.ZONE).minusDays(4);
    private static final int DAY = PacketId.dayOf(OLD);
    private static final Unit UNIT = new Unit(DATABASE, DAY);
    private static final byte[] NO_EVENTS = {};
    private static final Duration AT_ONCE = Duration.ZERO;

    private static EmbeddedPostgres postgres;
    private static Vertx vertx;
    private static ColdStore cold;
    private static OrderStore store;
    private static DayMove move;

    private int counter;

    @BeforeAll
    static void start() throws Exception {
        postgres = EmbeddedPostgres.start();
        sql("postgres", "create database cold");
        Migrations.migrate(Migrations.Kind.SET, postgres.getJdbcUrl("postgres", "postgres"), "postgres", "postgres");
        Migrations.migrate(Migrations.Kind.COLD, postgres.getJdbcUrl("postgres", "cold"), "postgres", "postgres");
        vertx = Vertx.vertx();
        cold = new ColdStore(vertx, url("cold"), new FixedColdConfig());
        store = new OrderStore(
                vertx,
                new SetRange("set-a", SuffixRange.parse("00-49"), SuffixRange.parse("00-01")),
                new FixedSetConfig(url("postgres")),
                Optional.of(cold));
        move = new DayMove(store, cold, PacketId.NORTH, AFTER_DAYS, AT_ONCE);
    }

    @AfterAll
    static void stop() throws Exception {
        await(store.close());
        await(cold.close());
        await(vertx.close());
        postgres.close();
    }

    @BeforeEach
    void freshDay() throws SQLException {
        sql(
                "postgres",
                "drop schema if exists db_01 cascade",
                "delete from orders.day_table",
                "delete from orders.day_move",
                "delete from orders.outbox",
                "select orders.make_day(array[1], date '%s')".formatted(OLD));
        sql("cold", "delete from cold.packet", "delete from cold.share", "delete from cold.day");
    }

    private static String url(String database) {
        return "postgresql://127.0.0.1:" + postgres.getPort() + "/" + database;
    }

    private static void sql(String database, String... statements) throws SQLException {
        try (Connection connection = postgres.getDatabase("postgres", database).getConnection();
                var statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    private static long number(String database, String query) throws SQLException {
        try (Connection connection = postgres.getDatabase("postgres", database).getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private PacketId wrap() {
        PacketId id = PacketId.of(PacketId.NORTH, DAY, 7, ++counter, DATABASE * 10 + counter % 10);
        byte[] seed = new byte[Seed.BYTES];
        seed[0] = (byte) id.counter();
        Facts facts =
                new Facts(id, new Terms(PacketKind.LUCKY, 1_000, 3, 20_000), new Seed(seed), "alice", "friends", "");
        await(store.insert(
                List.of(new NewPacket(facts, 3_600_000, "110000", "恭喜发财 \"quoted\", (odd) \\ and, more")),
                Duration.ofMinutes(15)));
        return id;
    }

    private PacketId publish() {
        PacketId id = wrap();
        await(store.publish(List.of(new PaidOrder(id, 1_000, "alice")), orders -> NO_EVENTS));
        return id;
    }

    private void finish(PacketId id) {
        PacketRow row = await(store.find(id)).orElseThrow();
        OpenBatch batch = new OpenBatch();
        batch.packet(id.value(), row.version(), 0, 0, PacketState.Finished.CODE, 0, false);
        for (int i = 1; i <= 3; i++) {
            batch.share(id.value(), "user-" + i, i == 3 ? 334 : 333, i);
        }
        await(store.commit(id.dayTable(), batch, NO_EVENTS, 1));
    }

    private void settle(PacketId id) {
        await(store.settle(
                id.dayTable(), List.of(id.value(), id.value(), id.value()), List.of("user-1", "user-2", "user-3")));
    }

    /** A finished packet whose money has arrived and whose events are told. */
    private PacketId settled() {
        PacketId id = publish();
        finish(id);
        settle(id);
        await(store.relay(100, rows -> Future.succeededFuture()));
        return id;
    }

    private static DayMove.Begun begun() {
        return await(move.begin(UNIT));
    }

    @Test
    void shouldAnswerAlikeBeforeAndAfterTheMove() throws SQLException {
        List<PacketId> ids = IntStream.range(0, 25).mapToObj(i -> settled()).toList();
        PacketId unpaid = wrap();
        await(store.close(unpaid));
        List<PacketRow> rows =
                ids.stream().map(id -> await(store.find(id)).orElseThrow()).toList();
        List<List<ShareRow>> shares =
                ids.stream().map(id -> await(store.shares(id))).toList();
        PacketRow closed = await(store.find(unpaid)).orElseThrow();

        assertEquals(Outcome.MOVED, await(move.move(UNIT)));

        assertEquals(0, number("postgres", "select count(*) from pg_tables where schemaname = 'db_01'"));
        assertEquals(
                rows,
                ids.stream().map(id -> await(store.find(id)).orElseThrow()).toList());
        assertEquals(shares, ids.stream().map(id -> await(store.shares(id))).toList());
        assertEquals(closed, await(store.find(unpaid)).orElseThrow());
        PacketStore lane = store.lane();
        Map<Long, PacketRow> loaded = await(
                lane.load(OLD.getDayOfMonth(), ids.stream().map(PacketId::value).toList()));
        assertEquals(25, loaded.size(), "a lane finds them too");
    }

    @Test
    void shouldFreeTheDayOfTheMonthForAnotherDay() throws SQLException {
        settled();
        assertThrows(SQLException.class, () -> sql("postgres", nextMonth()), "it holds the old day");

        await(move.move(UNIT));
        sql("postgres", nextMonth());

        assertEquals(DAY + lengthOfMonth(), number("postgres", "select day from orders.day_table where database = 1"));
        sql("postgres", "delete from orders.day_table");
        sql("postgres", "drop schema db_01 cascade");
    }

    private static int lengthOfMonth() {
        LocalDate next = OLD.plusMonths(1);
        return (int) (next.toEpochDay() - OLD.toEpochDay());
    }

    private static String nextMonth() {
        return "select orders.make_day(array[1], date '%s')".formatted(OLD.plusMonths(1));
    }

    @Test
    void shouldWaitForALivePacket() throws SQLException {
        settled();
        PacketId live = publish();
        await(store.relay(100, rows -> Future.succeededFuture()));

        assertEquals(Outcome.WAITS, await(move.move(UNIT)));
        assertEquals(1, number("postgres", "select live_count from orders.day_move"));
        sql("postgres", "update orders.packet_%02d set due_at = now() - interval '1 s'".formatted(OLD.getDayOfMonth()));
        assertEquals(List.of(live), await(store.expired(10)), "and has it looked for, old as its day is");
    }

    @Test
    void shouldWaitForTheMoneyOfAShare() throws SQLException {
        finish(publish());
        await(store.relay(100, rows -> Future.succeededFuture()));

        assertEquals(Outcome.WAITS, await(move.move(UNIT)));
        assertEquals(3, number("postgres", "select unsettled_count from orders.day_move"));
    }

    @Test
    void shouldWaitForEventsThatAreNotToldAndForNoLaterOnes() throws SQLException {
        PacketId id = publish();
        finish(id);
        settle(id);

        assertEquals(Outcome.WAITS, await(move.move(UNIT)));
        assertEquals(2, number("postgres", "select untold_count from orders.day_move"));
        await(store.relay(100, rows -> Future.succeededFuture()));
        sql("postgres", "insert into orders.outbox (event_count, payload) values (1, '')");

        assertEquals(Outcome.MOVED, await(move.move(UNIT)), "the event of another day is younger");
    }

    @Test
    void shouldLeaveYoungDaysUnlessAskedAndTodaysAlways() throws SQLException {
        LocalDate young = LocalDate.now(PacketId.ZONE).minusDays(2);
        LocalDate today = LocalDate.now(PacketId.ZONE);
        sql(
                "postgres",
                "select orders.make_day(array[2], date '%s')".formatted(young),
                "select orders.make_day(array[2], date '%s')".formatted(today));
        Unit youngUnit = new Unit(2, PacketId.dayOf(young));
        assertEquals(Outcome.NOT_DUE, await(move.move(youngUnit)));
        assertEquals(List.of(UNIT), await(move.due(10)));

        assertEquals(1, number("postgres", "select orders.request_move(%d)".formatted(youngUnit.day())));
        assertEquals(0, number("postgres", "select orders.request_move(%d)".formatted(PacketId.dayOf(today))));

        assertEquals(List.of(UNIT, youngUnit), await(move.due(10)));
        assertEquals(Outcome.MOVED, await(move.move(youngUnit)));
        sql("postgres", "delete from orders.day_table where database = 2", "drop schema db_02 cascade");
    }

    @Test
    void shouldGoOnWhereADeadMoverStopped() throws SQLException {
        List<PacketId> ids = IntStream.range(0, 30).mapToObj(i -> settled()).toList();
        int attempt = begun().attempt().orElseThrow();
        assertTrue(await(cold.begin(PacketId.NORTH, DATABASE, DAY, attempt)));
        assertTrue(await(move.copy(UNIT, attempt, 7)), "tables 7 to 9, and then it dies");
        assertTrue(await(move.note(UNIT, attempt, 0, Duration.ofMinutes(1))));
        assertEquals(Outcome.BUSY, await(move.move(UNIT)), "while its lease runs");

        sql("postgres", "update orders.day_move set lease_until = now()");
        assertEquals(Outcome.MOVED, await(move.move(UNIT)));

        assertEquals(30, number("cold", "select count(*) from cold.packet"));
        assertEquals(90, number("cold", "select count(*) from cold.share"));
        ids.forEach(id -> assertTrue(await(store.find(id)).isPresent()));
    }

    @Test
    void shouldRefuseAMoverThatSleptWhileAnotherFinished() throws SQLException {
        PacketId id = settled();
        int late = begun().attempt().orElseThrow();
        sql("postgres", "update orders.day_move set lease_until = now()");
        assertEquals(Outcome.MOVED, await(move.move(UNIT)));

        assertFalse(await(cold.begin(PacketId.NORTH, DATABASE, DAY, late)));
        assertThrows(
                CompletionException.class,
                () -> await(cold.putPackets(DATABASE, DAY, late, List.of(id.value()), List.of())));
        assertFalse(await(move.note(UNIT, late, 10, Duration.ofMinutes(1))));
        assertEquals(1, number("cold", "select count(*) from cold.packet"));
    }

    @Test
    void shouldDropNothingThatTheColdStoreDoesNotHold() throws SQLException {
        PacketId id = settled();
        List<ShareRow> shares = await(store.shares(id));
        int attempt = begun().attempt().orElseThrow();
        await(cold.begin(PacketId.NORTH, DATABASE, DAY, attempt));
        await(move.copy(UNIT, attempt, 0));
        sql("cold", "update cold.share set amount_fen = amount_fen + 1 where sequence = 2");

        assertEquals(Outcome.DIFFERS, await(move.finish(UNIT, attempt)));

        assertEquals(shares, await(store.shares(id)));
        assertEquals(List.of(), await(move.due(10)), "not at once");
        assertEquals(Outcome.MOVED, await(move.move(UNIT)), "the next attempt copies it anew");
        assertEquals(shares, await(store.shares(id)));
    }

    @Test
    void shouldKeepADayInWhichSomethingIsWrittenDuringTheMove() {
        settled();
        int attempt = begun().attempt().orElseThrow();
        await(cold.begin(PacketId.NORTH, DATABASE, DAY, attempt));
        await(move.copy(UNIT, attempt, 0));
        PacketId late = wrap();

        assertEquals(Outcome.CHANGED, await(move.finish(UNIT, attempt)));
        assertTrue(await(store.find(late)).isPresent());
    }

    @Test
    void shouldDropOnceWhenManyMove() throws SQLException {
        IntStream.range(0, 20).forEach(i -> settled());

        List<Future<Outcome>> moves =
                IntStream.range(0, 6).mapToObj(i -> move.move(UNIT)).toList();
        List<Outcome> outcomes = new ArrayList<>();
        moves.forEach(one -> outcomes.add(await(one)));

        assertEquals(1, outcomes.stream().filter(Outcome.MOVED::equals).count(), outcomes.toString());
        assertEquals(20, number("cold", "select count(*) from cold.packet"));
    }

    private record FixedColdConfig() implements ColdConfig {
        @Override
        public Optional<String> url() {
            return Optional.of(DayMoveTest.url("cold"));
        }

        @Override
        public Optional<String> username() {
            return Optional.of("postgres");
        }

        @Override
        public Optional<String> password() {
            return Optional.of("postgres");
        }

        @Override
        public int poolSize() {
            return 4;
        }

        @Override
        public Duration statementTimeout() {
            return Duration.ofSeconds(10);
        }

        @Override
        public Duration connectTimeout() {
            return Duration.ofSeconds(2);
        }

        @Override
        public int afterDays() {
            return AFTER_DAYS;
        }
    }
}
