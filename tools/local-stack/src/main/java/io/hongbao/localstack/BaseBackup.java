package io.hongbao.localstack;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a running server's files that can be recovered: the low-level interface of PostgreSQL, since these binaries
 * come without {@code pg_basebackup}.
 */
final class BaseBackup {
    /** Folders that are copied empty: of the running server only, or replayed from the WAL. */
    private static final Set<String> EMPTIED = Set.of(
            "pg_wal",
            // Slots are the running server's own; one that came along stops a standby with a panic.
            "pg_replslot",
            "pg_dynshmem",
            "pg_notify",
            "pg_serial",
            "pg_snapshots",
            "pg_stat_tmp",
            "pg_subtrans",
            "pgsql_tmp");

    private static final Set<String> LEFT_OUT = Set.of("postmaster.pid", "postmaster.opts", "backup_label");

    private BaseBackup() {}

    /**
     * Copies {@code data}, the folder of the server behind {@code connection}, to {@code to}, which must not exist.
     *
     * @param archived wait until the WAL that the copy needs is archived
     */
    static void take(Connection connection, Path data, Path to, boolean archived) throws IOException, SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("select pg_backup_start('hongbao', true)");
            copy(data, to);
            try (var stopped =
                    statement.executeQuery("select labelfile, spcmapfile from pg_backup_stop(" + archived + ")")) {
                stopped.next();
                write(to.resolve("backup_label"), stopped.getString(1));
                if (!stopped.getString(2).isBlank()) {
                    throw new StackException("a server with tablespaces cannot be copied");
                }
            }
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /** A file that goes meanwhile is no error: the WAL tells that it went. */
    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new FileTree.LiveVisitor() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                Path copy = to.resolve(from.relativize(folder));
                Files.copy(folder, copy, StandardCopyOption.COPY_ATTRIBUTES);
                if (!EMPTIED.contains(folder.getFileName().toString())) {
                    return FileVisitResult.CONTINUE;
                }
                if (folder.equals(from.resolve("pg_wal"))) {
                    for (String inside : Set.of("archive_status", "summaries")) {
                        if (Files.isDirectory(folder.resolve(inside))) {
                            Files.copy(
                                    folder.resolve(inside), copy.resolve(inside), StandardCopyOption.COPY_ATTRIBUTES);
                        }
                    }
                }
                return FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!LEFT_OUT.contains(file.getFileName().toString())) {
                    try {
                        Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
                    } catch (NoSuchFileException gone) {
                        // A table that was dropped.
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
