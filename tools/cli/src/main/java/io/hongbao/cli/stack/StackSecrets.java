package io.hongbao.cli.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The secrets of a stack. They are made for each run and end with it: tickets, page tokens and assertions of an earlier run
 * are refused. Only the key of greetings lies with the data, since without it they could not be read any more.
 */
final class StackSecrets {
    private static final int SECRET_BYTES = 32;
    private static final String TEXT_KEY_FILE = "text.key";

    private StackSecrets() {}

    /**
     * @param data folder of the stores, if it is kept
     * @param tls whether callers are known: then users are vouched for as well
     * @return settings of all services
     */
    static Map<String, String> settings(Optional<Path> data, boolean tls) throws IOException {
        var settings = new LinkedHashMap<String, String>();
        settings.put("hongbao.tickets.signing-key", "1");
        settings.put("hongbao.tickets.keys.\"1\"", secret());
        settings.put("hongbao.page-token.secret", secret());
        settings.putAll(StackAssertions.settings(secret(), tls));
        settings.put("hongbao.text.writing-key", "1");
        settings.put("hongbao.text.keys.\"1\"", data.isPresent() ? kept(data.get()) : secret());
        return settings;
    }

    private static String kept(Path data) throws IOException {
        Path file = data.resolve(TEXT_KEY_FILE);
        try {
            return Files.readString(file);
        } catch (NoSuchFileException first) {
            Files.createDirectories(data);
            String made = secret();
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, made);
            return made;
        }
    }

    private static String secret() {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        return HexFormat.of().formatHex(secret);
    }
}
