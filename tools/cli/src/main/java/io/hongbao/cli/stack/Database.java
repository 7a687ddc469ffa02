package io.hongbao.cli.stack;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * A database of the local servers.
 *
 * @param jdbcUrl for the migrations and the checks
 * @param pgUrl for the services, {@code postgresql://host:port/name}
 */
public record Database(String jdbcUrl, String pgUrl, String user, String password) {
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl, user, password);
    }
}
