package io.hongbao.peers;

import static io.hongbao.peers.Answers.FINISHED;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.Terms;
import io.hongbao.v1.OpenResponse;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.Iterator;

/** One statement that locks, draws and writes, in one round trip that is its own transaction. */
final class OneStatement implements Opener {
    private final Orders orders;

    OneStatement(Orders orders) {
        this.orders = orders;
    }

    @Override
    public Future<OpenResponse> open(PacketId id, String userId, String groupId) {
        return orders.facts(id).compose(facts -> {
            facts.check(groupId);
            Terms terms = facts.terms();
            Events.Gap event = Events.Gap.of(facts, userId);
            return orders.pool()
                    .preparedQuery(PeerSql.CTE.on(id.dayTable()))
                    .execute(Tuple.tuple()
                            .addLong(id.value())
                            .addString(userId)
                            .addInteger(terms.shareCount())
                            .addLong(terms.shareMaxFen())
                            .addLong(terms.kind() == PacketKind.EQUAL ? terms.totalFen() / terms.shareCount() : 0)
                            .addBuffer(Buffer.buffer(facts.seed().bytes()))
                            .addBuffer(Buffer.buffer(event.before()))
                            .addBuffer(Buffer.buffer(event.after())))
                    .compose(rows -> {
                        Iterator<Row> found = rows.iterator();
                        if (!found.hasNext()) {
                            return notOpen(id);
                        }
                        Row row = found.next();
                        return Future.succeededFuture(
                                Answers.opened(row.getLong(0), row.getInteger(1), row.getLong(2), false));
                    })
                    .recover(failure -> orders.earlier(id, userId, failure));
        });
    }

    private Future<OpenResponse> notOpen(PacketId id) {
        return orders.pool()
                .preparedQuery(PeerSql.READ.on(id.dayTable()))
                .execute(Tuple.of(id.value()))
                .map(rows -> {
                    int state = rows.iterator().next().getShort(0);
                    // It was not open a moment ago, and never becomes so again.
                    return Answers.notOpen(state == Answers.OPEN ? FINISHED : state);
                });
    }
}
