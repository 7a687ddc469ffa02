package io.hongbao.cli.promise;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Every row of the order stores of all SETs. */
public record OrderRows(List<PacketRow> packets, List<ShareRow> shares, long outboxRowCount) {
    /** Begins the table of a row that has left its SET. */
    static final String COLD = "cold";

    /**
     * A packet with its detail.
     *
     * @param table where the row lies, for instance {@code set-a db_00.packet_3_21}
     * @param state code of the state, as in the contracts
     * @param kind code of the kind, as in the contracts
     * @param exclusiveUserId empty unless the packet is exclusive
     */
    public record PacketRow(
            String table,
            long id,
            int state,
            long paidFen,
            long surplusFen,
            int surplusCount,
            long refundFen,
            int kind,
            long totalFen,
            int shareCount,
            long shareMaxFen,
            byte[] seed,
            String senderId,
            String exclusiveUserId) {
        public boolean paid() {
            return paidFen > 0;
        }
    }

    /** A share. @param settled whether the store knows that the wallet was credited */
    public record ShareRow(
            String table,
            long packetId,
            String userId,
            int sequence,
            long amountFen,
            boolean settled,
            Instant openedAt) {}

    /** All rows of several SETs. */
    static OrderRows merge(List<OrderRows> parts) {
        var packets = new ArrayList<PacketRow>();
        var shares = new ArrayList<ShareRow>();
        long outboxRowCount = 0;
        for (OrderRows part : parts) {
            packets.addAll(part.packets);
            shares.addAll(part.shares);
            outboxRowCount += part.outboxRowCount;
        }
        return new OrderRows(packets, shares, outboxRowCount);
    }
}
