package io.hongbao.open.gate;

import io.hongbao.core.id.PacketId;
import io.vertx.core.Future;

/** Lets some pods at a time open a packet that others open, too. It keeps the work small; the guards in SQL keep it right. */
@FunctionalInterface
public interface PacketGate {
    /** Asks for a place of this pod, or keeps it for longer. Never fails. @return whether the pod may go on */
    Future<Boolean> enter(PacketId packetId);
}
