package io.hongbao.cli.stack;

import io.hongbao.cli.CommandFailure;
import io.hongbao.core.assertion.AssertionSigner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The key of user assertions of one stack: the services know it from their settings, whoever calls from a file. */
public final class StackAssertions {
    public static final String REQUIRED = "hongbao.assertion.required";

    private static final int KEY_ID = 1;
    private static final String FILE = "assertion.key";

    private StackAssertions() {}

    /** @param secret in hexadecimal */
    static Map<String, String> settings(String secret, boolean required) {
        var settings = new LinkedHashMap<String, String>();
        settings.put(REQUIRED, Boolean.toString(required));
        settings.put(keySetting(), secret);
        return settings;
    }

    /** Leaves the key with the certificates of those who call. */
    static void keep(Map<String, String> settings, Path certificates) throws IOException {
        Path file = Files.createFile(
                certificates.resolve(FILE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, settings.getOrDefault(keySetting(), ""));
    }

    /** Whoever calls as an access layer does, signs with this. */
    public static Optional<AssertionSigner> signer(Path certificates) {
        try {
            String secret = Files.readString(certificates.resolve(FILE));
            return Optional.of(new AssertionSigner(KEY_ID, HexFormat.of().parseHex(secret)));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException unusable) {
            throw new CommandFailure("the stack's assertion key cannot be used: " + unusable.getMessage(), unusable);
        }
    }

    private static String keySetting() {
        return "hongbao.assertion.keys.\"" + KEY_ID + "\"";
    }
}
