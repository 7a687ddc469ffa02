package io.hongbao.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.cli.audit.AuditChain;
import io.hongbao.cli.audit.AuditChain.Finding;
import io.hongbao.cli.stack.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The audit chain of the running stack. Whatever damages it here is taken back. */
@OnRunningStack
class AuditTest {
    private static final String ENTRY = "select audit('tester', 'set.mask', 'set-a', '{\"reason\": \"a test\"}')";
    private static final int WRITER_COUNT = 8;
    private static final int ENTRIES_EACH = 10;

    private final Database control;

    AuditTest(World world) {
        this.control = world.stack().stores().control();
    }

    @FunctionalInterface
    private interface Damage {
        void on(long sequence, Connection connection) throws SQLException;
    }

    private static long write(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(ENTRY)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Three entries, damage around the second by one who can switch triggers off; then all is taken back. */
    private void assertNamed(long offset, Damage damage) throws SQLException {
        try (Connection connection = control.connect()) {
            connection.setAutoCommit(false);
            write(connection);
            long second = write(connection);
            write(connection);
            execute(connection, "set local session_replication_role = replica");
            damage.on(second, connection);
            assertEquals(
                    OptionalLong.of(second + offset),
                    AuditChain.verify(connection).firstBadSequence());
            connection.rollback();
        }
    }

    @Test
    void shouldChainWhatSeveralWriteAtOnce() throws Exception {
        long before = AuditChain.verify(control).entryCount();

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var writers = new ArrayList<Future<?>>();
            for (int i = 0; i < WRITER_COUNT; i++) {
                writers.add(threads.submit(() -> {
                    try (Connection connection = control.connect()) {
                        for (int n = 0; n < ENTRIES_EACH; n++) {
                            write(connection);
                        }
                        return null;
                    }
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        }

        Finding after = AuditChain.verify(control);
        assertTrue(after.unbroken(), after::toString);
        assertEquals(before + WRITER_COUNT * ENTRIES_EACH, after.entryCount());
    }

    @Test
    void shouldNameAnAlteredEntry() throws Exception {
        assertNamed(
                0,
                (second, connection) -> execute(
                        connection, "update audit_entry set actor = 'somebody else' where sequence = " + second));
    }

    @Test
    void shouldNameTheEntryAfterOneWhoseHashWasMadeToFit() throws Exception {
        assertNamed(
                1,
                (second, connection) -> execute(
                        connection,
                        "update audit_entry set actor = 'somebody else', hash = audit_hash(previous_hash, sequence, at,"
                                + " 'somebody else', action, subject, details) where sequence = " + second));
    }

    @Test
    void shouldNameAMissingEntry() throws Exception {
        assertNamed(
                0, (second, connection) -> execute(connection, "delete from audit_entry where sequence = " + second));
    }

    @Test
    void shouldNameTheEntryThatAnotherWasPutBefore() throws Exception {
        assertNamed(
                // The forged entry fits; the one it was put before does not.
                2,
                (second, connection) -> execute(
                        connection,
                        // Room is made by moving the later one up.
                        "update audit_entry set sequence = sequence + 1 where sequence > %1$d; insert into audit_entry"
                                        .formatted(second)
                                + " select sequence + 1, at, actor, action, subject, details, hash, audit_hash(hash,"
                                + " sequence + 1, at, actor, action, subject, details) from audit_entry where sequence = "
                                + second));
    }

    @ParameterizedTest
    @ValueSource(strings = {"update audit_entry set actor = 'x'", "delete from audit_entry", "truncate audit_entry"})
    void shouldOnlyGrow(String change) throws Exception {
        try (Connection connection = control.connect()) {
            write(connection);
            assertThrows(SQLException.class, () -> execute(connection, change));
        }
        assertTrue(AuditChain.verify(control).unbroken());
    }
}
