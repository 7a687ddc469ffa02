package io.hongbao.query.packet;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.hongbao.core.packet.LivePacket;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Terms;
import io.hongbao.orders.PacketRow;
import io.hongbao.orders.ShareRow;
import io.hongbao.v1.Packet;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.Share;
import io.hongbao.v1.ShareState;

/** Packets and shares in the words of packet.proto. */
public final class PacketMessages {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1_000;

    private PacketMessages() {}

    /**
     * The seed is told once the packet can no longer be opened, its commitment always.
     *
     * @param greeting the sender's words, readable
     */
    public static Packet packet(PacketView view, String greeting) {
        PacketRow row = view.row();
        LivePacket.Facts facts = row.facts();
        Terms terms = facts.terms();
        PacketState state = row.state();
        Packet.Builder packet = Packet.newBuilder()
                .setPacketId(facts.id().value())
                .setKind(PacketKind.forNumber(terms.kind().code()))
                .setState(io.hongbao.v1.PacketState.forNumber(state.code()))
                .setSenderId(facts.senderId())
                .setGroupId(facts.groupId())
                .setExclusiveUserId(facts.exclusiveUserId())
                .setGreeting(greeting)
                .setCityCode(row.cityCode())
                .setTotalFen(terms.totalFen())
                .setShareCount(terms.shareCount())
                .setShareMaxFen(terms.shareMaxFen())
                .setSurplusFen(state.surplusFen())
                .setSurplusCount(state.surplusCount())
                .setRefundFen(state.refundFen())
                .setSeedHash(ByteString.copyFrom(facts.seed().commitment()))
                .setCreatedAt(timestamp(row.createdAtMicros()));
        if (row.published()) {
            packet.setPublishedAt(timestamp(row.publishedAtMicros())).setExpiresAt(timestamp(row.dueAtMicros()));
        }
        view.best().ifPresent(best -> packet.setBestLuckUserId(best.userId()));
        switch (state) {
            case PacketState.Finished finished -> {
                packet.setSeed(seed(facts));
                if (!view.shares().isEmpty()) {
                    packet.setFinishedAt(
                            timestamp(view.shares().getLast().share().openedAtMicros()));
                }
            }
            case PacketState.Expired expired -> packet.setSeed(seed(facts));
            case PacketState.AwaitingPayment awaiting -> {}
            case PacketState.Open open -> {}
            case PacketState.Frozen frozen -> {}
            // Never paid, never drawn from: nobody has anything to check.
            case PacketState.Closed closed -> {}
        }
        return packet.build();
    }

    public static Share share(PacketView view, ShareRow row) {
        return Share.newBuilder()
                .setPacketId(view.row().facts().id().value())
                .setUserId(row.share().userId())
                .setSequence(row.share().sequence())
                .setAmountFen(row.share().amountFen())
                .setOpenedAt(timestamp(row.share().openedAtMicros()))
                .setState(row.settled() ? ShareState.SHARE_STATE_SETTLED : ShareState.SHARE_STATE_OPENED)
                .setBestLuck(view.isBest(row))
                .build();
    }

    private static ByteString seed(LivePacket.Facts facts) {
        return ByteString.copyFrom(facts.seed().bytes());
    }

    private static Timestamp timestamp(long micros) {
        return Timestamp.newBuilder()
                .setSeconds(Math.floorDiv(micros, MICROS_PER_SECOND))
                .setNanos((int) Math.floorMod(micros, MICROS_PER_SECOND) * NANOS_PER_MICRO)
                .build();
    }
}
