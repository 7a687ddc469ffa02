package io.hongbao.send.batch;

import com.google.protobuf.util.Durations;
import io.hongbao.core.packet.LivePacket.Facts;
import io.hongbao.orders.PacketRow;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketPublished;
import java.util.List;

/** What a publication tells the others. */
final class PublishedEvents {
    private PublishedEvents() {}

    /** Without the time: that is the commit's. */
    static OrderEventBatch of(List<PacketRow> rows) {
        var batch = OrderEventBatch.newBuilder();
        for (PacketRow row : rows) {
            Facts facts = row.facts();
            batch.addEvents(OrderEvent.newBuilder()
                    .setPacketId(facts.id().value())
                    .setPublished(PacketPublished.newBuilder()
                            .setSenderId(facts.senderId())
                            .setGroupId(facts.groupId())
                            .setKind(PacketKind.forNumber(facts.terms().kind().code()))
                            .setTotalFen(facts.terms().totalFen())
                            .setShareCount(facts.terms().shareCount())
                            .setExclusiveUserId(facts.exclusiveUserId())
                            .setTimeToLive(Durations.fromMillis(row.timeToLiveMillis()))));
        }
        return batch.build();
    }
}
