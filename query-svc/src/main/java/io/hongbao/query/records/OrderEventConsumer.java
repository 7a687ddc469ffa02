package io.hongbao.query.records;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hongbao.kit.trace.Step;
import io.hongbao.kit.trace.Traces;
import io.hongbao.query.QueryMetrics;
import io.hongbao.query.QueryMetrics.Unreadable;
import io.hongbao.v1.OrderEventBatch;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/**
 * Takes batches of events from Kafka into the user records. A batch is acknowledged once it is recorded; while it cannot
 * be, it is tried again and the ones behind it wait in Kafka. Only what can never be recorded is skipped.
 */
@ApplicationScoped
class OrderEventConsumer {
    private static final Logger LOG = Logger.getLogger(OrderEventConsumer.class);

    /** A database that restarts is back in a second or two; one that is away is not pressed harder than this. */
    private static final Duration BACK_OFF_MIN = Duration.ofMillis(100);
    /** Longest pause, and so the longest the lists lag because of us once the database is back. */
    private static final Duration BACK_OFF_MAX = Duration.ofSeconds(5);

    private final RecordWriter writer;
    private final QueryMetrics metrics;
    private final Traces traces;

    OrderEventConsumer(RecordWriter writer, QueryMetrics metrics, Traces traces) {
        this.writer = writer;
        this.metrics = metrics;
        this.traces = traces;
    }

    @Incoming("orders")
    Uni<Void> consume(ConsumerRecord<byte[], byte[]> record) {
        Optional<RecordBatch> batch = parse(record.value()).flatMap(RecordBatch::of);
        if (batch.isEmpty()) {
            skipped(Unreadable.RECORD, record);
            return Uni.createFrom().voidItem();
        }
        batch.get().unreadable().forEach(what -> skipped(what, record));
        return batch.get().isEmpty() ? Uni.createFrom().voidItem() : record(batch.get(), record);
    }

    private Uni<Void> record(RecordBatch batch, ConsumerRecord<byte[], byte[]> record) {
        metrics.waitsForRecords(batch.occurredAt());
        long begun = System.nanoTime();
        return Uni.createFrom()
                .deferred(() -> writer.write(batch))
                .onFailure()
                .invoke(failure -> {
                    metrics.recordRetry();
                    LOG.warnf(
                            "Events wait for the user records partition=%d offset=%d cause=%s",
                            record.partition(), record.offset(), failure);
                })
                .onFailure()
                .retry()
                .withBackOff(BACK_OFF_MIN, BACK_OFF_MAX)
                .indefinitely()
                .invoke(metrics::nothingWaits)
                .invoke(() -> traces.done(Step.ORDERS_PROCESS, "", batch::packets, begun, null));
    }

    private void skipped(Unreadable what, ConsumerRecord<byte[], byte[]> record) {
        metrics.unreadable(what);
        LOG.errorf(
                "Unreadable event skipped what=%s partition=%d offset=%d", what, record.partition(), record.offset());
    }

    private static Optional<OrderEventBatch> parse(byte[] value) {
        try {
            // A record without a value is a batch of nothing to this parser, and garbage to us: it has no time.
            return Optional.of(value == null ? OrderEventBatch.getDefaultInstance() : OrderEventBatch.parseFrom(value));
        } catch (InvalidProtocolBufferException garbage) {
            return Optional.empty();
        }
    }
}
