package io.hongbao.send.number;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** How this process gets its order numbers. */
@ConfigMapping(prefix = "hongbao.numbers")
public interface NumbersConfig {
    /**
     * Allocator slot of this process, 0 to 999; by default the hash of {@link #instance}. Two processes may share one:
     * they get different blocks of it.
     */
    Optional<Integer> slot();

    /** Names this process among its like; a pod's name is its host name. */
    @WithDefault("${HOSTNAME:send-svc}")
    String instance();

    /**
     * Counters in a block: half a minute of one pod at full load, and a thousand blocks in a slot's day, so that a pod
     * that restarts every minute does not use its slot up.
     */
    @WithDefault("100000")
    int blockSize();
}
