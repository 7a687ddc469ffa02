package io.hongbao.localstack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL server with its databases, as durable as one in production: fsync and its like stay as they are, on. */
final class PostgresServer implements Server {
    /** Crash recovery replays at most the 4 GB of WAL that max_wal_size allows. */
    private static final Duration START_MAX = Duration.ofMinutes(3);

    private static final Duration STOP_MAX = Duration.ofSeconds(30);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(10);
    private static final int PORT_TRIES_MAX = 5;

    private final String name;
    private final List<String> databases;
    private final Map<String, String> settings;
    private final StackFolder folder;
    private final NativeFiles files;
    private final Account account;
    private final Ports ports;
    private int port;
    private @Nullable GuardedProcess process;

    private PostgresServer(
            String name,
            List<String> databases,
            Map<String, String> settings,
            StackFolder folder,
            NativeFiles files,
            Account account,
            Ports ports) {
        this.name = name;
        this.databases = databases;
        this.settings = settings;
        this.folder = folder;
        this.files = files;
        this.account = account;
        this.ports = ports;
    }

    /** The server of one SET: orders only. */
    static PostgresServer ofSet(String set, StackFolder folder, NativeFiles files, Account account, Ports ports) {
        var settings = commonSettings();
        // The packets and shares of a busy day, which every open reads and writes, stay in memory.
        settings.put("shared_buffers", "256MB");
        return new PostgresServer("pg." + set, List.of("orders"), settings, folder, files, account, ports);
    }

    /** The server of all that is not sharded. */
    static PostgresServer core(StackFolder folder, NativeFiles files, Account account, Ports ports) {
        return new PostgresServer(
                "pg.core",
                List.of("ledger", "records", "control", "cold"),
                commonSettings(),
                folder,
                files,
                account,
                ports);
    }

    /**
     * What differs from PostgreSQL's own defaults. Not here because they are defaults: fsync, synchronous_commit and
     * full_page_writes. Not here because this build has no LZ4 and pglz would cost the CPU that is scarce: wal_compression.
     */
    private static Map<String, String> commonSettings() {
        var settings = new LinkedHashMap<String, String>();
        settings.put("listen_addresses", "127.0.0.1");
        // TCP is what the services use; a socket file would be one more thing to leave behind.
        settings.put("unix_socket_directories", "");
        // Five services, each with several pods and a pool per SET, and the tests that look over their shoulders.
        settings.put("max_connections", "300");
        // A checkpoint in the middle of a measurement would write every page into the WAL in full once more.
        settings.put("max_wal_size", "4GB");
        // One migration makes or drops ten tables for each of 31 days, with their indexes, in one transaction.
        settings.put("max_locks_per_transaction", "1024");
        settings.put("timezone", "UTC");
        settings.put("log_timezone", "UTC");
        return settings;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public synchronized long pid() throws IOException, InterruptedException {
        return running().pid();
    }

    @Override
    public synchronized void start() throws IOException, InterruptedException {
        if (process != null && process.running()) {
            return;
        }
        if (process != null) {
            process.dismiss();
        }
        folder.awaitPredecessor(name);
        var program = files.postgres().resolve("bin/postgres");
        var data = prepareData();
        boolean portIsKnown = port != 0;
        for (int tries = 1; ; tries++) {
            if (!portIsKnown) {
                port = ports.next();
            }
            process = GuardedProcess.start(folder, name, "QUIT", command(program, data));
            if (awaitReady(process, data)) {
                break;
            }
            process.dismiss();
            var log = folder.logTail(name);
            if (portIsKnown || tries == PORT_TRIES_MAX || !log.contains("Address already in use")) {
                throw new StackException(name + " did not start:\n" + log);
            }
        }
        createDatabases();
    }

    private List<String> command(Path program, Path data) {
        var words = new ArrayList<>(List.of(program.toString(), "-D", data.toString(), "-p", Integer.toString(port)));
        settings.forEach((setting, value) -> {
            words.add("-c");
            words.add(setting + "=" + value);
        });
        return account.command(words);
    }

    private Path prepareData() throws IOException {
        var data = folder.data(name);
        if (!Files.exists(data)) {
            var aside = folder.data(name + ".new");
            FileTree.delete(aside);
            FileTree.copy(files.postgresTemplate().resolve("data"), aside);
            if (folder.kept()) {
                var initdb = files.postgres().resolve("bin/initdb").toString();
                Commands.run(account.command(List.of(initdb, "--sync-only", "--pgdata=" + aside)));
            }
            Files.move(aside, data, StandardCopyOption.ATOMIC_MOVE);
        }
        // Left by a server that was killed. Its process has been seen gone, but its number may be somebody else's by
        // now,
        // and PostgreSQL would take that somebody for itself.
        Files.deleteIfExists(data.resolve("postmaster.pid"));
        return data;
    }

    /** Waits for the word that the server writes into its own pid file; false if it ended instead. */
    private boolean awaitReady(GuardedProcess started, Path data) throws IOException, InterruptedException {
        var deadline = System.nanoTime() + START_MAX.toNanos();
        var statusFile = data.resolve("postmaster.pid");
        while (started.running()) {
            if (Files.exists(statusFile)) {
                var lines = Files.readAllLines(statusFile);
                if (lines.size() >= 8 && lines.get(7).strip().equals("ready")) {
                    return true;
                }
            }
            if (System.nanoTime() > deadline) {
                throw new StackException(
                        name + " was not ready after " + START_MAX.toSeconds() + " s:\n" + folder.logTail(name));
            }
            Thread.sleep(POLL_INTERVAL);
        }
        return false;
    }

    private void createDatabases() throws IOException {
        var login = new Properties();
        login.put("user", "postgres");
        login.put("password", "postgres");
        var url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
        try (var connection = DriverManager.getConnection(url, login);
                var exists = connection.prepareStatement("select from pg_database where datname = ?");
                var create = connection.createStatement()) {
            for (var database : databases) {
                exists.setString(1, database);
                try (var found = exists.executeQuery()) {
                    if (!found.next()) {
                        create.execute("create database " + database);
                    }
                }
            }
        } catch (SQLException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized void stop() throws IOException, InterruptedException {
        if (process != null) {
            // Connected clients are cut off and a checkpoint is written, or nothing at all if the data goes anyway.
            process.stop(folder.kept() ? "INT" : "QUIT", STOP_MAX);
            process = null;
        }
    }

    @Override
    public synchronized void signal(String signal) throws IOException, InterruptedException {
        switch (signal) {
            case "KILL", "STOP", "CONT" -> running().signalAll(signal, STOP_MAX);
            default -> running().signal(signal);
        }
    }

    private GuardedProcess running() throws StackException {
        if (process == null) {
            throw new StackException(name + " is not running.");
        }
        return process;
    }
}
