package io.hongbao.localstack;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where one running stack keeps its data, logs and process ids: a folder the caller named and keeps, or a temporary one
 * that goes when the stack ends. A lock file makes sure that a folder has one stack at a time.
 */
final class StackFolder {
    private static final String TEMPORARY_PREFIX = "hongbao-local-stack-";

    /** After kill -9 of the JVM, guards need up to three seconds to take the servers down; ten cover a busy machine. */
    private static final Duration PREDECESSOR_WAIT_MAX = Duration.ofSeconds(10);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

    private final Path root;
    private final boolean temporary;

    /** Held, never read: the lock lasts as long as this object's channel, so until the JVM ends in whatever way. */
    @SuppressWarnings("unused")
    private final FileLock lock;

    private StackFolder(Path root, boolean temporary, FileLock lock) throws IOException {
        this.root = root;
        this.temporary = temporary;
        this.lock = lock;
        Files.createDirectories(root.resolve("logs"));
        Files.createDirectories(root.resolve("run"));
    }

    /** Opens {@code kept}, or a new temporary folder. */
    static StackFolder open(Optional<Path> kept) throws IOException {
        if (kept.isPresent()) {
            var root = kept.get().toAbsolutePath().normalize();
            Files.createDirectories(root);
            var lock = tryLock(root);
            if (lock == null) {
                throw new StackException(
                        root + " is in use by another local stack. End that one, or choose another --data folder.");
            }
            return new StackFolder(root, false, lock);
        }
        sweep();
        // Others may walk through, not look around: PostgreSQL may have to run as somebody else.
        var root = Files.createTempDirectory(
                TEMPORARY_PREFIX, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        var lock = tryLock(root);
        if (lock == null) {
            throw new StackException(root + " was locked by somebody else as soon as it was made.");
        }
        return new StackFolder(root, true, lock);
    }

    private static @Nullable FileLock tryLock(Path root) throws IOException {
        var channel = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            var lock = channel.tryLock();
            if (lock == null) {
                channel.close();
            }
            return lock;
        } catch (OverlappingFileLockException e) {
            channel.close();
            return null;
        }
    }

    /** Removes what stacks that were killed together with their guards have left in the temporary folder. */
    private static void sweep() throws IOException {
        var temporaryFolder = Path.of(System.getProperty("java.io.tmpdir"));
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(temporaryFolder, TEMPORARY_PREFIX + "*")) {
            for (var leftover : leftovers) {
                if (!Files.isWritable(leftover) || !Files.exists(leftover.resolve("lock"))) {
                    continue;
                }
                try (var lock = tryLock(leftover)) {
                    if (lock != null && serversOf(leftover).isEmpty()) {
                        FileTree.delete(leftover);
                    }
                }
            }
        }
    }

    private static List<ProcessHandle> serversOf(Path root) throws IOException {
        var run = root.resolve("run");
        if (!Files.isDirectory(run)) {
            return List.of();
        }
        try (var pidFiles = Files.list(run)) {
            return pidFiles.map(StackFolder::server).flatMap(Optional::stream).toList();
        }
    }

    /** The server a process id file speaks of, if that process lives and is a server: ids are used again. */
    private static Optional<ProcessHandle> server(Path pidFile) {
        try {
            return ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip()))
                    .filter(process -> process.info()
                            .command()
                            .filter(command -> command.endsWith("/postgres") || command.endsWith("/redis-server"))
                            .isPresent());
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Waits until a server that an earlier, killed stack has left in this folder is gone. */
    void awaitPredecessor(String name) throws IOException, InterruptedException {
        var deadline = System.nanoTime() + PREDECESSOR_WAIT_MAX.toNanos();
        for (Optional<ProcessHandle> found; (found = server(pidFile(name))).isPresent(); ) {
            if (System.nanoTime() > deadline) {
                throw new StackException("%s still runs in %s as process %d, left by an earlier stack. End it first."
                        .formatted(name, root, found.get().pid()));
            }
            Thread.sleep(POLL_INTERVAL);
        }
        Files.deleteIfExists(pidFile(name));
    }

    Path data(String name) {
        return root.resolve(name);
    }

    /** SETs whose first server has data here. */
    List<String> sets() throws IOException {
        try (var folders = Files.list(root)) {
            return folders.filter(folder -> Files.exists(folder.resolve("PG_VERSION")))
                    .map(folder -> folder.getFileName().toString())
                    .filter(name -> name.matches("pg\\.[a-z][a-z0-9-]*") && !name.equals("pg.core"))
                    .filter(name -> !name.endsWith(PostgresServer.SECOND))
                    .map(name -> name.substring("pg.".length()))
                    .sorted()
                    .toList();
        }
    }

    /** Where the WAL of a kept folder's server goes. */
    Path archive(String name) {
        return root.resolve("archive").resolve(name);
    }

    Path backup(String backup, String name) {
        return root.resolve("backups").resolve(backup).resolve(name);
    }

    Path log(String name) {
        return root.resolve("logs").resolve(name + ".log");
    }

    Path pidFile(String name) {
        return root.resolve("run").resolve(name + ".pid");
    }

    boolean kept() {
        return !temporary;
    }

    /** What a guard deletes when the JVM has died: a temporary folder, never a kept one. */
    Optional<Path> scratch() {
        return temporary ? Optional.of(root) : Optional.empty();
    }

    /** The last lines of a server's log, for an error message. */
    String logTail(String name) {
        try {
            var lines = Files.readAllLines(log(name));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    /** The clean end: all servers have stopped. */
    void discardIfTemporary() throws IOException {
        if (temporary) {
            FileTree.delete(root);
        }
    }
}
