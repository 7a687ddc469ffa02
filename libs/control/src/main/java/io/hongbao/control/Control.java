package io.hongbao.control;

import io.hongbao.control.ControlData.Mask;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * What operators have switched and masked, no older than a second or two. While the database is away the last good state
 * stays, and its age is a metric: an operator's decision must not end because a server did. Safe to ask on any thread and
 * any path: the answer is in memory.
 */
@Singleton
public final class Control {
    private static final String READ = """
            select 'switch' as kind, name as subject, value from switch where value <> 'normal'
            union all
            select case when draining then 'drain' else 'mask' end, target, '' from suffix_mask
            """;

    /** A pod that starts waits so long for the first state, lest it give orders to a masked SET in its first second. */
    private static final Duration FIRST_READ_MAX = Duration.ofSeconds(2);
    /** Before anything that serves callers. */
    private static final int STARTS_FIRST = 100;

    private static final Logger LOG = Logger.getLogger(Control.class);

    private final Vertx vertx;
    private final ControlDatabase database;
    private final ControlConfig config;
    private volatile ControlData data = ControlData.NORMAL;
    private volatile long readAtNanos = System.nanoTime();
    private volatile boolean away;
    private volatile boolean closed;

    Control(Vertx vertx, ControlDatabase database, ControlConfig config, ControlMetrics metrics) {
        this.vertx = vertx;
        this.database = database;
        this.config = config;
        metrics.watch(this);
    }

    /** The last state that was read; everything normal before the first one. */
    public ControlData now() {
        return data;
    }

    /** How old {@link #now()} is. */
    public Duration age() {
        return database.isConfigured() ? Duration.ofNanos(System.nanoTime() - readAtNanos) : Duration.ZERO;
    }

    void start(@Observes @Priority(STARTS_FIRST) StartupEvent startup) {
        if (!database.isConfigured()) {
            LOG.info("No control database is configured: nothing can be switched or masked at run time");
            return;
        }
        try {
            read().toCompletionStage().toCompletableFuture().get(FIRST_READ_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException failure) {
            LOG.warn("Control data could not be read at the start; everything counts as normal until it can");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        later();
    }

    void stop(@Observes ShutdownEvent shutdown) {
        closed = true;
    }

    private void later() {
        vertx.setTimer(config.readEvery().toMillis(), tick -> {
            if (!closed) {
                read().onComplete(done -> later());
            }
        });
    }

    private Future<ControlData> read() {
        return database.pool()
                .preparedQuery(READ)
                .execute()
                .timeout(config.readTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .map(Control::data)
                .onSuccess(this::took)
                .onFailure(this::missed);
    }

    private void took(ControlData next) {
        readAtNanos = System.nanoTime();
        if (away) {
            away = false;
            LOG.info("Control data is read again");
        }
        if (!next.equals(data)) {
            LOG.infof("Control data changed switches=%s masks=%s", next.switches(), next.masks());
            data = next;
        }
    }

    private void missed(Throwable cause) {
        if (!away && !closed) {
            away = true;
            LOG.warnf("Control data cannot be read; the last state stays cause=%s", cause.getMessage());
        }
    }

    private static ControlData data(RowSet<Row> rows) {
        var switches = new EnumMap<Switch, String>(Switch.class);
        var masks = new ArrayList<Mask>();
        for (Row row : rows) {
            String subject = row.getString("subject");
            switch (row.getString("kind")) {
                case "switch" -> Switch.of(subject).ifPresent(known -> switches.put(known, row.getString("value")));
                case "drain" -> masks.add(new Mask(subject, true));
                default -> masks.add(new Mask(subject, false));
            }
        }
        return new ControlData(switches, masks);
    }
}
