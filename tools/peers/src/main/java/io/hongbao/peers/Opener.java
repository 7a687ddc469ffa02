package io.hongbao.peers;

import io.hongbao.core.id.PacketId;
import io.hongbao.v1.OpenResponse;
import io.vertx.core.Future;

/** One way to decide and store an open. */
interface Opener {
    /** @return the answer, or a failure that is a Refusal if the caller is to blame */
    Future<OpenResponse> open(PacketId id, String userId, String groupId);
}
