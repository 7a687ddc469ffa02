package io.hongbao.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.move.DatabaseMove;
import io.hongbao.cli.move.DatabaseMove.Step;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.RunningStack;
import io.hongbao.cli.stack.StackSets;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.schema.Migrations.Kind;
import io.hongbao.stackprocess.LocalStack;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Moves between two SETs without services. Each test moves a database of its own. */
@DisabledIfSystemProperty(named = "quick", matches = ".*", disabledReason = "a quick build starts no servers")
class DatabaseMoveTest {
    private static final String FROM = "set-a";
    private static final String TO = "set-b";
    /** More than a chunk in the tables of one Y, few in those of another one, none in all others. */
    private static final int PACKET_COUNT = 600;

    /** Two days, packets of two Ys, two shares each, one of them frozen. */
    private static final String FILL = """
            do $$
            declare
                today constant integer := orders.today();
            begin
                perform orders.make_day(array[XX], date '2020-01-01' + today - 5);
                perform orders.make_day(array[XX], date '2020-01-01' + today);
                for ago in 0..1 loop
                    execute format('insert into orders.packet_%1$s select id, 3, 100, 0, 0, now(), 0, 3
                            from (select 1000000000000000000 + %2$s * 100000000000000 + i * 1000 + XX * 10 + (i %% 20 = 0)::int as id
                                  from generate_series(1, PACKETS) as i) as n',
                        to_char(date '2020-01-01' + today - ago * 5, 'DD'), (today - ago * 5)::bigint);
                    execute format('insert into orders.packet_detail_%1$s
                            select id, 100, 20000, 1000, now(), 2, 1, sha256(id::text::bytea), ''sender "1"'', ''g'', '''',
                                   '''', ''恭喜发财, \\ "x"''
                            from orders.packet_%1$s where id / 10 %% 100 = XX', to_char(date '2020-01-01' + today - ago * 5, 'DD'));
                    execute format('insert into orders.share_%1$s
                            select id, 50, now(), n, 2, ''user '' || n from orders.packet_%1$s, generate_series(1, 2) as n
                            where id / 10 %% 100 = XX', to_char(date '2020-01-01' + today - ago * 5, 'DD'));
                end loop;
                insert into orders.day_move (database, day, requested, attempt) values (XX, today - 5, true, 7);
                insert into orders.frozen_packet
                    values (1000000000000000000 + today::bigint * 100000000000000 + 1000 + XX * 10, 'a test', now());
            end $$
            """;

    private static final AtomicInteger NEXT_DATABASE = new AtomicInteger(3);
    private static StoreAddresses stores;

    private final int database = NEXT_DATABASE.getAndIncrement();

    @BeforeAll
    static void start() throws SQLException {
        LocalStack servers = LocalStack.shared(LocalStack.Options.only(LocalStack.Server.PG));
        var sets = new LinkedHashMap<String, Database>();
        for (String set : List.of(FROM, TO)) {
            Database orders = database(servers, set, "orders");
            sets.put(set, orders);
            RunningStack.migrate(Kind.SET, orders);
        }
        Database control = database(servers, "core", "control");
        RunningStack.migrate(Kind.CONTROL, control);
        Map<String, String> ranges = Map.of(FROM, "00-39", TO, "50-89");
        stores = new StoreAddresses(sets, ranges, control, control, control, control, "", "");
    }

    private static Database database(LocalStack servers, String server, String name) {
        return new Database(
                servers.jdbcUrl(server, name), servers.pgUrl(server, name), LocalStack.USER, LocalStack.PASSWORD);
    }

    private static List<String> rows(String set, String sql) throws SQLException {
        var rows = new ArrayList<String>();
        try (var connection = Objects.requireNonNull(stores.sets().get(set)).connect();
                var statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                var found = statement.getResultSet();
                while (found.next()) {
                    rows.add(found.getString(1));
                }
            }
        }
        return rows;
    }

    private void fill() throws SQLException {
        rows(FROM, FILL.replace("XX", Integer.toString(database)).replace("PACKETS", Integer.toString(PACKET_COUNT)));
    }

    /** Days, rows and a sum over all of them. */
    private String sums(String set) throws SQLException {
        return rows(
                        set,
                        "select s::text || ' ' || orders.carried(" + database + ") from orders.database_sums("
                                + database + ") as s")
                .getFirst();
    }

    private String nothing() throws SQLException {
        return rows(FROM, "select s::text || ' ' || orders.carried(99) from orders.database_sums(99) as s")
                .getFirst();
    }

    private DatabaseMove mover(DatabaseMove.Watcher watcher) {
        return new DatabaseMove(stores, Map.of(), "tester", "a test", watcher);
    }

    private void move() throws SQLException, InterruptedException {
        mover((step, words) -> {}).move(database, TO);
    }

    private void moveUntil(Step end) {
        assertThrows(
                CommandFailure.class,
                () -> mover((step, words) -> {
                            if (step == end) {
                                throw new CommandFailure("ended at " + end);
                            }
                        })
                        .move(database, TO));
    }

    private String write() {
        return "update orders.packet_" + rowsDay() + " set version = version + 1 where id / 10 % 100 = " + database
                + " and id % 1000 = " + (database * 10);
    }

    private static String rowsDay() {
        try {
            return rows(FROM, "select to_char(date '2020-01-01' + orders.today(), 'DD')")
                    .getFirst();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void shouldRefuse(String set, String sql) {
        SQLException refusal = assertThrows(SQLException.class, () -> rows(set, sql), sql);
        assertEquals("HB001", refusal.getSQLState(), refusal.getMessage());
    }

    private String anId() throws SQLException {
        return "(1000000000000000000 + orders.today()::bigint * 100000000000000 + 2000 + " + database * 10 + ")";
    }

    @Tag("drill")
    @ParameterizedTest
    @EnumSource(Step.class)
    void shouldLoseNoRowWhereverItIsEndedAndBegunAgain(Step end) throws Exception {
        fill();
        String before = sums(FROM);

        moveUntil(end);
        if (end != Step.ENDED) {
            move();
        }

        assertEquals(before, sums(TO));
        assertEquals(nothing(), sums(FROM));
        assertEquals(Optional.of(TO), StackSets.read(stores).setOfDatabase(database));
        assertEquals(List.of("t"), rows(TO, "select orders.here(array[" + anId() + "])"));
        rows(TO, write());
        shouldRefuse(FROM, "select orders.here(array[" + anId() + "])");
        shouldRefuse(FROM, "select orders.make_day(array[" + database + "], date '2020-01-01' + orders.today())");
    }

    @Test
    void shouldTakeWhatIsWrittenUntilTheFence() throws Exception {
        fill();
        var written = new AtomicInteger();

        mover((step, words) -> {
                    try {
                        if (step == Step.COPIED) {
                            written.addAndGet(
                                    rows(FROM, write() + " returning 1").size());
                        } else if (step == Step.FENCED || step == Step.LEFT) {
                            shouldRefuse(FROM, write());
                            shouldRefuse(FROM, write().replaceAll("update (.*) set .* where", "delete from $1 where"));
                        }
                    } catch (SQLException e) {
                        throw new AssertionError(e);
                    }
                })
                .move(database, TO);

        assertEquals(PACKET_COUNT * 19 / 20, written.get());
        assertEquals(
                List.of("4"),
                rows(
                        TO,
                        "select distinct version from orders.packet_" + rowsDay() + " where id % 1000 = "
                                + database * 10));
    }

    @Test
    void shouldNotLetGoOfWhatHasNotArrived() throws Exception {
        fill();
        String before = sums(FROM);
        var lost = new AtomicInteger();

        mover((step, words) -> {
                    if (step == Step.COPIED_ALL && lost.getAndIncrement() == 0) {
                        try {
                            rows(
                                    TO,
                                    "delete from orders.share_" + rowsDay() + " where packet_id % 1000 = "
                                            + database * 10 + " and sequence = 2");
                        } catch (SQLException e) {
                            throw new AssertionError(e);
                        }
                    }
                })
                .move(database, TO);

        assertEquals(before, sums(TO));
        assertEquals(2, lost.get());
    }

    @Test
    void shouldRefuseReadersWhereItIsNot() throws Exception {
        fill();

        moveUntil(Step.COPIED);
        assertEquals(List.of("t"), rows(FROM, "select orders.here(array[" + anId() + "])"));
        shouldRefuse(TO, "select orders.here(array[" + anId() + "])");
        moveUntil(Step.LEFT);
        shouldRefuse(FROM, "select orders.here(array[" + anId() + "])");
        shouldRefuse(TO, "select orders.here(array[" + anId() + "])");
        move();
    }

    @Test
    void shouldHoldOffTheColdMove() throws Exception {
        fill();
        String due = "select database || ' ' || orders.today() - day from orders.due_moves(3, 1000) where database = "
                + database;
        assertEquals(List.of(database + " 5"), rows(FROM, due));

        moveUntil(Step.COPIED);

        assertEquals(List.of(), rows(FROM, due));
        assertEquals(List.of(), rows(TO, due));
        shouldRefuse(FROM, "select orders.begin_move(" + database + ", orders.today() - 5, 3, 0, 1000, 1000)");
        move();
        assertEquals(List.of(database + " 5"), rows(TO, due));
    }

    @Test
    void shouldRefuseAnAttemptThatAnotherOneHasOvertaken() throws Exception {
        fill();
        moveUntil(Step.COPIED);
        moveUntil(Step.FENCED);

        assertThrows(
                SQLException.class,
                () -> rows(
                        TO,
                        "select orders.put_rows(" + database
                                + ", orders.today(), 0, -1, 9223372036854775807, 1, '{}', '{}')"));
        assertThrows(
                SQLException.class,
                () -> rows(FROM, "select orders.finish_leaving(" + database + ", 1, 0, 0, 0, '{}')"));
        move();
    }

    @Test
    void shouldGiveUpUntilItHasLeft() throws Exception {
        fill();
        String before = sums(FROM);
        moveUntil(Step.COPIED_ALL);

        mover((step, words) -> {}).giveUp(database);

        assertEquals(before, sums(FROM));
        rows(FROM, write());
        assertEquals(Optional.of(FROM), StackSets.read(stores).setOfDatabase(database));
        assertEquals(nothing(), sums(TO));
        moveUntil(Step.LEFT);
        assertThrows(CommandFailure.class, () -> mover((step, words) -> {}).giveUp(database));
        move();
    }

    @Test
    void shouldComeBack() throws Exception {
        fill();
        String before = sums(FROM);
        move();

        mover((step, words) -> {}).move(database, FROM);

        assertEquals(before, sums(FROM));
        assertEquals(nothing(), sums(TO));
        rows(FROM, write());
        assertFalse(rows(FROM, "select orders.here(array[" + anId() + "])").isEmpty());
    }
}
