package io.hongbao.control;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.control.ControlData.AddedSet;
import io.hongbao.control.ControlData.Mask;
import io.hongbao.control.ControlData.MovedDatabase;
import io.hongbao.schema.Migrations;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Switches, masks and the audit chain against a real server, with the logins a pod has in production. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ControlTest {
    private static final Duration READ_EVERY = Duration.ofMillis(100);
    private static final String NOWHERE = "postgresql://127.0.0.1:1/control";

    private static EmbeddedPostgres postgres;
    private static Vertx vertx;

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final List<Runnable> ends = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException, SQLException {
        vertx = Vertx.vertx();
        postgres = EmbeddedPostgres.start();
        execute("postgres", "create database control");
        Migrations.migrate(Migrations.Kind.CONTROL, postgres.getJdbcUrl("postgres", "control"), "postgres", "postgres");
        execute("postgres", "create role pod login password 'pod' in role hongbao_service");
        execute("postgres", "create role auditor login password 'auditor' in role hongbao_auditor");
        execute("postgres", "create role operator login password 'operator' in role hongbao_operator");
    }

    @AfterAll
    static void stop() throws IOException {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        postgres.close();
    }

    @BeforeEach
    void nothingIsSet() throws SQLException {
        execute("control", "update switch set value = 'normal'");
        execute("control", "delete from suffix_mask");
        execute("control", "delete from order_set_database");
        execute("control", "delete from order_set");
        execute("control", "delete from database_move");
    }

    @AfterEach
    void end() {
        ends.forEach(Runnable::run);
    }

    private static Connection connect(String database, String user) throws SQLException {
        return DriverManager.getConnection(postgres.getJdbcUrl(user, database), user, user);
    }

    private static void execute(String database, String sql) throws SQLException {
        execute(database, "postgres", sql);
    }

    private static void execute(String database, String user, String sql) throws SQLException {
        try (Connection connection = connect(database, user);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> rows(String sql) throws SQLException {
        var found = new ArrayList<String>();
        try (Connection connection = connect("control", "postgres");
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }

    private static String url() {
        return "postgresql://127.0.0.1:" + postgres.getPort() + "/control";
    }

    private record Config(Optional<String> url, int auditQueueMax) implements ControlConfig {
        @Override
        public Optional<String> username() {
            return Optional.of("pod");
        }

        @Override
        public Optional<String> password() {
            return Optional.of("pod");
        }

        @Override
        public Optional<String> auditUsername() {
            return Optional.of("auditor");
        }

        @Override
        public Optional<String> auditPassword() {
            return Optional.of("auditor");
        }

        @Override
        public int poolSize() {
            return 2;
        }

        @Override
        public Duration connectTimeout() {
            return Duration.ofSeconds(1);
        }

        @Override
        public Duration readEvery() {
            return READ_EVERY;
        }

        @Override
        public Duration readTimeout() {
            return Duration.ofSeconds(1);
        }
    }

    private Control control(String url) {
        var config = new Config(Optional.of(url), 10);
        var database = new ControlDatabase(vertx, config);
        var control = new Control(vertx, database, config, new ControlMetrics(registry));
        control.start(new StartupEvent());
        ends.add(() -> {
            control.stop(new ShutdownEvent());
            database.close(new ShutdownEvent());
        });
        return control;
    }

    private Audit audit(Optional<String> url, int queueMax) {
        var config = new Config(url, queueMax);
        var database = new ControlDatabase(vertx, config);
        ends.add(() -> database.close(new ShutdownEvent()));
        return new Audit(vertx, database, config, new ControlMetrics(registry));
    }

    private double metric(String name) {
        return registry.get(name).counter().count();
    }

    @Test
    void shouldKnowAtTheStartWhatIsSet() throws SQLException {
        execute("control", "operator", "select switch_set('li.na', 'grabs-per-second', '50', 'a test')");
        execute("control", "operator", "select mask_set('li.na', 'set-a', false, 'a test')");

        ControlData data = control(url()).now();

        assertEquals(OptionalInt.of(50), data.number(Switch.GRABS_PER_SECOND));
        assertEquals(List.of(new Mask("set-a", false)), data.masks());
    }

    @Test
    void shouldFollowOperators() throws SQLException {
        Control control = control(url());

        execute("control", "operator", "select switch_set('li.na', 'lists', 'off', 'a test')");

        await().until(() -> control.now().isOff(Switch.LISTS));
        execute("control", "operator", "select switch_set('li.na', 'lists', 'normal', 'over')");
        await().until(() -> control.now().equals(ControlData.NORMAL));
    }

    @Test
    void shouldKeepTheLastStateWhileTheDatabaseIsAway() throws SQLException {
        execute("control", "operator", "select mask_set('li.na', '00-04', true, 'a test')");
        Control control = control(url());
        try {
            // As a server that is away: no connection is let in, and those there are end.
            execute("postgres", "alter database control allow_connections false");
            execute("postgres", "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'control'");

            await().until(() -> control.age().compareTo(READ_EVERY.multipliedBy(5)) > 0);

            assertEquals(List.of(new Mask("00-04", true)), control.now().masks());
        } finally {
            execute("postgres", "alter database control allow_connections true");
        }
        await().until(() -> control.age().compareTo(READ_EVERY.multipliedBy(3)) < 0);
    }

    @Test
    void shouldStartWithoutTheDatabase() {
        assertEquals(ControlData.NORMAL, control(NOWHERE).now());
    }

    @Test
    void shouldRefuseAValueThatASwitchDoesNotHave() {
        for (String value : List.of("-1", "1000000", "off", "1 or 1=1", "")) {
            assertThrows(
                    SQLException.class,
                    () -> execute("control", "select switch_set('li.na', 'grabs-per-second', '" + value + "', '')"));
        }
        assertThrows(SQLException.class, () -> execute("control", "select switch_set('li.na', 'lists', '5', '')"));
        assertThrows(SQLException.class, () -> execute("control", "select switch_set('li.na', 'no-such', 'off', '')"));
    }

    @Test
    void shouldAuditEveryChangeWithIt() throws SQLException {
        long before = rows("select 1 from audit_entry").size();

        execute("control", "operator", "select switch_set('li.na', 'lists', 'off', 'too much load')");
        execute("control", "operator", "select switch_set('li.na', 'lists', 'normal', 'over')");
        execute("control", "operator", "select mask_set('li.na', 'set-a', true, 'retired')");
        execute("control", "operator", "select mask_clear('li.na', 'set-a', 'after all')");
        execute("control", "operator", "select mask_clear('li.na', 'set-a', 'was not there')");

        assertEquals(
                List.of(
                        "switch.set lists normal off too much load operator",
                        "switch.clear lists off normal over operator",
                        "set.drain set-a retired operator",
                        "set.unmask set-a after all operator"),
                rows("select concat_ws(' ', action, subject, details->>'from', details->>'to', details->>'reason',"
                        + " details->>'login') from audit_entry where sequence > " + before + " order by sequence"));
    }

    private static void operator(String sql) throws SQLException {
        execute("control", "operator", sql);
    }

    private static void shouldRefuse(String sql) {
        assertThrows(SQLException.class, () -> operator(sql), sql);
    }

    @Test
    void shouldTellPodsOfASetThatJoins() throws SQLException {
        Control control = control(url());
        var heard = new CopyOnWriteArrayList<ControlData>();
        control.follow(heard::add);

        operator("select set_add('li.na', 'set-c', 'postgresql://c:5432/orders', 'set-a', '40-42,49', 'full')");
        await().until(() -> !control.now().sets().isEmpty());
        operator("select set_activate('li.na', 'set-c', '40-41', 'every pod has it')");

        var joined =
                new AddedSet("set-c", "postgresql://c:5432/orders", "set-a", List.of(40, 41, 42, 49), List.of(40, 41));
        await().until(() -> control.now().sets().equals(List.of(joined)));
        assertEquals(ControlData.NORMAL, heard.getFirst());
        assertEquals(control.now(), heard.getLast());
    }

    @Test
    void shouldRefuseASetThatClaimsADatabaseOfAnotherOne() throws SQLException {
        operator("select set_add('li.na', 'set-c', 'postgresql://c:5432/orders', 'set-a', '40-44', 'full')");

        shouldRefuse("select set_add('li.na', 'set-d', 'postgresql://d:5432/orders', 'set-a', '44-45', 'full')");
        shouldRefuse("select set_add('li.na', 'set-c', 'postgresql://c:5432/orders', 'set-a', '40-45', 'more')");
        shouldRefuse("select set_activate('li.na', 'set-c', '45', 'not its own')");
        assertEquals(List.of("set-c"), rows("select name from order_set"));
    }

    @Test
    void shouldTakeNoPasswordAndNoNonsense() {
        shouldRefuse("select set_add('li.na', 'set-c', 'postgresql://u:secret@c:5432/orders', 'set-a', '40', '')");
        shouldRefuse("select set_add('li.na', 'set-c', 'postgresql://c/orders?password=x', 'set-a', '40', '')");
        shouldRefuse("select set_add('li.na', 'set-c', 'postgresql://c:5432/orders', 'set-a', '40-', '')");
        shouldRefuse("select set_add('li.na', 'set-c', 'postgresql://c:5432/orders', 'set-c', '40', '')");
    }

    @Test
    void shouldServeADatabaseWhereItWasUntilItIsSwitched() throws SQLException {
        Control control = control(url());

        operator("select database_move_begin('li.na', 7, 'set-a', 'set-c', 'relief')");
        await().until(() -> control.now().places().equals(List.of(new MovedDatabase(7, Optional.empty(), true))));
        operator("select database_move_switch('li.na', 7, 1)");
        await().until(() -> control.now().places().equals(List.of(new MovedDatabase(7, Optional.of("set-c"), false))));
        operator("select database_move_end('li.na', 7, 1)");
        operator("select database_move_begin('li.na', 7, 'set-c', 'set-b', 'relief')");
        await().until(() -> control.now().places().equals(List.of(new MovedDatabase(7, Optional.of("set-c"), true))));
    }

    @Test
    void shouldRefuseTheOlderOfTwoAttemptsAtAMove() throws SQLException {
        operator("select database_move_begin('li.na', 7, 'set-a', 'set-c', 'relief')");
        operator("select database_move_begin('li.na', 7, 'set-a', 'set-c', 'again')");

        shouldRefuse("select database_move_switch('li.na', 7, 1)");
        shouldRefuse("select database_move_begin('li.na', 7, 'set-a', 'set-b', 'elsewhere')");
        shouldRefuse("select database_move_end('li.na', 7, 1)");
        operator("select database_move_end('li.na', 7, 2)");
        assertEquals(List.of("set-a"), rows("select served_by from database_move"), "given up before the switch");
        shouldRefuse("select database_move_begin('li.na', 7, 'set-b', 'set-c', 'it is not there')");
    }

    @Test
    void shouldGivePodsNoMoreThanTheyNeed() {
        for (String sql : List.of(
                "update switch set value = 'off' where name = 'lists'",
                "select switch_set('pod', 'lists', 'off', '')",
                "select set_add('pod', 'set-c', 'postgresql://c:5432/orders', 'set-a', '40', '')",
                "delete from database_move",
                "select * from audit_entry")) {
            assertThrows(SQLException.class, () -> execute("control", "pod", sql), sql);
        }
        for (String sql : List.of(
                "select * from audit_entry",
                "insert into audit_entry select * from audit_entry",
                "select * from switch",
                "select mask_set('x', 'set-a', false, '')",
                "select * from order_number_block")) {
            assertThrows(SQLException.class, () -> execute("control", "auditor", sql), sql);
        }
        assertThrows(SQLException.class, () -> execute("control", "operator", "delete from audit_entry"));
    }

    @Test
    void shouldWriteEntriesInTheirOrder() throws SQLException {
        Audit audit = audit(Optional.of(url()), 1_000);

        IntStream.range(0, 200)
                .forEach(i -> audit.record(AuditEntry.of("tester", "order", "n" + i, Map.of("why", "a test"))));

        await().until(() -> metric("hongbao.control.audit.written") == 200);
        assertEquals(
                IntStream.range(0, 200).mapToObj(i -> "n" + i).toList(),
                rows("select subject from audit_entry where action = 'order' order by sequence"));
        assertEquals(List.of("t"), rows("select (first_bad_sequence is null)::text::char(1) from audit_verify()"));
    }

    @Test
    void shouldDropAndCountWhatFindsNoRoom() {
        Audit audit = audit(Optional.of(NOWHERE), 10);

        IntStream.range(0, 200).forEach(i -> audit.record(AuditEntry.of("tester", "full", "n" + i, Map.of())));

        // 10 in the queue, and at most one batch taken from it.
        assertTrue(metric("hongbao.control.audit.dropped") >= 200 - 10 - Audit.BATCH_MAX);
    }

    @Test
    void shouldLoseOnlyTheEntryThatTheDatabaseRefuses() throws SQLException {
        Audit audit = audit(Optional.of(url()), 1_000);
        // Valid here, and no text for PostgreSQL.
        var bad = AuditEntry.of("tester", "bad", "x", Map.of());
        bad.details().put("text", "\0");

        audit.record(AuditEntry.of("tester", "around", "before", Map.of()));
        audit.record(bad);
        audit.record(AuditEntry.of("tester", "around", "after", Map.of()));

        await().until(() -> metric("hongbao.control.audit.written") == 2);
        assertEquals(1, metric("hongbao.control.audit.dropped"));
        assertEquals(
                List.of("before", "after"),
                rows("select subject from audit_entry where action = 'around' order by sequence"));
    }

    @Test
    void shouldCutTextsToWhatTheTableTakes() throws SQLException {
        Audit audit = audit(Optional.of(url()), 10);

        audit.record(AuditEntry.of("a".repeat(199) + "😀😀", "long", "", Map.of()));

        await().until(() -> metric("hongbao.control.audit.written") == 1);
        assertEquals(
                List.of("a".repeat(199) + " -"),
                rows("select actor || ' ' || subject from audit_entry where action = 'long'"));
    }

    @Test
    void shouldWriteWhatIsQueuedWhenThePodStops() throws Exception {
        Audit audit = audit(Optional.of(url()), 1_000);

        IntStream.range(0, 100).forEach(i -> audit.record(AuditEntry.of("tester", "stop", "n" + i, Map.of())));
        audit.stop(new ShutdownEvent());

        assertEquals(
                100, rows("select 1 from audit_entry where action = 'stop'").size());
    }

    @Test
    void shouldDropTheEntryOfATransactionThatIsTakenBack() {
        var database = new ControlDatabase(vertx, new Config(Optional.of(url()), 10));
        ends.add(() -> database.close(new ShutdownEvent()));
        var entry = AuditEntry.of("tester", "within", "x", Map.of());

        var taken = database.auditPool()
                .orElseThrow()
                .withTransaction(connection ->
                        Audit.within(connection, entry).compose(done -> io.vertx.core.Future.failedFuture("no")))
                .toCompletionStage()
                .toCompletableFuture();

        assertThrows(java.util.concurrent.CompletionException.class, taken::join);
        assertEquals(0, assertRows("select 1 from audit_entry where action = 'within'"));
    }

    private static int assertRows(String sql) {
        try {
            return rows(sql).size();
        } catch (SQLException failure) {
            throw new AssertionError(failure);
        }
    }
}
