package io.hongbao.control;

import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The way into the audit chain.
 *
 * <pre>
 * record ─▶ queue, bounded ─▶ up to 64 in one transaction ─▶ audit(…) in the database
 *              │ full: dropped, counted, logged      ▲  │ away: the same again after a second
 *              ▼                                     └──┘
 * </pre>
 *
 * {@link #record} never waits and never fails its caller. An entry is in the chain once, or twice where the outcome of a
 * commit was unknown: {@code details.entry} is the same in both. What must be in the chain if and only if something is
 * done to this database uses {@link #within}.
 */
@Singleton
public final class Audit {
    /** One transaction at a time may add to the chain, so a few entries share it; more would hold the others up. */
    static final int BATCH_MAX = 64;
    /** A database that is away is not back sooner. */
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** Other pods may be before us, one transaction each. */
    private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(5);
    /** At the end of the process: long enough for a healthy database, no reason to hold a pod up. */
    private static final Duration FLUSH_MAX = Duration.ofSeconds(2);
    /** A queue that is full for a minute says so some times, not a million. */
    private static final Duration DROP_LOG_EVERY = Duration.ofSeconds(1);

    private static final String WRITE = """
            select audit(actor, action, subject, details::jsonb) from (
                select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality
                    as queued(actor, action, subject, details, place)
                order by place) as in_order
            """;
    private static final String WITHIN = "select audit($1, $2, $3, $4::text::jsonb)";

    private static final Logger LOG = Logger.getLogger(Audit.class);

    private final Vertx vertx;
    private final ControlDatabase database;
    private final ControlMetrics metrics;
    private final BlockingQueue<AuditEntry> queue;
    private final AtomicBoolean writing = new AtomicBoolean();
    private final AtomicLong droppedSinceLog = new AtomicLong();
    private final AtomicLong dropLoggedAtNanos = new AtomicLong(System.nanoTime() - DROP_LOG_EVERY.toNanos());
    private final CompletableFuture<Void> flushed = new CompletableFuture<>();
    /** Taken from the queue and not written yet. Of the one writer, as the next field. */
    private final Deque<AuditEntry> pending = new ArrayDeque<>();

    private int batchMax = BATCH_MAX;

    private volatile boolean closing;

    Audit(Vertx vertx, ControlDatabase database, ControlConfig config, ControlMetrics metrics) {
        this.vertx = vertx;
        this.database = database;
        this.metrics = metrics;
        this.queue = new ArrayBlockingQueue<>(config.auditQueueMax());
        metrics.watchAudit(queue::size);
    }

    /** Adds an entry soon; at once returns. */
    public void record(AuditEntry entry) {
        if (database.auditPool().isEmpty()) {
            dropped(1, "no control database is configured");
        } else if (queue.offer(identified(entry))) {
            wake();
        } else {
            dropped(1, "the queue is full");
        }
    }

    /**
     * Adds an entry in a transaction of the caller on the database {@code control}: the change and the entry are both
     * there, or neither.
     */
    public static Future<Void> within(SqlClient transaction, AuditEntry entry) {
        return transaction
                .preparedQuery(WITHIN)
                .execute(Tuple.of(
                        entry.actor(),
                        entry.action(),
                        entry.subject(),
                        entry.details().encode()))
                .mapEmpty();
    }

    /** By this number a reader tells a double from a repetition. */
    private static AuditEntry identified(AuditEntry entry) {
        return new AuditEntry(
                entry.actor(),
                entry.action(),
                entry.subject(),
                entry.details().copy().put("entry", UUID.randomUUID().toString()));
    }

    private void wake() {
        if (writing.compareAndSet(false, true)) {
            vertx.runOnContext(begin -> write());
        }
    }

    private void write() {
        if (pending.isEmpty()) {
            batchMax = BATCH_MAX;
            queue.drainTo(pending, BATCH_MAX);
        }
        if (pending.isEmpty()) {
            writing.set(false);
            if (!queue.isEmpty()) {
                // Offered between the look and the flag, by somebody who took us for busy.
                wake();
            } else if (closing) {
                flushed.complete(null);
            }
            return;
        }
        List<AuditEntry> batch = pending.stream().limit(batchMax).toList();
        database.auditPool()
                .orElseThrow()
                .preparedQuery(WRITE)
                .execute(Tuple.tuple()
                        .addArrayOfString(column(batch, AuditEntry::actor))
                        .addArrayOfString(column(batch, AuditEntry::action))
                        .addArrayOfString(column(batch, AuditEntry::subject))
                        .addArrayOfString(column(batch, entry -> entry.details().encode())))
                .timeout(WRITE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .onSuccess(rows -> {
                    metrics.auditWritten(batch.size());
                    batch.forEach(entry -> pending.remove());
                    write();
                })
                .onFailure(failure -> failed(batch.size(), failure));
    }

    private void failed(int entryCount, Throwable failure) {
        if (failure instanceof PgException refused && isOfTheEntries(refused)) {
            // It would be refused for ever, and hold up all that come after it. One by one, so that only the bad one
            // goes.
            if (entryCount == 1) {
                dropped(1, "refused by the database " + refused.getSqlState());
                pending.remove();
            }
            batchMax = 1;
            write();
            return;
        }
        LOG.warnf(
                "Audit entries wait for the control database count=%d cause=%s",
                queue.size() + pending.size(), failure.getMessage());
        vertx.setTimer(PAUSE.toMillis(), again -> write());
    }

    /** Class 22 and 23: data that is not taken, whoever sends it and whenever. */
    private static boolean isOfTheEntries(PgException refused) {
        String state = refused.getSqlState();
        return state != null && (state.startsWith("22") || state.startsWith("23"));
    }

    private void dropped(int count, String why) {
        metrics.auditDropped(count);
        droppedSinceLog.addAndGet(count);
        long last = dropLoggedAtNanos.get();
        long now = System.nanoTime();
        if (now - last >= DROP_LOG_EVERY.toNanos() && dropLoggedAtNanos.compareAndSet(last, now)) {
            LOG.errorf("Audit entries are lost count=%d cause=%s", droppedSinceLog.getAndSet(0), why);
        }
    }

    void stop(@Observes ShutdownEvent shutdown) throws InterruptedException {
        closing = true;
        if (database.auditPool().isEmpty()) {
            return;
        }
        wake();
        try {
            flushed.get(FLUSH_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException late) {
            dropped(queue.size() + pending.size(), "the process ends");
        }
    }

    private static String[] column(List<AuditEntry> entries, Function<AuditEntry, String> column) {
        return entries.stream().map(column).toArray(String[]::new);
    }
}
