package io.hongbao.peers;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_NOT_IN_GROUP;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.Terms;
import io.hongbao.core.split.Seed;
import io.hongbao.kit.Refusal;
import io.vertx.sqlclient.Row;

/**
 * What never changes about a packet; read once, to the advantage of every mode.
 *
 * @param surplusFen and {@code surplusCount} what was left when it was read
 */
record Facts(
        PacketId id,
        Terms terms,
        Seed seed,
        String senderId,
        String groupId,
        String exclusiveUserId,
        long surplusFen,
        int surplusCount) {
    static Facts of(PacketId id, Row row) {
        var terms = new Terms(PacketKind.ofCode(row.getShort(3)), row.getLong(0), row.getInteger(1), row.getLong(2));
        return new Facts(
                id,
                terms,
                new Seed(row.getBuffer(4).getBytes()),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getLong(8),
                row.getInteger(9));
    }

    void check(String ofGroup) {
        if (!groupId.equals(ofGroup)) {
            throw Refusal.of(ERROR_REASON_NOT_IN_GROUP, "the packet was sent to another group");
        }
    }
}
