package io.hongbao.send.batch;

import com.google.protobuf.util.Durations;
import io.hongbao.orders.PublishedOrder;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketPublished;
import java.util.List;

/** What a publication tells the others. */
final class PublishedEvents {
    private PublishedEvents() {}

    /** Serialised, without the time: that is the commit's. */
    static byte[] of(List<PublishedOrder> orders) {
        var batch = OrderEventBatch.newBuilder();
        for (PublishedOrder order : orders) {
            batch.addEvents(OrderEvent.newBuilder()
                    .setPacketId(order.id().value())
                    .setPublished(PacketPublished.newBuilder()
                            .setSenderId(order.senderId())
                            .setGroupId(order.groupId())
                            .setKind(PacketKind.forNumber(order.kind().code()))
                            .setTotalFen(order.totalFen())
                            .setShareCount(order.shareCount())
                            .setExclusiveUserId(order.exclusiveUserId())
                            .setTimeToLive(Durations.fromMillis(order.timeToLiveMillis()))));
        }
        return batch.build().toByteArray();
    }
}
