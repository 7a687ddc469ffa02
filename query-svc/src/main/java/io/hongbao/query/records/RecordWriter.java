package io.hongbao.query.records;

import io.hongbao.kit.trace.Step;
import io.hongbao.kit.trace.Traces;
import io.hongbao.query.QueryMetrics;
import io.hongbao.query.QueryMetrics.Fact;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;

/** Writes facts: one statement, and so one transaction, for a batch of events. Idempotent. */
@ApplicationScoped
class RecordWriter {
    /** Longer than the database itself works on a statement; the consumer waits with it, no user does. */
    static final Duration ANSWER_TIME_MAX = Duration.ofSeconds(10);

    private final Pool pool;
    private final RegionProgress progress;
    private final QueryMetrics metrics;
    private final Traces traces;

    RecordWriter(Pool pool, RegionProgress progress, QueryMetrics metrics, Traces traces) {
        this.pool = pool;
        this.progress = progress;
        this.metrics = metrics;
        this.traces = traces;
    }

    /** Fails if the batch is not, or not surely, recorded; then it is to be handed in again. */
    Uni<Void> write(RecordBatch batch) {
        long begun = System.nanoTime();
        return pool.preparedQuery(RecordsSql.RECORD)
                .execute(batch.toTuple())
                .ifNoItem()
                .after(ANSWER_TIME_MAX)
                .fail()
                .onItemOrFailure()
                .invoke((rows, failure) -> traces.done(Step.RECORDS_WRITE, "", batch::packets, begun, failure))
                .invoke(rows -> {
                    Row row = rows.iterator().next();
                    count(Fact.PUBLISHED, row.getLong("published_count"), batch.publishedCount());
                    count(Fact.OPENED, row.getLong("opened_count"), batch.openedCount());
                    count(Fact.ENDED, row.getLong("ended_count"), batch.endedCount());
                    progress.recorded(batch.occurredAt());
                    metrics.recordLag(Duration.between(batch.occurredAt(), Instant.now()));
                })
                .replaceWithVoid();
    }

    private void count(Fact fact, long newCount, int givenCount) {
        metrics.recorded(fact, newCount, givenCount - newCount);
    }
}
