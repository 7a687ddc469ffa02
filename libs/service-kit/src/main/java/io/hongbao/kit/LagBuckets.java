package io.hongbao.kit;

import java.time.Duration;

/**
 * Buckets for the time from a decision to what follows it in another store. The same everywhere, so that one lag can be laid
 * over another. Buckets add up over pods, as percentiles of a pod do not. A credit or record takes 0.1 s, and minutes after an
 * outage.
 */
public final class LagBuckets {
    private LagBuckets() {}

    public static Duration[] all() {
        return new Duration[] {
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofMillis(250),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30)
        };
    }
}
