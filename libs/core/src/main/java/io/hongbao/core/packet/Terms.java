package io.hongbao.core.packet;

/**
 * What the sender fixed when the packet was made.
 *
 * @param kind how amounts are decided
 * @param totalFen what is paid, {@code shareCount} to {@link #TOTAL_FEN_MAX}
 * @param shareCount at least 1; 1 if exclusive
 * @param shareMaxFen the largest amount one share may have; kept with the packet, since a change of the limit must not
 *     change the draw of packets that are under way
 */
public record Terms(PacketKind kind, long totalFen, int shareCount, long shareMaxFen) {
    /** Largest total: twice of it is still a {@code long}, so that no step of a draw can overflow. */
    public static final long TOTAL_FEN_MAX = Long.MAX_VALUE / 2;

    public Terms {
        // The mean, rounded up, against the maximum: unlike their product, neither can overflow.
        if (shareCount < 1
                || totalFen < shareCount
                || totalFen > TOTAL_FEN_MAX
                || (totalFen - 1) / shareCount >= shareMaxFen) {
            throw new IllegalArgumentException(
                    totalFen + " fen cannot be split into " + shareCount + " shares of 1 to " + shareMaxFen + " fen");
        }
        if (kind == PacketKind.EQUAL && totalFen % shareCount != 0) {
            throw new IllegalArgumentException(totalFen + " fen do not divide into " + shareCount + " equal shares");
        }
        if (kind == PacketKind.EXCLUSIVE && shareCount != 1) {
            throw new IllegalArgumentException("an exclusive packet has one share, not " + shareCount);
        }
    }
}
