package io.hongbao.control;

import io.hongbao.control.ControlData.AddedSet;
import io.hongbao.control.ControlData.Mask;
import io.hongbao.control.ControlData.MovedDatabase;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * What operators have switched, masked, added and moved, no older than a second or two. While the database is away the
 * last good state stays, and its age is a metric: an operator's decision must not end because a server did. Safe to ask on
 * any thread and any path: the answer is in memory.
 */
@Singleton
public final class Control {
    private static final String READ = """
            select 'switch' as kind, name as subject, value from switch where value <> 'normal'
            union all
            select case when draining then 'drain' else 'mask' end, target, '' from suffix_mask
            union all
            select 'set', s.name, json_build_object(
                       'url', s.url, 'loginOf', s.login_of, 'databases', json_agg(d.database order by d.database),
                       'active', coalesce(json_agg(d.database order by d.database) filter (where d.active), '[]'))::text
                from order_set s join order_set_database d on d.set_name = s.name group by s.name
            union all
            select case when moves_to is distinct from served_by and moves_to is not null then 'moving' else 'moved' end,
                   database::text, coalesce(served_by, '') from database_move
            order by 1, 2
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
    private volatile Instant changedAt = Instant.EPOCH;
    private volatile boolean away;
    private volatile boolean closed;
    private final List<Consumer<ControlData>> followers = new ArrayList<>();

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

    /**
     * Has somebody called with the state now, and with each one that differs from the one before: one after the other, on
     * this thread or an event loop.
     */
    public void follow(Consumer<ControlData> follower) {
        synchronized (followers) {
            followers.add(follower);
            follower.accept(data);
        }
    }

    /** How old {@link #now()} is. */
    public Duration age() {
        return database.isConfigured() ? Duration.ofNanos(System.nanoTime() - readAtNanos) : Duration.ZERO;
    }

    /** When this pod began to go by {@link #now()}; 1970 if it has never been anything but normal. */
    Instant changedAt() {
        return changedAt;
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
            LOG.infof(
                    "Control data changed switches=%s masks=%s sets=%s places=%s",
                    next.switches(), next.masks(), next.sets(), next.places());
            synchronized (followers) {
                data = next;
                followers.forEach(follower -> tell(follower, next));
            }
            changedAt = Instant.now();
        }
    }

    /** One that cannot follow keeps no other from it. */
    private static void tell(Consumer<ControlData> follower, ControlData next) {
        try {
            follower.accept(next);
        } catch (RuntimeException cannotFollow) {
            LOG.error("Control data is not followed", cannotFollow);
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
        var sets = new ArrayList<AddedSet>();
        var places = new ArrayList<MovedDatabase>();
        for (Row row : rows) {
            String subject = row.getString("subject");
            switch (row.getString("kind")) {
                case "switch" -> Switch.of(subject).ifPresent(known -> switches.put(known, row.getString("value")));
                case "drain" -> masks.add(new Mask(subject, true));
                case "set" -> sets.add(set(subject, new JsonObject(row.getString("value"))));
                case "moving" -> places.add(place(subject, row.getString("value"), true));
                case "moved" -> places.add(place(subject, row.getString("value"), false));
                default -> masks.add(new Mask(subject, false));
            }
        }
        return new ControlData(switches, masks, sets, places);
    }

    private static AddedSet set(String name, JsonObject json) {
        return new AddedSet(
                name,
                json.getString("url"),
                json.getString("loginOf"),
                numbers(json.getJsonArray("databases")),
                numbers(json.getJsonArray("active")));
    }

    private static List<Integer> numbers(JsonArray array) {
        return array.stream().map(number -> ((Number) number).intValue()).toList();
    }

    private static MovedDatabase place(String database, String servedBy, boolean moving) {
        return new MovedDatabase(
                Integer.parseInt(database), servedBy.isEmpty() ? Optional.empty() : Optional.of(servedBy), moving);
    }
}
