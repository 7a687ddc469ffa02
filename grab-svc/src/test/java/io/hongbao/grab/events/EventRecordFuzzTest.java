package io.hongbao.grab.events;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import io.hongbao.core.id.PacketId;
import io.hongbao.fuzz.Fuzz;
import io.hongbao.grab.GrabMetrics;
import io.hongbao.grab.GrabMetrics.Feed;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketFinished;
import io.hongbao.v1.PacketPublished;
import io.hongbao.v1.ShareOpened;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class EventRecordFuzzTest {
    private static final long PACKET = 1_2518_007_00000042_503L;

    /** Held, or its level is forgotten. One line for each of so many records tells nobody anything. */
    private static final Logger QUIET = Logger.getLogger(EventRecord.class.getName());

    @Test
    void shouldReadWhateverIsInTheTopic() {
        QUIET.setLevel(Level.OFF);
        var metrics = new GrabMetrics(new SimpleMeterRegistry());
        byte[] published = batch(OrderEvent.newBuilder()
                .setPacketId(PACKET)
                .setPublished(PacketPublished.newBuilder().setGroupId("friends").setShareCount(3)));
        byte[] finished = batch(
                OrderEvent.newBuilder()
                        .setPacketId(PACKET)
                        .setOpened(
                                ShareOpened.newBuilder().setGroupId("friends").setUserId("li-na")),
                OrderEvent.newBuilder().setPacketId(PACKET).setFinished(PacketFinished.newBuilder()));

        Fuzz.of("order events, grab-svc").samples(published, finished).run(input -> {
            EventRecord read = EventRecord.read(input, Feed.values()[0], metrics);
            assertTrue(read.events().stream().allMatch(event -> PacketId.isWellFormed(event.getPacketId())));
            read.groups();
        });
    }

    private static byte[] batch(OrderEvent.Builder... events) {
        var batch = OrderEventBatch.newBuilder()
                .setOccurredAt(Timestamp.newBuilder().setSeconds(1_800_000_000L).setNanos(123_000));
        for (OrderEvent.Builder event : events) {
            batch.addEvents(event);
        }
        return batch.build().toByteArray();
    }
}
