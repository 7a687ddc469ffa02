package io.hongbao.send.limits;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What a packet may be, as configured. A change holds for new packets only: each keeps the limits it was made under. */
@ConfigMapping(prefix = "hongbao.limits")
public interface LimitsConfig {
    /** Most shares of one packet. */
    @WithDefault("500")
    int shareCountMax();

    /** Most that one share may have, fen. */
    @WithDefault("20000")
    long shareFenMax();

    /** Longest time a packet may be opened, and the time it may be if the sender says nothing. */
    @WithDefault("24h")
    Duration timeToLiveMax();

    /** After this an order that is not paid is closed. */
    @WithDefault("15m")
    Duration timeToPay();
}
