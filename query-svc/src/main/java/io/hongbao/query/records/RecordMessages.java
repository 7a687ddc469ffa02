package io.hongbao.query.records;

import com.google.protobuf.Timestamp;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketState;
import io.hongbao.v1.ReceivedShare;
import io.hongbao.v1.SentPacket;
import java.time.Instant;

/** User records in the words of query.proto. */
public final class RecordMessages {
    private RecordMessages() {}

    public static SentPacket sentPacket(SentRecord record) {
        return SentPacket.newBuilder()
                .setPacketId(record.packetId)
                .setGroupId(record.groupId)
                .setKind(PacketKind.forNumber(record.kind))
                .setTotalFen(record.totalFen)
                .setShareCount(record.shareCount)
                .setOpenedCount(record.openedCount)
                .setRefundFen(record.refundFen)
                .setState(PacketState.forNumber(record.state))
                .setPublishedAt(timestamp(record.publishedAt))
                .build();
    }

    public static ReceivedShare receivedShare(ReceivedRecord record) {
        return ReceivedShare.newBuilder()
                .setPacketId(record.packetId)
                .setSenderId(record.senderId)
                .setGroupId(record.groupId)
                .setKind(PacketKind.forNumber(record.kind))
                .setAmountFen(record.amountFen)
                .setBestLuck(record.bestLuck)
                .setOpenedAt(timestamp(record.openedAt))
                .build();
    }

    private static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }
}
