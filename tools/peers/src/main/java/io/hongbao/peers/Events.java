package io.hongbao.peers;

import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.ShareOpened;
import java.util.Arrays;

/** The events of opens, as open-svc tells them. */
final class Events {
    /** A number whose varint has five bytes. */
    private static final int FIVE_BYTES = 1 << 28;

    private static final byte[] MARK = {0x10, -128, -128, -128, -128, 1, 0x18, -128, -128, -128, -128, 1};

    private Events() {}

    static OrderEvent opened(Facts facts, String userId, long amountFen, int sequence) {
        return OrderEvent.newBuilder()
                .setPacketId(facts.id().value())
                .setOpened(ShareOpened.newBuilder()
                        .setUserId(userId)
                        .setAmountFen(amountFen)
                        .setSequence(sequence)
                        .setSenderId(facts.senderId())
                        .setGroupId(facts.groupId())
                        .setKind(PacketKind.forNumber(facts.terms().kind().code())))
                .build();
    }

    static byte[] batch(OrderEvent event) {
        return OrderEventBatch.newBuilder().addEvents(event).build().toByteArray();
    }

    /** An event with a gap for an amount and a sequence of five bytes each, which the database fills in. */
    record Gap(byte[] before, byte[] after) {
        static Gap of(Facts facts, String userId) {
            byte[] event = batch(opened(facts, userId, FIVE_BYTES, FIVE_BYTES));
            for (int i = 0; i + MARK.length <= event.length; i++) {
                if (Arrays.equals(event, i, i + MARK.length, MARK, 0, MARK.length)) {
                    return new Gap(Arrays.copyOf(event, i), Arrays.copyOfRange(event, i + MARK.length, event.length));
                }
            }
            throw new IllegalStateException("amount and sequence are not side by side");
        }
    }
}
