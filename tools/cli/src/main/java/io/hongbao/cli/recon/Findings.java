package io.hongbao.cli.recon;

import io.hongbao.cli.recon.Reconciliation.Report;
import io.hongbao.cli.recon.Reconciliation.SetReport;
import io.hongbao.cli.stack.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** What reconciliation has found, in database {@code control}: send-svc makes metrics of it. */
public final class Findings {
    private static final String RUN = """
            insert into recon_run (set_name, day, packet_count, share_count, bucket_count, differing_count, difference_count,
                                   conservation_fen) values (?, ?, ?, ?, ?, ?, ?, ?)
            """;
    private static final String FOUND = """
            insert into recon_difference as d (packet_id, kind, item, set_name, day, detail, remedy)
            values (?, ?, ?, ?, ?, ?, ?)
            on conflict (packet_id, kind, item) do update
                set last_seen_at = now(), closed_at = null, detail = excluded.detail, set_name = excluded.set_name,
                    first_seen_at = case when d.closed_at is null then d.first_seen_at else now() end
            """;
    /** All of the transaction has one time: what it did not see just now is gone. */
    private static final String GONE = """
            update recon_difference set closed_at = now()
            where day = ? and set_name = ? and closed_at is null and last_seen_at < now()
            """;

    private static final String REPAIRED =
            "update recon_difference set repaired_at = now() where packet_id = ? and kind = ? and item = ?";

    private Findings() {}

    /** Stores a run: its differences are open, and those of the same day and SETs that it did not find are closed. */
    public static void store(Database control, Report report) throws SQLException {
        try (Connection connection = control.connect()) {
            connection.setAutoCommit(false);
            for (SetReport set : report.sets()) {
                execute(
                        connection,
                        RUN,
                        set.set(),
                        set.day(),
                        set.packetCount(),
                        set.shareCount(),
                        set.bucketCount(),
                        set.differingCount(),
                        set.differenceCount(),
                        set.conservationFen());
                for (Difference found : report.differences()) {
                    if (found.set().equals(set.set())) {
                        execute(
                                connection,
                                FOUND,
                                found.packetId(),
                                found.kind().name(),
                                found.item(),
                                found.set(),
                                set.day(),
                                found.detail(),
                                found.kind().remedy().name());
                    }
                }
                execute(connection, GONE, set.day(), set.set());
            }
            connection.commit();
        }
    }

    static void repaired(Database control, List<Difference> differences) throws SQLException {
        try (Connection connection = control.connect()) {
            for (Difference one : differences) {
                execute(connection, REPAIRED, one.packetId(), one.kind().name(), one.item());
            }
        }
    }

    private static void execute(Connection connection, String sql, Object... values) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }
}
