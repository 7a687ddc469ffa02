package io.hongbao.orders;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketKind;

/**
 * A packet that was published just now: what there is to tell of it. All of it is left.
 *
 * @param exclusiveUserId the only receiver, or empty
 * @param dueAtMicros when it expires, microseconds since 1970 by the database's clock
 */
public record PublishedOrder(
        PacketId id,
        String senderId,
        String groupId,
        PacketKind kind,
        long totalFen,
        int shareCount,
        String exclusiveUserId,
        long timeToLiveMillis,
        long dueAtMicros) {
    /** When it was published. */
    public long publishedAtMicros() {
        return dueAtMicros - timeToLiveMillis * 1_000;
    }
}
