package io.hongbao.kit.text;

import io.hongbao.core.text.TextSeal;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.OptionalInt;

/** Makes a {@link TextSeal} from settings, or says what is wrong with them. No message holds a secret. */
public final class TextKeys {
    private TextKeys() {}

    /**
     * For a service that stores texts.
     *
     * @throws IllegalStateException if it could only store them as they are, and nobody has said so
     */
    public static TextSeal writing(TextConfig config) {
        if (!config.encrypted()) {
            return seal(OptionalInt.empty(), config);
        }
        if (config.writingKey().isEmpty()) {
            throw new IllegalStateException("hongbao.text.writing-key names no key to encrypt personal text with;"
                    + " on a developer's machine hongbao.text.encrypted=false does without");
        }
        return seal(config.writingKey(), config);
    }

    /**
     * For a service that reads texts.
     *
     * @throws IllegalStateException if texts are encrypted, and it could read none
     */
    public static TextSeal reading(TextConfig config) {
        if (config.encrypted() && config.keys().isEmpty()) {
            throw new IllegalStateException("hongbao.text.keys has no key to read personal text with;"
                    + " on a developer's machine hongbao.text.encrypted=false does without");
        }
        return seal(OptionalInt.empty(), config);
    }

    private static TextSeal seal(OptionalInt writingKey, TextConfig config) {
        Map<Integer, byte[]> secrets = new HashMap<>();
        config.keys().forEach((id, hex) -> {
            try {
                secrets.put(id, HexFormat.of().parseHex(hex.strip()));
            } catch (IllegalArgumentException notHex) {
                throw new IllegalStateException("hongbao.text.keys: key " + id + " is not hexadecimal");
            }
        });
        try {
            return new TextSeal(writingKey, secrets);
        } catch (IllegalArgumentException unusable) {
            throw new IllegalStateException("hongbao.text.keys: " + unusable.getMessage(), unusable);
        }
    }
}
