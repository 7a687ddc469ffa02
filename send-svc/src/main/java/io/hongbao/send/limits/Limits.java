package io.hongbao.send.limits;

import java.time.Duration;

/**
 * What a packet may be.
 *
 * @param shareCountMax most shares, 1 to {@link #SHARE_COUNT_CEILING}
 * @param shareFenMax most that one share may have, fen, 1 to {@link #SHARE_FEN_CEILING}
 * @param timeToLiveMax longest time it may be opened, at least {@link #TIME_TO_LIVE_MIN}
 */
public record Limits(int shareCountMax, long shareFenMax, Duration timeToLiveMax) {
    /** The whole packet is held in memory while it is opened. */
    public static final int SHARE_COUNT_CEILING = 10_000;
    /** A million yuan: far above any packet, and far below what would overflow in a sum. */
    public static final long SHARE_FEN_CEILING = 100_000_000;
    /** Less is over before anyone has seen it. */
    public static final Duration TIME_TO_LIVE_MIN = Duration.ofSeconds(1);
    /** Day tables leave after three days; a packet has to be final well before. */
    public static final Duration TIME_TO_LIVE_CEILING = Duration.ofHours(24);

    public Limits {
        check("share-count-max", shareCountMax, 1, SHARE_COUNT_CEILING);
        check("share-fen-max", shareFenMax, 1, SHARE_FEN_CEILING);
        check(
                "time-to-live-max",
                timeToLiveMax.toMillis(),
                TIME_TO_LIVE_MIN.toMillis(),
                TIME_TO_LIVE_CEILING.toMillis());
    }

    public static Limits of(LimitsConfig config) {
        return new Limits(config.shareCountMax(), config.shareFenMax(), config.timeToLiveMax());
    }

    private static void check(String what, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "hongbao.limits." + what + " is " + value + ", not in " + min + ".." + max);
        }
    }
}
