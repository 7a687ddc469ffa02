package io.hongbao.open.settle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hongbao.core.id.PacketId;
import io.hongbao.fuzz.Fuzz;
import io.hongbao.v1.TransferEventBatch;
import io.hongbao.v1.TransferSettled;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class SettlementFuzzTest {
    private static final long PACKET = 1_2518_007_00000042_503L;

    /** Held, or its level is forgotten. */
    private static final Logger QUIET = Logger.getLogger(SettlementConsumer.class.getName());

    private static TransferSettled settled(long packetId, String userId) {
        return TransferSettled.newBuilder()
                .setPacketId(packetId)
                .setUserId(userId)
                .setAmountFen(1)
                .build();
    }

    @Test
    void shouldPassOverWhatTheDatabaseWouldRefuseForEver() throws Exception {
        QUIET.setLevel(Level.OFF);
        TransferSettled good = settled(PACKET, "li-na");

        List<TransferSettled> readable = SettlementConsumer.readable(TransferEventBatch.newBuilder()
                .addSettled(settled(PACKET, "a\0b"))
                .addSettled(settled(17, "li-na"))
                .addSettled(good)
                .addSettled(settled(PACKET, ""))
                .build()
                .toByteArray());

        assertEquals(List.of(good), readable);
    }

    @Test
    void shouldReadWhateverIsInTheTopic() {
        QUIET.setLevel(Level.OFF);
        byte[] sample = TransferEventBatch.newBuilder()
                .addSettled(settled(PACKET, "li-na"))
                .addSettled(settled(PACKET, "wang-wei"))
                .build()
                .toByteArray();

        Fuzz.of("transfer events").samples(sample).run(input -> {
            try {
                for (TransferSettled settled : SettlementConsumer.readable(input)) {
                    assertTrue(PacketId.isWellFormed(settled.getPacketId()));
                    assertTrue(settled.getUserId().matches("[A-Za-z0-9_.:@-]{1,64}"));
                }
            } catch (InvalidProtocolBufferException garbage) {
                // The consumer skips it.
            }
        });
    }
}
