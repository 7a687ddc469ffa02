package io.hongbao.cli.drill;

import io.hongbao.cli.promise.Verdict;
import io.hongbao.cli.stack.Database;
import io.hongbao.stackprocess.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * All databases are backed up under load. Later somebody destroys orders in a SET and bookings in the ledger; both servers
 * are brought back to the moment before, while the services run, and everything that was ever answered is there.
 */
final class BackupRestore implements Drill {
    private static final String SET = "set-a";
    private static final String BACKUP = "drill";

    private static final String DAYS = """
            select substr(tablename, 7) from pg_tables
            where schemaname = 'orders' and tablename ~ '^share_[0-9][0-9]$'
            """;

    @Override
    public String name() {
        return "backup-restore";
    }

    @Override
    public String summary() {
        return "backed up under load; rows are destroyed by hand; a SET and the core server go back to before";
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        Path data = Files.createTempDirectory("hongbao-drill-");
        // PostgreSQL may run as somebody else.
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx--x--x"));
        drill.atEnd(() -> {
            delete(data);
            return data;
        });
        DrillStack stack = drill.start(drill.options().withData(data));
        LocalStack servers = stack.servers();
        SteadyLoad load = stack.load();
        drill.figures("before", load.measure(drill.loadTime()));

        long begunAtNanos = System.nanoTime();
        LocalStack.backup(data, BACKUP);
        drill.figure("backup_ms", (System.nanoTime() - begunAtNanos) / 1_000_000);
        LoadWindow after = load.measure(drill.loadTime());
        drill.figures("after_backup", after);
        drill.require(after.errorCount() == 0, "calls failed after the backup: " + after.errors());

        drill.require(stack.rest().allHold(), "the promises did not hold before anything was destroyed");
        Instant moment = now(stack.running().stores().ledger());
        long destroyedCount = destroy(stack);
        drill.figure("rows_destroyed", destroyedCount);
        Verdict broken = stack.verdict();
        drill.require(!broken.allHold(), "the checker does not see that rows were destroyed");
        drill.say("destroyed: " + broken.breaches().size() + " breaches");

        for (String server : List.of(SET, "core")) {
            long stoppedAtNanos = System.nanoTime();
            servers.restore("pg." + server, BACKUP, Optional.of(moment));
            drill.figure(
                    "restore_" + server.replace('-', '_') + "_ms", (System.nanoTime() - stoppedAtNanos) / 1_000_000);
        }
        Verdict mended = stack.verdict();
        drill.require(
                mended.allHold(),
                "after the restore: " + mended.breaches().stream().limit(3).toList());
        drill.figure("packets", mended.packetCount());
        drill.figure("shares", mended.shareCount());

        // The next load uses numbers, wallets and packets of the restored servers.
        SteadyLoad again = stack.load();
        LoadWindow end = again.measure(drill.loadTime());
        drill.figures("after_restore", end);
        drill.require(end.errorCount() == 0, "calls failed after the restore: " + end.errors());
    }

    private static Instant now(Database database) throws SQLException {
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery("select clock_timestamp()")) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
        }
    }

    /** Every second share of the SET, and every tenth booking. */
    private static long destroy(DrillStack stack) throws SQLException {
        long count = 0;
        Database set = Objects.requireNonNull(stack.running().stores().sets().get(SET));
        try (var connection = set.connect();
                var days = connection.createStatement().executeQuery(DAYS);
                var statement = connection.createStatement()) {
            while (days.next()) {
                count += statement.executeUpdate(
                        "delete from orders.share_" + days.getString(1) + " where sequence % 2 = 0");
            }
        }
        try (var connection = stack.running().stores().ledger().connect();
                var statement = connection.createStatement()) {
            count += statement.executeUpdate(
                    "delete from transfer where kind = 'CREDIT' and hashtext(transfer_id) % 10 = 0");
        }
        return count;
    }

    private static void delete(Path data) throws IOException {
        try (var tree = Files.walk(data)) {
            for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
