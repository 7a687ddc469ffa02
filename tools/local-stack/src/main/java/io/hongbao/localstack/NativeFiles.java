package io.hongbao.localstack;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * The servers' programs, unpacked once and used by every later start: in {@code native/} beside this program's jar, which
 * a clean build removes, or in the temporary folder where that one cannot be written or read.
 */
final class NativeFiles {
    /** Only what a server needs: the archive's C headers, static libraries and the like are left inside. */
    private static final List<String> POSTGRES_FOLDERS = List.of("bin/", "lib/", "share/");

    private final Path cache;
    private final Account account;

    NativeFiles(Account account) throws IOException {
        this.account = account;
        this.cache = cache(account);
    }

    private static Path cache(Account account) throws IOException {
        // Another user may not be able to see a folder of root's.
        if (account.owner().isEmpty()) {
            try {
                var jar = Path.of(NativeFiles.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI());
                var beside = jar.resolveSibling("native");
                Files.createDirectories(beside);
                if (Files.isWritable(beside) && mine(beside)) {
                    return beside;
                }
            } catch (URISyntaxException | IOException e) {
                // A read-only place: the other one, then.
            }
        }
        var shared = Path.of(System.getProperty("java.io.tmpdir"))
                .resolve("hongbao-native-" + Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        Files.createDirectories(
                shared, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        if (!mine(shared)) {
            throw new StackException(shared + " belongs to somebody else; programs in it are not to be trusted.");
        }
        return shared;
    }

    private static boolean mine(Path folder) throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(Files.getAttribute(folder, "unix:uid"));
    }

    Path redis() throws IOException {
        var architecture = architecture("amd64", "arm64");
        var resource = "redis-server-7.0.15-linux-" + architecture;
        var folder = once(resource, aside -> {
            var program = aside.resolve("redis-server");
            try (var in = Resources.open(resource)) {
                Files.copy(in, program);
            }
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        });
        return folder.resolve("redis-server");
    }

    Path postgres() throws IOException {
        var archive = "postgres-linux-" + architecture("x86_64", "arm_64") + ".txz";
        return once(Resources.jarName(archive), folder -> unpackPostgres(archive, folder));
    }

    /**
     * An empty database cluster to copy: {@code initdb} takes a second of CPU, a copy a tenth of it. Clusters that come from
     * one template share a system identifier, which only physical replication would mind.
     */
    Path postgresTemplate() throws IOException {
        var postgres = postgres();
        return once(postgres.getFileName() + "-cluster", folder -> {
            account.owner().ifPresent(owner -> {
                try {
                    FileTree.own(folder, owner);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            Commands.run(account.command(List.of(
                    postgres.resolve("bin/initdb").toString(),
                    "--pgdata=" + folder.resolve("data"),
                    "--username=postgres",
                    // Reachable from this machine alone, and a password check would cost each of the many short test
                    // connections its 4,096 rounds of SHA-256.
                    "--auth=trust",
                    "--encoding=UTF8",
                    // The same sort order on every machine.
                    "--locale=C",
                    // Whoever keeps a copy of it syncs the copy.
                    "--no-sync",
                    "--no-instructions")));
        });
    }

    private static String architecture(String x86, String arm) {
        var name = System.getProperty("os.arch");
        return switch (name) {
            case "amd64", "x86_64" -> x86;
            case "aarch64" -> arm;
            default -> name;
        };
    }

    @FunctionalInterface
    private interface Filler {
        void fill(Path folder) throws IOException;
    }

    /** Fills a folder of the cache unless that is done: aside first, so that a half-filled one is never taken for whole. */
    private Path once(String name, Filler filler) throws IOException {
        var folder = cache.resolve(name);
        synchronized (NativeFiles.class) { // A file lock keeps other processes out, not other threads.
            try (var channel = FileChannel.open(
                            cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = channel.lock()) {
                if (!Files.exists(folder)) {
                    var aside = cache.resolve(name + ".new");
                    FileTree.delete(aside);
                    Files.createDirectory(aside);
                    filler.fill(aside);
                    Files.move(aside, folder, StandardCopyOption.ATOMIC_MOVE);
                }
            }
        }
        return folder;
    }

    private static void unpackPostgres(String archive, Path folder) throws IOException {
        record Link(Path path, String target) {}
        var links = new ArrayList<Link>();
        try (var tar = new TarArchiveInputStream(
                new XZCompressorInputStream(new BufferedInputStream(Resources.open(archive))))) {
            for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
                var name = entry.getName().startsWith("./") ? entry.getName().substring(2) : entry.getName();
                if (entry.isDirectory()
                        || name.endsWith(".a")
                        || POSTGRES_FOLDERS.stream().noneMatch(name::startsWith)) {
                    continue;
                }
                var file = entry.resolveIn(folder);
                Files.createDirectories(file.getParent());
                if (entry.isSymbolicLink()) {
                    links.add(new Link(file, entry.getLinkName()));
                    continue;
                }
                Files.copy(tar, file);
                Files.setPosixFilePermissions(
                        file, PosixFilePermissions.fromString(name.startsWith("bin/") ? "rwxr-xr-x" : "rw-r--r--"));
            }
        }
        // Last, so that no file is ever written through a link.
        for (var link : links) {
            Files.createSymbolicLink(link.path(), Path.of(link.target()));
        }
    }
}
