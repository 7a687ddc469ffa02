package io.hongbao.send.wrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.Terms;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParametersHashTest {
    private static Order order(
            String requestId,
            String sender,
            String group,
            PacketKind kind,
            long totalFen,
            String greeting,
            String city) {
        return new Order(
                requestId, sender, group, new Terms(kind, totalFen, 2, 20_000), "", 86_400_000, greeting, city);
    }

    private static final Order ORDER = order("r", "alice", "friends", PacketKind.LUCKY, 1_000, "hi", "110000");

    @Test
    void shouldStayTheSameForever() {
        // Stored with payments: another value would turn the retries that are under way at an upgrade into errors.
        assertEquals(
                "019afdc474b78f3c6f598eae7926c6e34370913623738c02de76b70d2a6eed6a",
                HexFormat.of().formatHex(ParametersHash.of(ORDER)));
    }

    @Test
    void shouldIgnoreTheRequestIdItself() {
        var other = order("r2", "alice", "friends", PacketKind.LUCKY, 1_000, "hi", "110000");
        assertEquals(
                HexFormat.of().formatHex(ParametersHash.of(ORDER)),
                HexFormat.of().formatHex(ParametersHash.of(other)));
    }

    @Test
    void shouldDifferForEveryParameter() {
        for (Order other : List.of(
                order("r", "alicef", "riends", PacketKind.LUCKY, 1_000, "hi", "110000"),
                order("r", "alice", "friends", PacketKind.EQUAL, 1_000, "hi", "110000"),
                order("r", "alice", "friends", PacketKind.LUCKY, 1_002, "hi", "110000"),
                order("r", "alice", "friends", PacketKind.LUCKY, 1_000, "hi1", "110000"),
                order("r", "alice", "friends", PacketKind.LUCKY, 1_000, "hi", ""))) {
            assertFalse(Arrays.equals(ParametersHash.of(ORDER), ParametersHash.of(other)), other::toString);
        }
    }
}
