package io.hongbao.localstack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL server with its databases, as durable as one in production: fsync and its like stay as they are, on. */
final class PostgresServer implements Server {
    /** Crash recovery replays at most the 4 GB of WAL that max_wal_size allows. */
    private static final Duration START_MAX = Duration.ofMinutes(3);

    private static final Duration STOP_MAX = Duration.ofSeconds(30);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(10);
    private static final int PORT_TRIES_MAX = 5;
    /** A standby that has just been copied is a second behind. */
    private static final Duration FOLLOW_MAX = Duration.ofMinutes(1);

    private static final String NOTHING_AFTER_TARGET = "recovery ended before configured recovery target was reached";
    /** Ends the name of a SET's second server. */
    static final String SECOND = "-2";

    private static final String STANDBY_SIGNAL = "standby.signal";

    private final String name;
    private final List<String> databases;
    private final Map<String, String> settings;
    private final StackFolder folder;
    private final NativeFiles files;
    private final Account account;
    private final Ports ports;
    private int port;
    private @Nullable GuardedProcess process;
    /** What the next start needs to recover a backup. */
    private final Map<String, String> recovery = new LinkedHashMap<>();
    /** Whom this one copies, while it is a standby. */
    private @Nullable PostgresServer primary;

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

    /** A second server for a SET: the standby of the first one, or its primary since a failover. */
    static PostgresServer secondOfSet(String set, StackFolder folder, NativeFiles files, Account account, Ports ports) {
        return ofSet(set + SECOND, folder, files, account, ports);
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
        // A standby that was away for a moment, or is being copied, finds what it needs; one that is away for long is
        // made anew.
        settings.put("wal_keep_size", "512MB");
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
        if (primary == null) {
            createDatabases();
        }
    }

    /** Whether there is something to start from. */
    boolean hasData() {
        return Files.exists(folder.data(name));
    }

    /** Whether its data are a standby's. */
    boolean standsBy() {
        return Files.exists(folder.data(name).resolve(STANDBY_SIGNAL));
    }

    /** How often a standby became the primary in the history of its data: of two primaries the later one counts. */
    int timeline() throws IOException {
        try (var files = Files.list(folder.data(name).resolve("pg_wal"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.matches("[0-9A-F]{8}\\.history"))
                    .mapToInt(file -> Integer.parseInt(file.substring(0, 8), 16))
                    .max()
                    .orElse(1);
        }
    }

    /** Starts as the standby that it was. */
    synchronized void startBehind(PostgresServer newPrimary) throws IOException, InterruptedException {
        primary = newPrimary;
        start();
    }

    /**
     * Throws away what it holds and becomes a copy of a running primary, which from then on acknowledges nothing that this
     * one has not on its disk.
     */
    synchronized void follow(PostgresServer newPrimary) throws IOException, InterruptedException {
        stop();
        var data = folder.data(name);
        FileTree.delete(data);
        try (var connection = newPrimary.connect()) {
            BaseBackup.take(connection, folder.data(newPrimary.name), data, false);
            // Whom the primary waits for is no concern of its standby's.
            var auto = data.resolve("postgresql.auto.conf");
            Files.write(
                    auto,
                    Files.readAllLines(auto).stream()
                            .filter(line -> !line.startsWith("synchronous_standby_names"))
                            .toList());
            Files.createFile(
                    data.resolve(STANDBY_SIGNAL),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            if (account.owner().isPresent()) {
                FileTree.own(data, account.owner().getAsInt());
            }
            startBehind(newPrimary);
            try (var statement = connection.createStatement()) {
                statement.execute("alter system set synchronous_standby_names = '\"" + name + "\"'");
                statement.execute("select pg_reload_conf()");
                awaitSync(statement);
            }
        } catch (SQLException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }

    private void awaitSync(Statement statement) throws SQLException, IOException, InterruptedException {
        var deadline = System.nanoTime() + FOLLOW_MAX.toNanos();
        while (true) {
            try (var rows = statement.executeQuery("select from pg_stat_replication where application_name = '" + name
                    + "' and sync_state = 'sync'")) {
                if (rows.next()) {
                    return;
                }
            }
            if (System.nanoTime() > deadline) {
                throw new StackException(name + " does not keep up:\n" + folder.logTail(name));
            }
            Thread.sleep(POLL_INTERVAL);
        }
    }

    /** Makes a standby the primary, which waits for nobody. The old one must not be used again before it {@link #follow}s. */
    synchronized void promote() throws IOException {
        if (primary == null) {
            throw new StackException(name + " is no standby.");
        }
        try (var connection = connect();
                var statement = connection.createStatement()) {
            statement.execute("select pg_promote(true, " + FOLLOW_MAX.toSeconds() + ")");
            primary = null;
        } catch (SQLException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }

    boolean isIn(String backup) {
        return Files.isDirectory(folder.backup(backup, name));
    }

    /**
     * Brings back a backup and replays the archived WAL; the server takes writes again when this returns. What it held is
     * put aside, and whatever WAL of it had not been archived yet is replayed too.
     *
     * @param to a time as PostgreSQL reads it; empty for all that there is
     */
    synchronized void restore(String backup, Optional<String> to) throws IOException, InterruptedException {
        var source = folder.backup(backup, name);
        if (!Files.isDirectory(source)) {
            throw new StackException("there is no " + source + ".");
        }
        stop();
        var data = folder.data(name);
        if (Files.exists(data)) {
            var aside = folder.data(name + ".before-restore");
            FileTree.delete(aside);
            Files.move(data, aside, StandardCopyOption.ATOMIC_MOVE);
        }
        FileTree.copy(source, data);
        copyWal(folder.data(name + ".before-restore").resolve("pg_wal"), data.resolve("pg_wal"));
        Files.createFile(
                data.resolve("recovery.signal"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        if (account.owner().isPresent()) {
            FileTree.own(data, account.owner().getAsInt());
        }
        recovery.put("hot_standby", "off");
        recovery.put("restore_command", "cp \"" + folder.archive(name) + "/%f\" \"%p\"");
        recovery.put("recovery_target_action", "promote");
        to.ifPresent(time -> recovery.put("recovery_target_time", time));
        try {
            start();
        } catch (StackException e) {
            if (to.isEmpty() || !String.valueOf(e.getMessage()).contains(NOTHING_AFTER_TARGET)) {
                throw e;
            }
            // Nothing happened after that moment: the end of the archive is what was then.
            recovery.remove("recovery_target_time");
            start();
        } finally {
            recovery.clear();
        }
    }

    private static void copyWal(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (var segments = Files.newDirectoryStream(from, "????????????????????????")) {
            for (var segment : segments) {
                Files.copy(segment, to.resolve(segment.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private List<String> command(Path program, Path data) {
        var words = new ArrayList<>(List.of(program.toString(), "-D", data.toString(), "-p", Integer.toString(port)));
        if (primary != null) {
            words.add("-c");
            words.add("primary_conninfo=host=127.0.0.1 port=%d user=postgres application_name=%s"
                    .formatted(primary.port, name));
        }
        var all = new LinkedHashMap<>(settings);
        if (folder.kept()) {
            all.put("archive_mode", "on");
            all.put("archive_command", archiveCommand());
            // What is lost with the disk at most, on a server that is idle.
            all.put("archive_timeout", "60s");
        }
        all.putAll(recovery);
        all.forEach((setting, value) -> {
            words.add("-c");
            words.add(setting + "=" + value);
        });
        return account.command(words);
    }

    /** An identical file that is there already is archived: after a crash the server may ask again. */
    private String archiveCommand() {
        var file = "\"" + folder.archive(name) + "/%f\"";
        return "cmp -s %p FILE || { test ! -f FILE && cp %p FILE.part && sync FILE.part && mv FILE.part FILE; }"
                .replace("FILE.part", "\"" + folder.archive(name) + "/%f.part\"")
                .replace("FILE", file);
    }

    private Path prepareData() throws IOException {
        if (folder.kept()) {
            Files.createDirectories(folder.archive(name));
            if (account.owner().isPresent()) {
                FileTree.own(folder.archive(name), account.owner().getAsInt());
            }
        }
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
        try (var connection = connect();
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

    private Connection connect() throws SQLException {
        var login = new Properties();
        login.put("user", "postgres");
        login.put("password", "postgres");
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", login);
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
