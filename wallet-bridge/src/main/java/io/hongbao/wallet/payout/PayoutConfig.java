package io.hongbao.wallet.payout;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How fast and how long a provider is asked for payouts. Of each pod. */
@ConfigMapping(prefix = "hongbao.payout")
public interface PayoutConfig {
    /** Calls at once: leaves the rest of the provider's connections to payers. */
    @WithDefault("16")
    int inFlightMax();

    /** Calls per second: what the provider allows the merchant, divided by the number of pods. */
    @WithDefault("50")
    int perSecondMax();

    /** When a payout that has no outcome yet is first looked at again; doubles with each. */
    @WithDefault("5s")
    Duration retryMin();

    /** Longest wait between two looks. */
    @WithDefault("10m")
    Duration retryMax();

    /** Longest wait after the provider said that it is asked too often; the first is a second. */
    @WithDefault("60s")
    Duration pauseMax();

    /** After so many refusals the money goes to suspense: with doubling waits this is about an hour. */
    @WithDefault("10")
    int refusalCountMax();
}
