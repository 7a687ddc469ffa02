package io.hongbao.orders;

import io.hongbao.core.packet.LivePacket;
import io.hongbao.core.packet.PacketState;

/**
 * A packet as its SET stores it. Times are microseconds since 1970 by the database's clock.
 *
 * @param version counts the commits of the row
 * @param dueAtMicros when the payment is due, before it is paid; when the packet expires, after
 * @param greeting as it is stored: for query-svc to decrypt
 */
public record PacketRow(
        LivePacket.Facts facts,
        PacketState state,
        long version,
        long createdAtMicros,
        long dueAtMicros,
        long timeToLiveMillis,
        String cityCode,
        String greeting) {
    /** Whether it was ever paid. */
    public boolean published() {
        return switch (state) {
            case PacketState.AwaitingPayment awaiting -> false;
            case PacketState.Closed closed -> false;
            case PacketState.Open open -> true;
            case PacketState.Frozen frozen -> true;
            case PacketState.Finished finished -> true;
            case PacketState.Expired expired -> true;
        };
    }

    /** When it was paid; only meaningful if {@link #published}. */
    public long publishedAtMicros() {
        return dueAtMicros - timeToLiveMillis * 1_000;
    }

    /** Whether nothing about the packet but the settlement of its shares can change any more. */
    public boolean isFinal() {
        return state instanceof PacketState.Finished
                || state instanceof PacketState.Expired
                || state instanceof PacketState.Closed;
    }
}
