package io.hongbao.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.Terms;
import io.hongbao.core.split.Seed;
import io.hongbao.v1.OrderEventBatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class EventsTest {
    @Test
    void shouldLeaveAGapThatTheDatabaseCanFill() throws IOException {
        // given
        var facts = new Facts(
                PacketId.of(PacketId.NORTH, 2_500, 999, 1, 1),
                new Terms(PacketKind.LUCKY, 100_000, 10, 20_000),
                new Seed(new byte[Seed.BYTES]),
                "li-na",
                "family",
                "",
                100_000,
                10);

        // when
        var gap = Events.Gap.of(facts, "u1");

        // then
        var filled = new ByteArrayOutputStream();
        filled.writeBytes(gap.before());
        filled.write(0x10);
        filled.writeBytes(fiveByteVarint(12_345));
        filled.write(0x18);
        filled.writeBytes(fiveByteVarint(7));
        filled.writeBytes(gap.after());
        assertEquals(
                Events.opened(facts, "u1", 12_345, 7),
                OrderEventBatch.parseFrom(filled.toByteArray()).getEvents(0));
    }

    /** As the statement writes it. */
    private static byte[] fiveByteVarint(long value) {
        byte[] bytes = new byte[5];
        for (int i = 0; i < 5; i++) {
            bytes[i] = (byte) (value >> 7 * i & 127 | (i < 4 ? 128 : 0));
        }
        return bytes;
    }
}
