package io.hongbao.query.records;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.hongbao.fuzz.Fuzz;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketFinished;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketPublished;
import io.hongbao.v1.PacketRefunded;
import io.hongbao.v1.ShareOpened;
import org.junit.jupiter.api.Test;

class RecordBatchFuzzTest {
    private static final long PACKET = 1_2518_007_00000042_503L;

    @Test
    void shouldReadWhateverIsInTheTopic() {
        byte[] sample = OrderEventBatch.newBuilder()
                .setOccurredAt(Timestamp.newBuilder().setSeconds(1_800_000_000L).setNanos(123_000))
                .addEvents(OrderEvent.newBuilder()
                        .setPacketId(PACKET)
                        .setPublished(PacketPublished.newBuilder()
                                .setSenderId("li-na")
                                .setGroupId("friends")
                                .setKind(PacketKind.PACKET_KIND_LUCKY)
                                .setTotalFen(100)
                                .setShareCount(3)))
                .addEvents(OrderEvent.newBuilder()
                        .setPacketId(PACKET)
                        .setOpened(ShareOpened.newBuilder()
                                .setUserId("wang-wei")
                                .setAmountFen(1)
                                .setSequence(1)
                                .setSenderId("li-na")
                                .setGroupId("friends")
                                .setKind(PacketKind.PACKET_KIND_LUCKY)))
                .addEvents(OrderEvent.newBuilder()
                        .setPacketId(PACKET)
                        .setFinished(PacketFinished.newBuilder().setBestLuckUserId("wang-wei")))
                .addEvents(OrderEvent.newBuilder()
                        .setPacketId(PACKET)
                        .setRefunded(PacketRefunded.newBuilder().setRefundFen(99)))
                .build()
                .toByteArray();

        Fuzz.of("order events, query-svc").samples(sample).run(input -> {
            try {
                RecordBatch.of(OrderEventBatch.parseFrom(input)).ifPresent(RecordBatch::unreadable);
            } catch (InvalidProtocolBufferException garbage) {
                // The consumer skips it.
            }
        });
    }
}
