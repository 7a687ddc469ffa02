package io.hongbao.peers;

import static io.hongbao.peers.Answers.FINISHED;
import static io.hongbao.peers.Answers.OPEN;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.split.Split;
import io.hongbao.v1.OpenResponse;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;

/**
 * The textbook: lock the row, decide, write, commit. Two round trips, since begin goes out with the lock and commit with
 * the one statement that writes everything.
 */
final class SelectForUpdate implements Opener {
    private final Orders orders;

    SelectForUpdate(Orders orders) {
        this.orders = orders;
    }

    @Override
    public Future<OpenResponse> open(PacketId id, String userId, String groupId) {
        return orders.facts(id).compose(facts -> {
            facts.check(groupId);
            return orders.pool()
                    .getConnection()
                    .compose(connection -> transact(connection, facts, userId).onComplete(ended -> connection.close()))
                    .recover(failure -> orders.earlier(id, userId, failure));
        });
    }

    private static Future<OpenResponse> transact(SqlConnection connection, Facts facts, String userId) {
        PacketId id = facts.id();
        connection.query("begin").execute();
        return connection
                .preparedQuery(PeerSql.LOCK.on(id.dayTable()))
                .execute(Tuple.of(id.value()))
                .compose(rows -> {
                    Row row = rows.iterator().next();
                    if (row.getShort(0) != OPEN) {
                        return connection.query("rollback").execute().map(done -> Answers.notOpen(row.getShort(0)));
                    }
                    Decision decision = Decision.of(facts, row);
                    Future<OpenResponse> written = connection
                            .preparedQuery(PeerSql.WRITE.on(id.dayTable()))
                            .execute(decision.toTuple(userId))
                            .map(answer -> Answers.opened(
                                    decision.amountFen,
                                    decision.sequence,
                                    answer.iterator().next().getLong(1),
                                    false));
                    // Sent right behind; if the write failed this rolls back.
                    Future<?> committed = connection.query("commit").execute();
                    return Future.join(written, committed)
                            .transform(ended -> ended.failed() ? Future.failedFuture(ended.cause()) : written);
                });
    }

    /** What the next open of a row comes to. */
    record Decision(Facts facts, long surplusFen, int surplusCount, long version, long amountFen, int sequence) {
        static Decision of(Facts facts, Row row) {
            long surplusFen = row.getLong(1);
            int surplusCount = row.getInteger(2);
            return new Decision(
                    facts,
                    surplusFen,
                    surplusCount,
                    row.getLong(3),
                    Split.amountFen(facts.terms(), facts.seed(), surplusFen, surplusCount),
                    facts.terms().shareCount() - surplusCount + 1);
        }

        Tuple toTuple(String userId) {
            return Tuple.tuple()
                    .addLong(facts.id().value())
                    .addLong(surplusFen - amountFen)
                    .addInteger(surplusCount - 1)
                    .addShort((short) (surplusCount == 1 ? FINISHED : OPEN))
                    .addString(userId)
                    .addLong(amountFen)
                    .addInteger(sequence)
                    .addBuffer(Buffer.buffer(Events.batch(Events.opened(facts, userId, amountFen, sequence))))
                    .addLong(version);
        }
    }
}
