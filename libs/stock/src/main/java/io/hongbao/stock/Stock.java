package io.hongbao.stock;

import io.hongbao.core.id.PacketId;
import java.time.Instant;

/**
 * What Redis is told about a packet, as the order store has it.
 *
 * @param packetId the order number
 * @param groupId the group that may grab
 * @param exclusiveUserId the only user who may grab, or empty
 * @param shareCount number of shares, at least 1
 * @param surplusCount shares not opened yet, 0 to {@code shareCount}
 * @param expiresAt when grabs end
 */
public record Stock(
        PacketId packetId,
        String groupId,
        String exclusiveUserId,
        int shareCount,
        int surplusCount,
        Instant expiresAt) {
    public Stock {
        if (shareCount < 1 || surplusCount < 0 || surplusCount > shareCount) {
            throw new IllegalArgumentException("surplus " + surplusCount + " of " + shareCount + " shares");
        }
    }

    /** A packet of which nothing is opened yet. */
    public static Stock ofNew(
            PacketId packetId, String groupId, String exclusiveUserId, int shareCount, Instant expiresAt) {
        return new Stock(packetId, groupId, exclusiveUserId, shareCount, shareCount, expiresAt);
    }
}
