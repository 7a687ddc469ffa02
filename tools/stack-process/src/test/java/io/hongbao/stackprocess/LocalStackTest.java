package io.hongbao.stackprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.stackprocess.LocalStack.Options;
import io.hongbao.stackprocess.LocalStack.Server;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LocalStackTest {
    /** A guard ends a server at once, or after three seconds the hard way; the rest is for a busy machine. */
    private static final Duration DEATH_MAX = Duration.ofSeconds(10);

    @Test
    void shouldStartEverythingAndLeaveNothing() throws Exception {
        List<ProcessHandle> processes;
        try (var stack = LocalStack.start(Options.all())) {
            processes = processes(stack);
            assertEquals(List.of("orders"), databases(stack, "set-a"), "a SET's server holds orders and nothing else");
            assertEquals(List.of("orders"), databases(stack, "set-b"));
            assertEquals(List.of("cold", "control", "ledger", "records"), databases(stack, "core"));
            assertEquals("+PONG", redis(stack, "PING"));
            assertEquals("*0", redis(stack, "FUNCTION LIST"), "Redis has functions");
            try (var _ = new Socket("127.0.0.1", stack.port("kafka"))) {
                assertEquals("127.0.0.1:" + stack.port("kafka"), stack.kafkaBootstrap());
            }
        }
        awaitGone(processes);
    }

    @Test
    void shouldKeepWhatIsAcknowledgedThroughAFailover() throws Exception {
        var options = new Options(Optional.empty(), Set.of(Server.PG), 1, Set.of("set-a"));
        try (var stack = LocalStack.start(options)) {
            try (var connection = connect(stack, "set-a", "orders");
                    var statement = connection.createStatement()) {
                statement.execute("create table kept as select 7 as number");
            }

            stack.signal("pg.set-a", "KILL");
            stack.promote("pg.set-a-2");
            stack.follow("pg.set-a", "pg.set-a-2");

            try (var connection = connect(stack, "set-a-2", "orders");
                    var statement = connection.createStatement()) {
                assertEquals("7", queryOne(connection, "select number from kept"));
                statement.execute("insert into kept values (8)");
            }
            // By its port: a SET's URL leads to the primary.
            var standby = "jdbc:postgresql://127.0.0.1:" + stack.port("pg.set-a") + "/orders";
            try (var connection = DriverManager.getConnection(standby, LocalStack.USER, LocalStack.PASSWORD)) {
                assertEquals("t", queryOne(connection, "select pg_is_in_recovery()"));
            }
        }
    }

    @Test
    void shouldGoBackToAMoment(@TempDir Path data) throws Exception {
        var options = new Options(Optional.of(data), Set.of(Server.PG), 1);
        Instant moment;
        try (var stack = LocalStack.start(options);
                var connection = connect(stack, "set-a", "orders");
                var statement = connection.createStatement()) {
            statement.execute("create table kept as select 7 as number");
            LocalStack.backup(data, "one");
            statement.execute("insert into kept values (8)");
            var now = "select to_char(clock_timestamp(), 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
            moment = Instant.parse(queryOne(connection, now));
            statement.execute("delete from kept");
        }

        var restored = LocalStack.restore(data, "one", Optional.of(moment), List.of("pg.set-a"));

        assertEquals("pg.set-a", restored);
        try (var stack = LocalStack.start(options);
                var connection = connect(stack, "set-a", "orders")) {
            assertEquals("15", queryOne(connection, "select sum(number) from kept"));
        }
    }

    @Test
    void shouldKeepDurabilityOn() throws Exception {
        try (var stack = LocalStack.start(Options.only(Server.PG));
                var connection = connect(stack, "set-a", "orders")) {
            for (var setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
                assertEquals("on", queryOne(connection, "show " + setting), setting);
            }
        }
    }

    @Test
    void shouldTakeTheServersWithItWhenItIsKilled() throws Exception {
        try (var stack = LocalStack.start(Options.all())) {
            var processes = processes(stack);

            ProcessHandle.of(stack.pid("kafka")).orElseThrow().destroyForcibly();

            awaitGone(processes);
        }
    }

    @Test
    void shouldTakeTheServerDownWhenItsGuardIsKilled() throws Exception {
        try (var stack = LocalStack.start(Options.only(Server.REDIS))) {
            var redis = ProcessHandle.of(stack.pid("redis")).orElseThrow();
            var supervisor = redis.parent().orElseThrow();
            var guard = supervisor.parent().orElseThrow();

            guard.destroyForcibly();
            supervisor.destroyForcibly();

            awaitGone(List.of(redis));
        }
    }

    @Test
    void shouldFindItsDataAfterAKill(@TempDir Path data) throws Exception {
        var options = new Options(Optional.of(data), Set.of(Server.PG, Server.REDIS), 1);
        try (var stack = LocalStack.start(options);
                var connection = connect(stack, "set-a", "orders")) {
            connection.createStatement().execute("create table survivor as select 42 as answer");
            assertEquals("+OK", redis(stack, "SET survivor 42"));
            var processes = processes(stack);
            processes.forEach(ProcessHandle::destroyForcibly);
            awaitGone(processes);
        }

        try (var stack = LocalStack.start(options);
                var connection = connect(stack, "set-a", "orders")) {
            assertEquals("42", queryOne(connection, "select answer from survivor"));
            assertEquals("$2", redis(stack, "GET survivor"));
        }
    }

    @Test
    void shouldRefuseAFolderThatIsInUse(@TempDir Path data) throws Exception {
        var options = new Options(Optional.of(data), Set.of(Server.REDIS), 1);
        try (var _ = LocalStack.start(options)) {
            var refusal = assertThrows(IOException.class, () -> LocalStack.start(options));
            assertTrue(refusal.getMessage().contains("is in use by another local stack"), refusal.getMessage());
        }
    }

    @Test
    void shouldBringACrashedServerBackWhereItWas() throws Exception {
        try (var stack = LocalStack.start(new Options(Optional.empty(), Set.of(Server.PG), 1))) {
            var url = stack.jdbcUrl("set-a", "orders");
            try (var connection = connect(stack, "set-a", "orders")) {
                connection.createStatement().execute("create table survivor as select 42 as answer");
            }
            stack.signal("pg.set-a", "KILL");
            stack.restart("pg.set-a");

            assertEquals(url, stack.jdbcUrl("set-a", "orders"));
            try (var connection = connect(stack, "set-a", "orders")) {
                assertEquals("42", queryOne(connection, "select answer from survivor"));
            }
        }
    }

    @Test
    void shouldCutOffTheConnectedWhenAServerIsKilled() throws Exception {
        try (var stack = LocalStack.start(new Options(Optional.empty(), Set.of(Server.PG), 1));
                var connection = connect(stack, "set-a", "orders")) {
            var processes = withDescendants(stack.pid("pg.set-a"));
            assertTrue(processes.size() > 2, "PostgreSQL has a process for each connection");

            stack.signal("pg.set-a", "KILL");

            assertTrue(processes.stream().noneMatch(ProcessHandle::isAlive));
            assertThrows(SQLException.class, () -> queryOne(connection, "select 1"));
        }
    }

    @Test
    void shouldPauseAServerWithItsConnections() throws Exception {
        try (var stack = LocalStack.start(new Options(Optional.empty(), Set.of(Server.PG), 1));
                var connection = connect(stack, "set-a", "orders")) {
            stack.signal("pg.set-a", "STOP");
            var answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return queryOne(connection, "select 42");
                } catch (SQLException e) {
                    throw new AssertionError(e);
                }
            });
            assertThrows(TimeoutException.class, () -> answer.get(500, TimeUnit.MILLISECONDS));

            stack.signal("pg.set-a", "CONT");

            assertEquals("42", answer.get(DEATH_MAX.toSeconds(), TimeUnit.SECONDS));
        }
    }

    @Test
    void shouldTakePausedServersWithItWhenItIsKilled() throws Exception {
        try (var stack = LocalStack.start(new Options(Optional.empty(), Set.of(Server.PG), 1));
                var _ = connect(stack, "set-a", "orders")) {
            var processes = processes(stack);
            stack.signal("pg.set-a", "STOP");

            processes.getFirst().destroyForcibly();

            awaitGone(processes);
        }
    }

    @Test
    void shouldRemoveItsTemporaryFolder() throws Exception {
        String folder;
        try (var stack = LocalStack.start(Options.only(Server.PG));
                var connection = connect(stack, "core", "ledger")) {
            folder = queryOne(connection, "show data_directory");
            assertTrue(Files.isDirectory(Path.of(folder)));
        }
        assertFalse(Files.exists(Path.of(folder).getParent()), folder);
    }

    /** The stack's JVM and all it has started. */
    private static List<ProcessHandle> processes(LocalStack stack) throws IOException {
        var jvm = ProcessHandle.current()
                .children()
                .filter(child -> child.descendants().anyMatch(process -> process.pid() == anyServer(stack)))
                .findFirst()
                .orElseThrow();
        var processes = Stream.concat(Stream.of(jvm), jvm.descendants()).toList();
        assertTrue(processes.size() > 2, "servers are its descendants");
        return processes;
    }

    private static List<ProcessHandle> withDescendants(long pid) {
        var first = ProcessHandle.of(pid).orElseThrow();
        return Stream.concat(Stream.of(first), first.descendants()).toList();
    }

    private static long anyServer(LocalStack stack) {
        try {
            return stack.pid("redis");
        } catch (IllegalArgumentException e) {
            return stack.pid("pg.core");
        }
    }

    private static void awaitGone(List<ProcessHandle> processes) throws Exception {
        CompletableFuture.allOf(processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
                .get(DEATH_MAX.toSeconds(), TimeUnit.SECONDS);
    }

    private static Connection connect(LocalStack stack, String server, String database) throws SQLException {
        return DriverManager.getConnection(stack.jdbcUrl(server, database), LocalStack.USER, LocalStack.PASSWORD);
    }

    private static String queryOne(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            assertTrue(rows.next(), sql);
            return rows.getString(1);
        }
    }

    private static List<String> databases(LocalStack stack, String server) throws SQLException {
        try (var connection = connect(stack, server, "postgres")) {
            var sql = "select string_agg(datname, ',' order by datname) from pg_database"
                    + " where datname <> 'postgres' and not datistemplate";
            return List.of(queryOne(connection, sql).split(","));
        }
    }

    /** The first line of the answer. */
    private static String redis(LocalStack stack, String command) throws IOException {
        var url = URI.create(stack.redisUrl());
        try (var socket = new Socket(url.getHost(), url.getPort())) {
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            var answer = new StringBuilder();
            for (int c; (c = socket.getInputStream().read()) >= 0 && c != '\r'; ) {
                answer.append((char) c);
            }
            return answer.toString();
        }
    }
}
