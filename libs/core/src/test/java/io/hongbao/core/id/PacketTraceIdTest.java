package io.hongbao.core.id;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PacketTraceIdTest {
    /** Fixed for good: people and other programs compute it too. */
    @Test
    void shouldBeginWithTheOrderNumber() {
        var id = new PacketTraceId(PacketId.of(1, 2_520, 7, 42, 123));

        assertEquals("%016x".formatted(id.packet().value()), id.toString().substring(0, 16));
        assertEquals("%016x".formatted(id.low()), id.toString().substring(16));
    }

    /** Numbers of one day differ in few digits; samplers take those whose last bytes are small. */
    @Test
    void shouldBeSpreadEvenly() {
        int packets = 100_000;

        int sampled = 0;
        for (int counter = 0; counter < packets; counter++) {
            long low = new PacketTraceId(PacketId.of(1, 2_520, 7, counter, 123)).low();
            sampled += Math.abs(low) < Long.MAX_VALUE / 100 ? 1 : 0;
        }

        assertTrue(sampled > 900 && sampled < 1_100, "one in a hundred of 100,000, not " + sampled);
    }
}
