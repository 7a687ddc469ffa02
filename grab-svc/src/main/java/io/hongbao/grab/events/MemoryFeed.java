package io.hongbao.grab.events;

import io.hongbao.grab.GrabMetrics;
import io.hongbao.grab.GrabMetrics.Feed;
import io.hongbao.grab.memory.FinishedPackets;
import io.hongbao.stock.FinalMark;
import io.hongbao.v1.OrderEvent;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Fills this pod's memory. Every pod reads every event, in a consumer group of its own. */
@ApplicationScoped
public class MemoryFeed {
    private final FinishedPackets finished;
    private final GrabMetrics metrics;

    MemoryFeed(FinishedPackets finished, GrabMetrics metrics) {
        this.finished = finished;
        this.metrics = metrics;
    }

    @Incoming("orders-memory")
    void onRecord(byte[] value) {
        EventRecord record = EventRecord.read(value, Feed.MEMORY, metrics);
        List<OrderEvent> events = record.events();
        Map<Long, String> groups = record.groups();
        for (OrderEvent event : events) {
            long packetId = event.getPacketId();
            String group = groups.getOrDefault(packetId, "");
            switch (event.getEventCase()) {
                case FINISHED -> finished.add(packetId, FinalMark.FINISHED, group);
                case REFUNDED -> finished.add(packetId, FinalMark.REFUNDED, group);
                case PUBLISHED, OPENED, EVENT_NOT_SET -> {}
            }
        }
    }
}
