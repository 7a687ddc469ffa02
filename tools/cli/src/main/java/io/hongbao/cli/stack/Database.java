package io.hongbao.cli.stack;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

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

    /** A connection that fails if an answer takes longer than this. */
    public Connection connect(int secondsMax) throws SQLException {
        var login = new Properties();
        login.put("user", user);
        login.put("password", password);
        login.put("loginTimeout", Integer.toString(secondsMax));
        login.put("socketTimeout", Integer.toString(secondsMax));
        return DriverManager.getConnection(jdbcUrl, login);
    }
}
