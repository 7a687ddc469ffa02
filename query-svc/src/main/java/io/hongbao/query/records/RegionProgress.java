package io.hongbao.query.records;

import io.hongbao.query.QueryMetrics;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Tells the user records, which keep the events of every region, that this region is there, and learns from them when
 * each region last was. So a region that is cut off from the records is seen by the others, and sees it itself.
 */
@ApplicationScoped
class RegionProgress {
    /** Shorter than the pause between two looks. */
    private static final Duration ANSWER_TIME_MAX = Duration.ofMillis(800);

    private final Pool pool;
    private final QueryMetrics metrics;
    private final int region;
    /** Written by the consumer only, which takes one batch after the other. */
    private volatile Instant newest = Instant.MIN;

    RegionProgress(Pool pool, QueryMetrics metrics, @ConfigProperty(name = "hongbao.region") int region) {
        this.pool = pool;
        this.metrics = metrics;
        this.region = region;
        metrics.regionSilent(region);
    }

    /** A batch of this region is recorded. */
    void recorded(Instant occurredAt) {
        if (occurredAt.isAfter(newest)) {
            newest = occurredAt;
        }
    }

    /** That the records do not answer is told by the health look; here it shows as a silence that grows. */
    @Scheduled(every = "1s", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> tell() {
        return pool.preparedQuery(RecordsSql.HEARD)
                .execute(Tuple.of((short) region, recordedUntil()))
                .flatMap(told -> pool.query(RecordsSql.PROGRESS).execute())
                .ifNoItem()
                .after(ANSWER_TIME_MAX)
                .fail()
                .invoke(rows -> {
                    for (Row row : rows) {
                        metrics.regionHeard(row.getShort("region"), row.getDouble("silent_seconds"));
                    }
                })
                .onFailure()
                .recoverWithNull()
                .replaceWithVoid();
    }

    private @Nullable OffsetDateTime recordedUntil() {
        Instant until = newest;
        return until.equals(Instant.MIN) ? null : until.atOffset(ZoneOffset.UTC);
    }
}
