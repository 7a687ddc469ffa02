package io.hongbao.orders;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One lane's connection to its SET. Opened by the first statement and again after it was lost. A statement that takes
 * too long costs the connection: the server may still run it, and its answer must not meet a later one.
 */
final class LaneConnection extends PacketStatements {
    private final String set;
    private final Vertx vertx;
    private final Primary primary;
    private final Duration statementTimeout;
    private final SetBreaker breaker;
    private final Optional<ColdStore> cold;

    private @Nullable Future<SqlConnection> connection;
    private PgConnectOptions host;

    LaneConnection(
            String set,
            Vertx vertx,
            Primary primary,
            Duration statementTimeout,
            SetBreaker breaker,
            Optional<ColdStore> cold) {
        this.cold = cold;
        this.set = set;
        this.vertx = vertx;
        this.primary = primary;
        this.host = primary.current();
        this.statementTimeout = statementTimeout;
        this.breaker = breaker;
    }

    @Override
    public String name() {
        return set;
    }

    @Override
    Optional<ColdStore> cold() {
        return cold;
    }

    @Override
    Future<RowSet<Row>> run(String sql, Tuple tuple) {
        if (!breaker.answering()) {
            return Future.failedFuture(breaker.away());
        }
        Future<SqlConnection> current = connection();
        return breaker.guard(
                        () -> current.compose(open -> open.preparedQuery(sql).execute(tuple))
                                .timeout(statementTimeout.toMillis(), TimeUnit.MILLISECONDS))
                .recover(failure -> {
                    StoreException known = StoreException.of(set, failure);
                    if (known.effect() == StoreException.Effect.UNKNOWN || !current.succeeded()) {
                        drop(current);
                    }
                    return Future.failedFuture(known);
                });
    }

    private Future<SqlConnection> connection() {
        Future<SqlConnection> current = connection;
        if (current != null && host != primary.current()) {
            drop(current);
            current = null;
        }
        if (current == null) {
            host = primary.current();
            Future<SqlConnection> opening = PgConnection.connect(vertx, host).map(SqlConnection.class::cast);
            opening.onSuccess(open -> open.closeHandler(closed -> drop(opening)));
            connection = opening;
            return opening;
        }
        return current;
    }

    /** Lets the next statement open a new connection, and this one go. */
    private void drop(Future<SqlConnection> lost) {
        if (connection == lost) {
            connection = null;
            lost.onSuccess(SqlConnection::close);
        }
    }
}
