package io.hongbao.kit.text;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Map;
import java.util.OptionalInt;

/** {@code hongbao.text.*}: with what personal text is encrypted before it is stored. */
@ConfigMapping(prefix = "hongbao.text")
public interface TextConfig {
    /** Off is for a developer's machine: texts are stored as they are. */
    @WithDefault("true")
    boolean encrypted();

    /** The key that new texts are encrypted with; only send-svc needs it. */
    OptionalInt writingKey();

    /** Secrets of 32 bytes in hexadecimal, by key id, 0 to 127. An old one stays for as long as texts under it do. */
    Map<Integer, String> keys();
}
