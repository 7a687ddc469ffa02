package io.hongbao.grab.memory;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hongbao.stock.FinalMark;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FinishedPacketsTest {
    @Test
    void shouldKeepTheFirstMarkAndLearnTheGroup() {
        var packets = new FinishedPackets(10);
        packets.add(1, FinalMark.REFUNDED, "");
        packets.add(1, FinalMark.FINISHED, "group-1");
        packets.add(1, FinalMark.FINISHED, "group-2");

        assertEquals(Optional.of(new FinishedPackets.Entry(FinalMark.REFUNDED, "group-1")), packets.find(1));
    }

    @Test
    void shouldForgetBeyondItsBound() {
        var packets = new FinishedPackets(10);
        for (long packet = 0; packet < 1_000; packet++) {
            packets.add(packet, FinalMark.FINISHED, "group-1");
        }

        await().until(() -> packets.size() <= 10);
    }
}
