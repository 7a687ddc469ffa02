package io.hongbao.cli.audit;

import io.hongbao.cli.stack.Database;
import java.sql.Connection;
import java.sql.SQLException;

/** What operators do through the command line, in the audit chain. It is written before it is done. */
public final class OperatorAudit {
    private static final String WRITE = "select audit(?, ?, ?, jsonb_build_object('reason', ?::text))";

    private OperatorAudit() {}

    /** Who sits at this terminal, as the system names them. */
    public static String operator() {
        return "operator:" + System.getProperty("user.name", "unknown");
    }

    /**
     * @param action for instance packet.freeze
     * @param subject what it is done to
     */
    public static void write(Database control, String actor, String action, String subject, String reason)
            throws SQLException {
        try (Connection connection = control.connect();
                var statement = connection.prepareStatement(WRITE)) {
            statement.setString(1, actor);
            statement.setString(2, action);
            statement.setString(3, subject);
            statement.setString(4, reason);
            statement.execute();
        }
    }
}
