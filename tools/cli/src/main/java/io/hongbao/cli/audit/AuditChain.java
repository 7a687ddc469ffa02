package io.hongbao.cli.audit;

import io.hongbao.cli.stack.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.OptionalLong;

/** The hash-chained audit entries of a region, as its database {@code control} holds them. */
public final class AuditChain {
    private static final String VERIFY = "select entry_count, first_bad_sequence from audit_verify()";

    private AuditChain() {}

    /**
     * What a check came to.
     *
     * @param entryCount entries there are
     * @param firstBadSequence where the chain is broken first; empty if it is not
     */
    public record Finding(long entryCount, OptionalLong firstBadSequence) {
        public boolean unbroken() {
            return firstBadSequence.isEmpty();
        }
    }

    /** Computes every hash again. */
    public static Finding verify(Database control) throws SQLException {
        try (Connection connection = control.connect()) {
            return verify(connection);
        }
    }

    /** The same as this connection's transaction sees it. */
    public static Finding verify(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(VERIFY)) {
            row.next();
            long entryCount = row.getLong(1);
            long firstBad = row.getLong(2);
            return new Finding(entryCount, row.wasNull() ? OptionalLong.empty() : OptionalLong.of(firstBad));
        }
    }
}
