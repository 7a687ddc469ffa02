package io.hongbao.wallet.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import io.hongbao.fuzz.Fuzz;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketRefunded;
import io.hongbao.v1.ShareOpened;
import io.hongbao.wallet.WalletMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class OrderEventFuzzTest {
    private static final long PACKET = 1_2518_007_00000042_503L;

    /** Held, or its level is forgotten. */
    private static final Logger QUIET = Logger.getLogger(OrderEventReader.class.getName());

    private final OrderEventReader reader = new OrderEventReader(new WalletMetrics(new SimpleMeterRegistry()));

    private static OrderEventBatch.Builder batch() {
        return OrderEventBatch.newBuilder()
                .setOccurredAt(Timestamp.newBuilder().setSeconds(1_800_000_000L).setNanos(123_000))
                .addEvents(OrderEvent.newBuilder()
                        .setPacketId(PACKET)
                        .setOpened(ShareOpened.newBuilder().setUserId("li-na").setAmountFen(7)))
                .addEvents(OrderEvent.newBuilder()
                        .setPacketId(PACKET)
                        .setRefunded(PacketRefunded.newBuilder()
                                .setSenderId("wang-wei")
                                .setRefundFen(93)));
    }

    @Test
    void shouldNotPassMoneyOverForATimeThatCannotBe() {
        for (long seconds : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, -1, 400_000_000_000L}) {
            byte[] record = batch().setOccurredAt(Timestamp.newBuilder().setSeconds(seconds))
                    .build()
                    .toByteArray();

            List<DueTransfer> due = reader.read(record);

            assertEquals(2, due.size(), "seconds " + seconds);
            assertTrue(Duration.between(due.getFirst().occurredAt(), Instant.now())
                            .abs()
                            .compareTo(Duration.ofMinutes(1))
                    < 0);
        }
    }

    @Test
    void shouldReadWhateverIsInTheTopic() {
        QUIET.setLevel(Level.OFF);

        Fuzz.of("order events, wallet-bridge")
                .samples(batch().build().toByteArray())
                .run(input -> {
                    for (DueTransfer due : reader.read(input)) {
                        assertTrue(due.amountFen() >= 1);
                        assertTrue(due.occurredAt().isBefore(Instant.parse("9999-12-31T00:01:00Z")));
                        assertTrue(due.userId().matches("[A-Za-z0-9_.:@-]{1,64}"));
                    }
                });
    }
}
