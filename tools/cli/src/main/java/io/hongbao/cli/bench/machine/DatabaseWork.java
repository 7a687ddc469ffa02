package io.hongbao.cli.bench.machine;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * What a PostgreSQL server has done, for differences. Its processes report with up to a second's delay, so a difference
 * over some seconds of steady work is right and one over an instant is not.
 *
 * @param commits in the database asked
 * @param walFsyncs of all processes
 * @param walBytes written
 */
public record DatabaseWork(long commits, long walFsyncs, long walBytes) {
    private static final String READ = """
            select (select xact_commit from pg_stat_database where datname = current_database()),
                   (select coalesce(sum(fsyncs), 0)::int8 from pg_stat_io where object = 'wal'),
                   (pg_current_wal_lsn() - '0/0'::pg_lsn)::int8
            """;

    public static DatabaseWork read(Connection database) throws SQLException {
        try (var statement = database.createStatement();
                var row = statement.executeQuery(READ)) {
            row.next();
            return new DatabaseWork(row.getLong(1), row.getLong(2), row.getLong(3));
        }
    }

    public DatabaseWork plus(DatabaseWork other) {
        return new DatabaseWork(commits + other.commits, walFsyncs + other.walFsyncs, walBytes + other.walBytes);
    }

    public DatabaseWork minus(DatabaseWork earlier) {
        return new DatabaseWork(commits - earlier.commits, walFsyncs - earlier.walFsyncs, walBytes - earlier.walBytes);
    }
}
