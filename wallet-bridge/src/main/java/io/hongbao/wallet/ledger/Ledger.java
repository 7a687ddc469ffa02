package io.hongbao.wallet.ledger;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEPENDENCY_UNAVAILABLE;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_OVERLOADED;

import io.hongbao.kit.Refusal;
import io.hongbao.wallet.WalletMetrics;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * The one way to ask the ledger's database: one statement, in its own transaction, within its time. Statements that lost
 * a deadlock are repeated, since nothing of them was done; a database that is away is told as UNAVAILABLE.
 */
@ApplicationScoped
public class Ledger {
    private static final Logger LOG = Logger.getLogger(Ledger.class);

    /** Longest wait for one answer on behalf of a caller. */
    public static final Duration ANSWER_TIME_MAX = Duration.ofSeconds(2);
    /** Statements at once, running or waiting for a connection: above it a caller would only wait for its time-out. */
    static final int IN_FLIGHT_MAX = 1_024;
    /** A deadlock hits one of two statements; the loser wins its second or third try. */
    private static final int DEADLOCK_RETRY_COUNT = 3;

    private static final String DEADLOCK_DETECTED = "40P01";
    private static final String SERIALIZATION_FAILURE = "40001";

    /**
     * @param name for metrics
     * @param answerTimeMax longest wait for the answer
     */
    public record Statement(String name, Duration answerTimeMax, String sql) {
        public Statement(String name, String sql) {
            this(name, ANSWER_TIME_MAX, sql);
        }
    }

    private final Pool pool;
    private final WalletMetrics metrics;
    private final AtomicInteger inFlight = new AtomicInteger();

    public Ledger(Pool pool, WalletMetrics metrics) {
        this.pool = pool;
        this.metrics = metrics;
    }

    /**
     * Fails with {@link Refusal} DEPENDENCY_UNAVAILABLE if the database is away or too slow (the statement may have been
     * done nevertheless), and with {@link PgException} if the database refused the statement.
     */
    public Uni<RowSet<Row>> run(Statement statement, Tuple arguments) {
        return Uni.createFrom()
                .deferred(() -> attempt(statement, arguments))
                .onFailure(Ledger::isLostRace)
                .retry()
                .atMost(DEADLOCK_RETRY_COUNT);
    }

    private Uni<RowSet<Row>> attempt(Statement statement, Tuple arguments) {
        if (inFlight.incrementAndGet() > IN_FLIGHT_MAX) {
            inFlight.decrementAndGet();
            return Uni.createFrom()
                    .failure(Refusal.of(ERROR_REASON_OVERLOADED, "too many statements wait for the ledger"));
        }
        long begin = System.nanoTime();
        // Counted until the database is done, not until the caller's patience is: what waits there is what fills up.
        return Uni.createFrom()
                .completionStage(() -> pool.getDelegate()
                        .preparedQuery(statement.sql)
                        .execute(arguments.getDelegate())
                        .onComplete(answer -> {
                            inFlight.decrementAndGet();
                            metrics.statement(
                                    statement.name, Duration.ofNanos(System.nanoTime() - begin), answer.succeeded());
                        })
                        .toCompletionStage())
                .map(rows -> RowSet.newInstance(rows, io.smallrye.mutiny.vertx.TypeArg.of(Row.class)))
                .ifNoItem()
                .after(statement.answerTimeMax)
                .fail()
                .onFailure()
                .transform(Ledger::told);
    }

    /** What the caller hears: the database's own refusals as they are, everything else as "away". */
    public static Throwable told(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Refusal) {
                return cause;
            }
            if (cause instanceof PgException refused && !isServerGoing(refused)) {
                return refused;
            }
        }
        LOG.debugf("Ledger does not answer cause=%s", failure);
        return Refusal.of(ERROR_REASON_DEPENDENCY_UNAVAILABLE, "the ledger does not answer")
                .with("dependency", "ledger");
    }

    /** Whether the database found what it was asked to store impossible: a check, a guard or a value, and not a mishap. */
    public static boolean isImpossible(Throwable failure) {
        return failure instanceof PgException refused
                && refused.getSqlState() != null
                && (refused.getSqlState().startsWith("22")
                        || refused.getSqlState().startsWith("23"));
    }

    private static boolean isLostRace(Throwable failure) {
        return failure instanceof PgException refused
                && (DEADLOCK_DETECTED.equals(refused.getSqlState())
                        || SERIALIZATION_FAILURE.equals(refused.getSqlState()));
    }

    /** Connection lost (08), out of disk, memory or connections (53), stopping, starting or statement cancelled (57), I/O (58). */
    private static boolean isServerGoing(PgException refused) {
        String state = refused.getSqlState();
        if (state == null) {
            return true;
        }
        return switch (state.substring(0, 2)) {
            // 25: a server that has become a standby and only reads. 3D000: its database is not made yet.
            case "08", "25", "53", "57", "58" -> true;
            default -> "3D000".equals(state);
        };
    }
}
