package io.hongbao.wallet.settlement;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How fast credits and refunds are booked into the ledger. Of each pod. */
@ConfigMapping(prefix = "hongbao.settlement")
public interface SettlementConfig {
    /** Batches at once: one writes its log while the other computes. More only wait for each other's rows. */
    @WithDefault("2")
    int inFlightMax();

    /** Transfers per second: a backlog that is caught up with leaves payers a part of the ledger. */
    @WithDefault("20000")
    int perSecondMax();

    /** Events older than this mean that we are behind: then large amounts go first. */
    @WithDefault("5s")
    Duration behindAfter();
}
