package io.hongbao.schema;

import java.util.Map;
import org.flywaydb.core.Flyway;

/**
 * Brings a database to the newest schema of its kind. Runs before the services start (from the command line, or as a job
 * of the deployment); the services themselves carry no migration and no JDBC. Running it again, or twice at once, does
 * no harm: the migrations that are done are recorded in the database, under a lock.
 */
public final class Migrations {
    /** Attempts to reach a server that is just starting, one second apart at first and never more than two minutes. */
    private static final int CONNECT_RETRY_COUNT = 5;

    /** What a database is for; decides which scripts run. */
    public enum Kind {
        /** The orders and shares of one SET. */
        SET("db/set"),
        /** What send-svc keeps for itself: blocks of order numbers. */
        CONTROL("db/control"),
        /** Wallets, escrow and payments. */
        LEDGER("db/ledger"),
        /** What users sent and received. */
        RECORDS("db/records"),
        /** The days of a region that have left its SETs. */
        COLD("db/cold");

        private final String folder;

        Kind(String folder) {
            this.folder = folder;
        }
    }

    private Migrations() {}

    /**
     * @param kind what the database is for
     * @param jdbcUrl of an existing database, {@code jdbc:postgresql://host:port/name}; of several hosts the primary
     * @throws org.flywaydb.core.api.FlywayException if a script fails, was changed after it ran, or the database does not
     *     answer; a script that fails leaves nothing behind
     */
    public static void migrate(Kind kind, String jdbcUrl, String user, String password) {
        Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(jdbcUrl, user, password)
                // Of several hosts, one that takes writes.
                .jdbcProperties(Map.of("targetServerType", "primary"))
                .locations("classpath:" + kind.folder)
                .failOnMissingLocations(true)
                .connectRetries(CONNECT_RETRY_COUNT)
                .load()
                .migrate();
    }
}
