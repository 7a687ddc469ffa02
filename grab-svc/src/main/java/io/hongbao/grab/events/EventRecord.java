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

/**
 * One Kafka record of {@code hongbao.orders.v1}, read.
 *
 * @param events those whose packet number is one
 * @param occurredAt when the batch was committed, by the database's clock
 */
record EventRecord(List<OrderEvent> events, Instant occurredAt) {
    private static final Logger LOG = Logger.getLogger(EventRecord.class);

    /** A batch of a time beyond this is of nobody's clock, and reckoning with it would overflow. */
    private static final Instant TIME_MAX = Instant.parse("9999-12-31T00:00:00Z");

    /** Bytes that are no batch are counted, logged and give no events: they will not become a batch by waiting. */
    static EventRecord read(byte[] value, Feed feed, GrabMetrics metrics) {
        try {
            OrderEventBatch batch = OrderEventBatch.parseFrom(value);
            List<OrderEvent> events = batch.getEventsList().stream()
                    .filter(event -> PacketId.isWellFormed(event.getPacketId()))
                    .toList();
            Timestamp time = batch.getOccurredAt();
            if (time.getSeconds() < 0 || time.getSeconds() >= TIME_MAX.getEpochSecond()) {
                return garbage(value, feed, metrics);
            }
            Instant occurredAt = Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
            if (!events.isEmpty()) {
                metrics.eventSeen(feed, Duration.between(occurredAt, Instant.now()));
            }
            return new EventRecord(events, occurredAt);
        } catch (InvalidProtocolBufferException garbage) {
            return garbage(value, feed, metrics);
        }
    }

    private static EventRecord garbage(byte[] value, Feed feed, GrabMetrics metrics) {
        metrics.eventGarbage(feed);
        LOG.errorf("Record is no event batch, skipped feed=%s bytes=%d", feed, value.length);
        return new EventRecord(List.of(), Instant.EPOCH);
    }

    /** The groups that the events of one record tell; a batch that finishes a packet also has its last open. */
    Map<Long, String> groups() {
        var groups = new HashMap<Long, String>();
        for (OrderEvent event : events) {
            switch (event.getEventCase()) {
                case PUBLISHED ->
                    groups.put(event.getPacketId(), event.getPublished().getGroupId());
                case OPENED -> groups.put(event.getPacketId(), event.getOpened().getGroupId());
                case FINISHED, REFUNDED, EVENT_NOT_SET -> {}
            }
        }
        return groups;
    }
}
