package io.hongbao.peers;

import static io.hongbao.peers.Answers.OPEN;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_SET_UNAVAILABLE;

import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Refusal;
import io.hongbao.v1.OpenResponse;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;

/** Read, decide, write if the version is still the same, else again. */
final class Optimistic implements Opener {
    /** A caller waits no longer; on a hot packet most tries miss. */
    private static final Duration TRY_MAX = Duration.ofSeconds(10);

    private static final String DIVISION_BY_ZERO = "22012";

    private final Orders orders;

    Optimistic(Orders orders) {
        this.orders = orders;
    }

    @Override
    public Future<OpenResponse> open(PacketId id, String userId, String groupId) {
        long endNanos = System.nanoTime() + TRY_MAX.toNanos();
        return orders.facts(id).compose(facts -> {
            facts.check(groupId);
            return orders.pool()
                    .getConnection()
                    .compose(connection ->
                            attempt(connection, facts, userId, endNanos).onComplete(ended -> connection.close()))
                    .recover(failure -> orders.earlier(id, userId, failure));
        });
    }

    /** Keeps its connection over all tries: the pool's other users would wait as long either way. */
    private static Future<OpenResponse> attempt(SqlConnection connection, Facts facts, String userId, long endNanos) {
        int day = facts.id().dayTable();
        return connection
                .preparedQuery(PeerSql.READ.on(day))
                .execute(Tuple.of(facts.id().value()))
                .compose(rows -> {
                    Row row = rows.iterator().next();
                    if (row.getShort(0) != OPEN) {
                        return Future.succeededFuture(Answers.notOpen(row.getShort(0)));
                    }
                    var decision = SelectForUpdate.Decision.of(facts, row);
                    return connection
                            .preparedQuery(PeerSql.WRITE.on(day))
                            .execute(decision.toTuple(userId))
                            .map(answer -> Answers.opened(
                                    decision.amountFen(),
                                    decision.sequence(),
                                    answer.iterator().next().getLong(1),
                                    false))
                            .recover(failure -> {
                                if (!(failure instanceof PgException missed)
                                        || !DIVISION_BY_ZERO.equals(missed.getSqlState())) {
                                    return Future.failedFuture(failure);
                                }
                                if (System.nanoTime() > endNanos) {
                                    return Future.failedFuture(
                                            Refusal.of(ERROR_REASON_SET_UNAVAILABLE, "others were faster each time"));
                                }
                                return attempt(connection, facts, userId, endNanos);
                            });
                });
    }
}
