package io.hongbao.grab.events;

import io.hongbao.core.id.PacketId;
import io.hongbao.grab.GrabMetrics;
import io.hongbao.grab.GrabMetrics.Feed;
import io.hongbao.kit.trace.Step;
import io.hongbao.kit.trace.Traces;
import io.hongbao.stock.FinalMark;
import io.hongbao.stock.Stock;
import io.hongbao.stock.StockClient;
import io.hongbao.stock.StockUnavailableException;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.PacketPublished;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/**
 * Brings events into Redis, once each: the pods share a consumer group. The calls of a record go out together, in order
 * for each packet, and the record is acknowledged when all are answered. Every call may be repeated, so a record that was
 * half written is written again, and while Redis is away the events wait in Kafka.
 *
 * <p>Publications are loaded too: send-svc loads the stock, but need not succeed, and a wiped Redis fills up again.
 */
@ApplicationScoped
public class StockFeed {
    /** Before the first repetition: Redis is usually back in a moment. */
    private static final Duration RETRY_PAUSE_MIN = Duration.ofMillis(200);
    /** Between repetitions at most: an outage may last, and nobody waits for this but Redis' figures. */
    private static final Duration RETRY_PAUSE_MAX = Duration.ofSeconds(5);

    private final StockClient stock;
    private final GrabMetrics metrics;
    private final Traces traces;

    StockFeed(StockClient stock, GrabMetrics metrics, Traces traces) {
        this.stock = stock;
        this.metrics = metrics;
        this.traces = traces;
    }

    @Incoming("orders-stock")
    Uni<Void> onRecord(byte[] value) {
        EventRecord record = EventRecord.read(value, Feed.STOCK, metrics);
        if (record.events().isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        long begun = System.nanoTime();
        return Uni.createFrom()
                .deferred(() -> write(record))
                .onFailure()
                .invoke(metrics::stockWriteRetried)
                .onFailure()
                .retry()
                .withBackOff(RETRY_PAUSE_MIN, RETRY_PAUSE_MAX)
                .indefinitely()
                .invoke(() -> traces.done(
                        Step.ORDERS_PROCESS,
                        "",
                        () -> record.events().stream().mapToLong(OrderEvent::getPacketId),
                        begun,
                        null));
    }

    private Uni<Void> write(EventRecord record) {
        List<OrderEvent> events = record.events();
        Map<Long, String> groups = record.groups();
        var calls = new ArrayList<Uni<Boolean>>(events.size());
        for (OrderEvent event : events) {
            var packetId = new PacketId(event.getPacketId());
            String group = groups.getOrDefault(event.getPacketId(), "");
            switch (event.getEventCase()) {
                case PUBLISHED ->
                    stockOf(packetId, event.getPublished(), record.occurredAt())
                            .ifPresent(packet -> calls.add(written(stock.publish(packet))));
                case OPENED ->
                    calls.add(written(stock.opened(packetId, event.getOpened().getUserId())));
                case FINISHED -> calls.add(written(stock.finish(packetId, FinalMark.FINISHED, group)));
                case REFUNDED -> calls.add(written(stock.finish(packetId, FinalMark.REFUNDED, group)));
                case EVENT_NOT_SET -> {}
            }
        }
        return calls.isEmpty()
                ? Uni.createFrom().voidItem()
                : Uni.join().all(calls).andCollectFailures().replaceWithVoid();
    }

    /** What Redis holds of one packet may be unusable, and stays so: that is no reason to hold up the others. */
    private static Uni<Boolean> written(Uni<Boolean> call) {
        return call.onFailure(failure -> failure instanceof StockUnavailableException unavailable
                        && unavailable.reason() == StockUnavailableException.Cause.UNUSABLE)
                .recoverWithItem(false);
    }

    /** Empty if the figures are none: such an event would be as useless when it is read again. */
    private Optional<Stock> stockOf(PacketId packetId, PacketPublished published, Instant publishedAt) {
        try {
            return Optional.of(Stock.ofNew(
                    packetId,
                    published.getGroupId(),
                    published.getExclusiveUserId(),
                    published.getShareCount(),
                    publishedAt
                            .plusSeconds(published.getTimeToLive().getSeconds())
                            .plusNanos(published.getTimeToLive().getNanos())));
        } catch (IllegalArgumentException | DateTimeException garbage) {
            metrics.eventGarbage(Feed.STOCK);
            return Optional.empty();
        }
    }
}
