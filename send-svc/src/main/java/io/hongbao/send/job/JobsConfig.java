package io.hongbao.send.job;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How much the jobs do at once. */
@ConfigMapping(prefix = "hongbao.jobs")
public interface JobsConfig {
    /** Tables are made for today and this many days ahead: a SET may be away for as long. */
    @WithDefault("2")
    int daysAhead();

    /** Orders younger than this are not asked about: their sender has hardly had the time to pay. */
    @WithDefault("5s")
    Duration sweepAfter();

    /** Orders that one sweep looks at, per SET: what wallet-bridge answers within the two seconds until the next one. */
    @WithDefault("500")
    int sweepPage();
}
