package io.hongbao.localstack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Who runs PostgreSQL. It refuses root, and a user without a name, and containers often have the one or the other. Those
 * become somebody else, in the first of these ways that works:
 *
 * <ol>
 *   <li>{@code unshare -U}: a user namespace without a mapping, in which anybody looks like {@code nobody} and still owns
 *       his files;
 *   <li>{@code setpriv}, for root only: really become {@code nobody}, to whom the data folder is given.
 * </ol>
 *
 * @param prefix words to put before a command
 * @param owner the user and group to give the data folder to, if it is not the caller's
 */
record Account(List<String> prefix, OptionalInt owner) {
    private static final int NOBODY = 65_534;

    static Account detect() throws IOException, InterruptedException {
        boolean root = isRoot();
        if (!root && works("id", "-un")) {
            return new Account(parentDeathSignal(), OptionalInt.empty());
        }
        // `id -un` fails where user 65534 has no name; initdb would fail there too.
        if (works("unshare", "-U", "id", "-un")) {
            var words = new ArrayList<>(List.of("unshare", "-U"));
            words.addAll(parentDeathSignal());
            return new Account(words, OptionalInt.empty());
        }
        var nobody = List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
        if (root && works(nobody, "id", "-un")) {
            var words = new ArrayList<>(nobody);
            words.addAll(parentDeathSignal());
            return new Account(words, OptionalInt.of(NOBODY));
        }
        throw new StackException(
                "PostgreSQL runs neither as root nor as a user without a name, and neither `unshare -U` nor `setpriv` works here."
                        + " Run as an ordinary user.");
    }

    static boolean isRoot() throws IOException {
        return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    /** Where util-linux has it: the kernel ends the server when its supervisor dies. Guards work without. */
    static List<String> parentDeathSignal() throws IOException, InterruptedException {
        return works("setpriv", "--pdeathsig", "KILL", "true") ? List.of("setpriv", "--pdeathsig", "KILL") : List.of();
    }

    List<String> command(List<String> command) {
        var words = new ArrayList<>(prefix);
        words.addAll(command);
        return words;
    }

    private static boolean works(List<String> prefix, String... rest) throws IOException, InterruptedException {
        var words = new ArrayList<>(prefix);
        words.addAll(List.of(rest));
        return works(words.toArray(String[]::new));
    }

    private static boolean works(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // There is no such program.
        }
    }
}
