package io.hongbao.cli.stack;

import java.sql.SQLException;

/** The login of the local stack that may add audit entries and nothing else, as a production system has one. */
final class ControlLogin {
    static final String AUDIT_USER = "hongbao_audit";

    private static final String MAKE = """
            do $$ begin
                if not exists (select from pg_roles where rolname = '%1$s') then
                    create role %1$s login in role hongbao_auditor;
                end if;
                alter role %1$s password '%2$s';
            end $$
            """;

    private ControlLogin() {}

    /** Makes it; its password is that of the server's user. Once more does no harm. */
    static void make(Database control) throws SQLException {
        try (var connection = control.connect();
                var statement = connection.createStatement()) {
            statement.execute(MAKE.formatted(AUDIT_USER, control.password()));
        }
    }
}
