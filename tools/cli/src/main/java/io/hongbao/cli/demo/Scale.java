package io.hongbao.cli.demo;

/**
 * How big the demo is.
 *
 * @param packetCount packets sent, at least 1
 * @param shareCount shares of each packet but the exclusive ones, 2 to 500
 * @param crowdSize users who rush each packet, more than it has shares
 */
record Scale(int packetCount, int shareCount, int crowdSize) {
    static final int PACKETS = 4;
    static final int SHARES = 8;

    /** What send-svc allows unless configured otherwise. */
    private static final int SHARES_MAX = 500;

    /** @throws IllegalArgumentException with words for the user */
    Scale {
        if (packetCount < 1) {
            throw new IllegalArgumentException("--packets must be at least 1");
        }
        if (shareCount < 2 || shareCount > SHARES_MAX) {
            throw new IllegalArgumentException("--shares must be 2 to " + SHARES_MAX);
        }
        if (crowdSize <= shareCount) {
            throw new IllegalArgumentException(
                    "--crowd must be larger than --shares (" + shareCount + "), so that somebody comes too late");
        }
    }
}
