package io.hongbao.open.relay;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.hongbao.kit.trace.Step;
import io.hongbao.kit.trace.Traces;
import io.hongbao.open.OpenMetrics;
import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.hongbao.orders.OutboxRow;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.kafka.Record;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.jboss.logging.Logger;

/**
 * Sends what each SET has committed to Kafka, oldest first, and deletes it there once Kafka has it on disk. A failure
 * costs time, never an event; an event may be sent twice. While Kafka is away the rows stay and the outbox grows.
 */
@ApplicationScoped
public class OutboxRelay {
    private static final Logger LOG = Logger.getLogger(OutboxRelay.class);

    /** Batches sent at once: some tens of thousands of events at most, held in memory while Kafka writes them. */
    private static final int ROWS_MAX = 100;
    /** How long an empty outbox is left alone; the delay a wallet credit may see. */
    private static final Duration IDLE = Duration.ofMillis(100);
    /** First and longest pause after a failure. */
    private static final Duration RETRY_MIN = Duration.ofMillis(250);

    private static final Duration RETRY_MAX = Duration.ofSeconds(10);
    /** How often the backlog is counted. */
    private static final Duration BACKLOG_EVERY = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final OrderStores stores;
    private final OpenMetrics metrics;
    private final Traces traces;
    private final MutinyEmitter<Record<String, byte[]>> orders;
    private volatile boolean stopped;

    OutboxRelay(
            Vertx vertx,
            OrderStores stores,
            OpenMetrics metrics,
            Traces traces,
            @Channel("orders") MutinyEmitter<Record<String, byte[]>> orders) {
        this.vertx = vertx;
        this.stores = stores;
        this.metrics = metrics;
        this.traces = traces;
        this.orders = orders;
    }

    void start(@Observes StartupEvent startup) {
        stores.each(this::begin);
    }

    void stop(@Observes ShutdownEvent shutdown) {
        stopped = true;
    }

    private void begin(OrderStore store) {
        vertx.runOnContext(nothing -> next(store, RETRY_MIN));
        OpenMetrics.OutboxGauges gauges = metrics.outbox(store.name());
        vertx.setPeriodic(
                BACKLOG_EVERY.toMillis(),
                tick -> store.backlog().onSuccess(backlog -> gauges.set(backlog.rowCount(), backlog.oldest())));
    }

    private void next(OrderStore store, Duration retryAfter) {
        if (stopped) {
            return;
        }
        store.relay(ROWS_MAX, rows -> send(store, rows)).onComplete(outcome -> {
            if (outcome.failed()) {
                LOG.warnf(
                        "Events were not relayed set=%s retry_ms=%d error=%s",
                        store.name(), retryAfter.toMillis(), outcome.cause().getMessage());
                Duration longer = retryAfter.multipliedBy(2);
                later(store, retryAfter, longer.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : longer);
            } else if (outcome.result() == ROWS_MAX) {
                next(store, RETRY_MIN);
            } else {
                later(store, IDLE, RETRY_MIN);
            }
        });
    }

    private void later(OrderStore store, Duration pause, Duration retryAfter) {
        vertx.setTimer(pause.toMillis(), tick -> next(store, retryAfter));
    }

    private Future<Void> send(OrderStore store, List<OutboxRow> rows) {
        long begun = System.nanoTime();
        List<Uni<Void>> sends = rows.stream()
                .map(row -> orders.send(Record.of(store.name(), withTime(row))))
                .toList();
        return Future.fromCompletionStage(
                        Uni.join().all(sends).andFailFast().replaceWithVoid().subscribeAsCompletionStage())
                .onSuccess(sent -> metrics.relayed(
                        rows.stream().mapToInt(OutboxRow::eventCount).sum()))
                .onComplete(sent -> rows.forEach(
                        row -> traces.done(Step.ORDERS_SEND, store.name(), () -> packetIds(row), begun, sent.cause())));
    }

    private static LongStream packetIds(OutboxRow row) {
        try {
            return OrderEventBatch.parseFrom(row.payload()).getEventsList().stream()
                    .mapToLong(OrderEvent::getPacketId);
        } catch (InvalidProtocolBufferException unreadable) {
            return LongStream.empty();
        }
    }

    /** The batch with its time. A serialised message with more fields appended is the message with those fields set. */
    private static byte[] withTime(OutboxRow row) {
        byte[] time = OrderEventBatch.newBuilder()
                .setOccurredAt(Timestamp.newBuilder()
                        .setSeconds(row.createdAtMicros() / 1_000_000)
                        .setNanos((int) (row.createdAtMicros() % 1_000_000) * 1_000))
                .build()
                .toByteArray();
        ByteArrayOutputStream both = new ByteArrayOutputStream(row.payload().length + time.length);
        both.writeBytes(row.payload());
        both.writeBytes(time);
        return both.toByteArray();
    }
}
