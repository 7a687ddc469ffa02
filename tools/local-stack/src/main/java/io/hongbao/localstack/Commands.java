package io.hongbao.localstack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Short commands that end by themselves. */
final class Commands {
    private Commands() {}

    static void run(List<String> command) throws IOException {
        try {
            var process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .start();
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                throw new StackException(String.join(" ", command) + " failed with code " + code + ":\n" + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
