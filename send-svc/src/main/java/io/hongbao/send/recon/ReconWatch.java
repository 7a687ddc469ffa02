package io.hongbao.send.recon;

import io.hongbao.control.ControlDatabase;
import io.hongbao.send.SendMetrics;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Makes metrics of what reconciliation has stored in database {@code control}. It compares nothing itself: who compares
 * must trust no service.
 */
@ApplicationScoped
public class ReconWatch {
    private static final Logger LOG = Logger.getLogger(ReconWatch.class);
    /** Two look-ups by index: longer means that nobody answers. */
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final String OPEN = """
            select kind, count(*)::int8 as open_count from recon_difference where closed_at is null group by kind
            """;
    /** The newest run of each SET and of each of the last days, since a run looks at one day. */
    private static final String NEWEST = """
            select set_name, sum(abs(conservation_fen))::int8 as conservation_fen,
                   extract(epoch from max(at))::int8 as at_seconds
            from (select distinct on (set_name, day) set_name, conservation_fen, at from recon_run
                  where day >= (now() at time zone 'Asia/Shanghai')::date - date '2020-01-01' - 3
                  order by set_name, day, run_id desc) as newest
            group by set_name
            """;

    private final ControlDatabase control;
    private final SendMetrics metrics;
    private final Map<String, Long> openCounts = new HashMap<>();

    ReconWatch(ControlDatabase control, SendMetrics metrics) {
        this.control = control;
        this.metrics = metrics;
    }

    @Scheduled(every = "10s", delayed = "5s", concurrentExecution = ConcurrentExecution.SKIP, identity = "recon-watch")
    Uni<Void> look() {
        return Uni.createFrom()
                .completionStage(() -> ask(OPEN)
                        .compose(open -> {
                            differences(open);
                            return ask(NEWEST);
                        })
                        .map(newest -> {
                            newest.forEach(row -> metrics.reconciled(
                                    row.getString("set_name"),
                                    row.getLong("conservation_fen"),
                                    row.getLong("at_seconds")));
                            return (Void) null;
                        })
                        .toCompletionStage())
                .invoke(done -> metrics.jobRan("recon-watch", 0, 0))
                .onFailure()
                .recoverWithItem(failure -> {
                    metrics.jobRan("recon-watch", 0, 1);
                    LOG.debugf("What reconciliation found is not read cause=%s", failure.getMessage());
                    return null;
                });
    }

    private void differences(RowSet<Row> open) {
        Map<String, Long> now = new HashMap<>();
        open.forEach(row -> now.put(row.getString("kind"), row.getLong("open_count")));
        openCounts.keySet().forEach(kind -> now.putIfAbsent(kind, 0L));
        now.forEach((kind, count) -> {
            if (count > openCounts.getOrDefault(kind, 0L)) {
                LOG.errorf("Stores differ kind=%s open=%d", kind, count);
            }
            metrics.reconDifferences(kind, count);
        });
        openCounts.putAll(now);
    }

    private Future<RowSet<Row>> ask(String sql) {
        return control.pool().query(sql).execute().timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }
}
