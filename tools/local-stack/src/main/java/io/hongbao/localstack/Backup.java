package io.hongbao.localstack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.StringJoiner;

/** Copies of all PostgreSQL servers that run in a folder, taken while they work. */
final class Backup {
    private static final String READY = "ready";

    private Backup() {}

    /** @return a line for each server: {@code OK pg.core=…/backups/NAME/pg.core …} */
    static String take(Path data, String backup) throws IOException {
        var root = data.toAbsolutePath().normalize();
        var home = root.resolve("backups").resolve(backup);
        if (Files.exists(home)) {
            throw new StackException(home + " is there already.");
        }
        var made = new StringJoiner(" ", "OK ", "");
        made.setEmptyValue("");
        for (var server : servers(root)) {
            var name = server.getFileName().toString();
            var port = port(server);
            if (port.isEmpty()) {
                continue;
            }
            try (var connection = connect(port.get())) {
                if (standsBy(connection)) {
                    continue;
                }
                // Aside first: a half-made backup never looks like one.
                var aside = home.resolveSibling(backup + ".new").resolve(name);
                FileTree.delete(aside);
                Files.createDirectories(aside.getParent());
                BaseBackup.take(connection, server, aside, archives(connection));
                Files.createDirectories(home);
                Files.move(aside, home.resolve(name), StandardCopyOption.ATOMIC_MOVE);
                made.add(name + "=" + home.resolve(name));
            } catch (SQLException e) {
                throw new IOException(name + ": " + e.getMessage(), e);
            }
        }
        if (made.toString().isEmpty()) {
            throw new StackException("no PostgreSQL server runs in " + root + ".");
        }
        Files.deleteIfExists(home.resolveSibling(backup + ".new"));
        Commands.run(List.of("sync", "-f", home.toString()));
        return made.toString();
    }

    private static List<Path> servers(Path root) throws IOException {
        try (var folders = Files.list(root)) {
            return folders.filter(folder -> Files.exists(folder.resolve("PG_VERSION")))
                    .filter(folder -> folder.getFileName().toString().startsWith("pg."))
                    .sorted()
                    .toList();
        }
    }

    /** Of a server that takes connections: its own pid file tells. */
    private static Optional<Integer> port(Path server) throws IOException {
        var file = server.resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var lines = Files.readAllLines(file);
        return lines.size() >= 8 && lines.get(7).strip().equals(READY)
                ? Optional.of(Integer.parseInt(lines.get(3).strip()))
                : Optional.empty();
    }

    private static Connection connect(int port) throws SQLException {
        var login = new Properties();
        login.put("user", "postgres");
        login.put("password", "postgres");
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", login);
    }

    private static boolean standsBy(Connection connection) throws SQLException {
        return is(connection, "select pg_is_in_recovery()");
    }

    /** Whether the WAL that a copy needs can be waited for. */
    private static boolean archives(Connection connection) throws SQLException {
        return is(connection, "select current_setting('archive_mode') = 'on'");
    }

    private static boolean is(Connection connection, String question) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(question)) {
            return row.next() && row.getBoolean(1);
        }
    }
}
