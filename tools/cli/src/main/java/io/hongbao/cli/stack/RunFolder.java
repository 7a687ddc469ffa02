package io.hongbao.cli.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * Configuration and logs of one run. It goes with the run, unless something failed: then somebody wants to read it, and
 * it stays until the next run.
 *
 * @param path ends with the process id of its owner
 */
record RunFolder(Path path) {
    static RunFolder create(ProjectHome home) throws IOException {
        Path runs = Files.createDirectories(home.memory().resolve("runs"));
        sweep(runs);
        return new RunFolder(
                Files.createTempDirectory(runs, "run-" + ProcessHandle.current().pid() + "-"));
    }

    /** Removes what runs have left whose program is gone. */
    private static void sweep(Path runs) throws IOException {
        List<Path> folders;
        try (var listed = Files.list(runs)) {
            folders = listed.toList();
        }
        for (Path folder : folders) {
            String[] words = folder.getFileName().toString().split("-");
            if (words.length == 3
                    && words[1].matches("\\d{1,18}")
                    && ProcessHandle.of(Long.parseLong(words[1])).isEmpty()) {
                delete(folder);
            }
        }
    }

    void delete() throws IOException {
        delete(path);
    }

    private static void delete(Path folder) throws IOException {
        try (var tree = Files.walk(folder)) {
            for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    Path config() {
        return path.resolve("services.properties");
    }

    Path certificates() {
        return path.resolve("certificates");
    }

    Path log(String process) {
        return path.resolve(process + ".log");
    }
}
