package io.hongbao.core.sim;

import io.hongbao.core.id.PacketId;

/** What waits in a pod's queue. */
sealed interface Call {
    PacketId packetId();

    /** A user opens. {@code paidWhenSent} is what the store held when the request set out. */
    record Open(PacketId packetId, String requestId, String userId, String groupId, boolean paidWhenSent)
            implements Call {}

    /** Somebody believes that the packet is due. */
    record Expire(PacketId packetId) implements Call {}
}
