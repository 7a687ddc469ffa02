package io.hongbao.core.packet;

/**
 * What the sender fixed when the packet was made.
 *
 * @param kind how amounts are decided
 * @param totalFen what is paid, at least {@code shareCount}
 * @param shareCount at least 1; 1 if exclusive
 * @param shareMaxFen the largest amount one share may have; kept with the packet, since a change of the limit must not
 *     change the draw of packets that are under way
 */
public record Terms(PacketKind kind, long totalFen, int shareCount, long shareMaxFen) {
    public Terms {
        if (shareCount < 1 || totalFen < shareCount || totalFen > shareMaxFen * shareCount) {
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
