package io.hongbao.grab;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of this service. */
@ConfigMapping(prefix = "hongbao.grab")
public interface GrabConfig {
    /** How long a ticket is good: time to see the packet and to tap it, and not long enough to keep others waiting. */
    @WithDefault("60s")
    Duration lease();

    /**
     * Tickets per second and pod that Redis did not agree to, because it is away or does not know the packet. Each may
     * cost an open for nothing; a pod of open-svc refuses some ten times as many without falling behind.
     */
    @WithDefault("1000")
    int uncheckedTicketsPerSecond();

    /** Packets remembered as final: about 200 bytes each, so 40 MB. Beyond it Redis answers for the forgotten ones. */
    @WithDefault("200000")
    long finishedPacketsMax();
}
