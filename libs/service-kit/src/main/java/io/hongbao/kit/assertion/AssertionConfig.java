package io.hongbao.kit.assertion;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Map;

/** {@code hongbao.assertion.*}: whether calls that act for a user must bring an access layer's word for it. */
@ConfigMapping(prefix = "hongbao.assertion")
public interface AssertionConfig {
    /** Off: the caller's word is enough, and assertions are not looked at, so that access layers can begin to send them. */
    @WithDefault("false")
    boolean required();

    /** Secrets in hexadecimal, at least 16 bytes each, by key id; several while access layers change theirs. */
    Map<Integer, String> keys();

    /** How far ahead an assertion's end may be: for so long it is worth stealing. Also bounds how wrong a clock may be. */
    @WithDefault("10m")
    Duration lifeMax();
}
