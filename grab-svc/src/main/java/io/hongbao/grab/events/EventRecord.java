package io.hongbao.grab.events;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.hongbao.core.id.PacketId;
import io.hongbao.grab.GrabMetrics;
import io.hongbao.grab.GrabMetrics.Feed;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/** One Kafka record of {@code hongbao.orders.v1}, read. */
final class EventRecord {
    private static final Logger LOG = Logger.getLogger(EventRecord.class);

    private EventRecord() {}

    /**
     * The events of a record whose packet number is one. Bytes that are no batch are counted, logged and give no events:
     * they will not become a batch by waiting.
     */
    static List<OrderEvent> read(byte[] value, Feed feed, GrabMetrics metrics) {
        try {
            List<OrderEvent> events = OrderEventBatch.parseFrom(value).getEventsList().stream()
                    .filter(event -> PacketId.isWellFormed(event.getPacketId()))
                    .toList();
            if (!events.isEmpty()) {
                Timestamp occurredAt = events.getLast().getOccurredAt();
                long occurredAtMillis = occurredAt.getSeconds() * 1_000 + occurredAt.getNanos() / 1_000_000;
                metrics.eventSeen(feed, Duration.ofMillis(System.currentTimeMillis() - occurredAtMillis));
            }
            return events;
        } catch (InvalidProtocolBufferException garbage) {
            metrics.eventGarbage(feed);
            LOG.errorf("Record is no event batch, skipped feed=%s bytes=%d", feed, value.length);
            return List.of();
        }
    }

    /** The groups that the events of one record tell; a batch that finishes a packet also has its last open. */
    static Map<Long, String> groups(List<OrderEvent> events) {
        var groups = new HashMap<Long, String>();
        for (OrderEvent event : events) {
            switch (event.getEventCase()) {
                case PUBLISHED -> groups.put(event.getPacketId(), event.getPublished().getGroupId());
                case OPENED -> groups.put(event.getPacketId(), event.getOpened().getGroupId());
                case FINISHED, REFUNDED, EVENT_NOT_SET -> {}
            }
        }
        return groups;
    }

    static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }
}
