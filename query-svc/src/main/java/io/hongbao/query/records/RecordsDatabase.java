package io.hongbao.query.records;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEPENDENCY_UNAVAILABLE;

import io.hongbao.kit.Refusal;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The one way to ask the user records: bounded in time and in number, with a database that is away told as UNAVAILABLE.
 */
@ApplicationScoped
public class RecordsDatabase {
    /** Longest wait of a caller. */
    public static final Duration ANSWER_TIME_MAX = Duration.ofSeconds(2);
    /**
     * Reads at once, running or waiting for a connection. A database that answers in milliseconds never has so many
     * before it; one that has is as good as away, and a caller would only wait for his time-out.
     */
    static final int IN_FLIGHT_MAX = 512;
    /** Shorter than the pause between two looks. */
    private static final Duration PROBE_TIME_MAX = Duration.ofMillis(800);

    private static final Logger LOG = Logger.getLogger(RecordsDatabase.class);

    private final Pool pool;
    private final AtomicInteger inFlight = new AtomicInteger();

    public RecordsDatabase(Pool pool) {
        this.pool = pool;
    }

    /** Fails with a {@link Refusal} DEPENDENCY_UNAVAILABLE, or with what is a fault of ours. */
    <T> Uni<T> read(Supplier<Uni<? extends T>> work) {
        return Uni.createFrom()
                .deferred(() -> admit(work))
                .ifNoItem()
                .after(ANSWER_TIME_MAX)
                .failWith(RecordsDatabase::away)
                .onFailure()
                .transform(RecordsDatabase::told);
    }

    /** Whether it answers, with its schema. */
    public Uni<Boolean> answers() {
        return pool.query(RecordsSql.PROBE)
                .execute()
                .map(rows -> true)
                .ifNoItem()
                .after(PROBE_TIME_MAX)
                .fail()
                .onFailure()
                .recoverWithItem(false);
    }

    /**
     * Runs work to its end even if the asker has gone: a session that is dropped in the middle would keep its connection.
     * So what is counted is what the database has still to do.
     */
    private <T> Uni<T> admit(Supplier<Uni<? extends T>> work) {
        if (inFlight.incrementAndGet() > IN_FLIGHT_MAX) {
            inFlight.decrementAndGet();
            return Uni.createFrom().failure(away());
        }
        return Uni.createFrom()
                .emitter(asker -> Uni.createFrom()
                        .deferred(work)
                        .onTermination()
                        .invoke(inFlight::decrementAndGet)
                        .subscribe()
                        .with(asker::complete, asker::fail));
    }

    private static Refusal away() {
        return Refusal.of(ERROR_REASON_DEPENDENCY_UNAVAILABLE, "the user records do not answer")
                .with("dependency", "records");
    }

    private static Throwable told(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Refusal) {
                return cause;
            }
            if (cause instanceof PgException refused && isFaultOfOurs(refused)) {
                return failure;
            }
        }
        // One line for each refused caller would flood the log; the change of state is told once, by the health look.
        LOG.debugf("User records do not answer cause=%s", failure);
        return away();
    }

    /** A value or a statement the database cannot make sense of; 42P01 is a schema that is not migrated yet. */
    private static boolean isFaultOfOurs(PgException refused) {
        String state = refused.getSqlState();
        return state != null && (state.startsWith("22") || state.startsWith("42") && !state.equals("42P01"));
    }
}
