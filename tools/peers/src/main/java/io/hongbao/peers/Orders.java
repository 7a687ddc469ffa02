package io.hongbao.peers;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_NOT_FOUND;

import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Refusal;
import io.hongbao.v1.OpenResponse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The order store as all modes see it: the connections, and what they all need. */
final class Orders {
    /** As open-svc's. */
    private static final Map<String, String> SESSION = Map.of(
            "application_name", "peer",
            "plan_cache_mode", "force_generic_plan",
            "enable_seqscan", "off",
            "enable_hashjoin", "off",
            "enable_mergejoin", "off",
            "enable_bitmapscan", "off");

    private static final int PREPARED_STATEMENTS_MAX = 256;
    /** Forgets all at this size: a run opens fewer packets. */
    private static final int FACTS_MAX = 1_000_000;

    private static final String UNIQUE_VIOLATION = "23505";

    private final Pool pool;
    private final Map<Long, Facts> facts = new ConcurrentHashMap<>();

    Orders(Vertx vertx, PeerConfig config, int poolSize) {
        PgConnectOptions connect = PgConnectOptions.fromUri(config.url())
                .setUser(config.username())
                .setPassword(config.password())
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheMaxSize(PREPARED_STATEMENTS_MAX);
        SESSION.forEach(connect::addProperty);
        pool = PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(poolSize))
                .connectingTo(connect)
                .using(vertx)
                .build();
    }

    Pool pool() {
        return pool;
    }

    Future<Facts> facts(PacketId id) {
        Facts known = facts.get(id.value());
        if (known != null) {
            return Future.succeededFuture(known);
        }
        return pool.preparedQuery(PeerSql.FACTS.on(id.dayTable()))
                .execute(Tuple.of(id.value()))
                .map(rows -> {
                    Iterator<Row> found = rows.iterator();
                    if (!found.hasNext()) {
                        throw Refusal.of(ERROR_REASON_PACKET_NOT_FOUND, "no packet has this number");
                    }
                    Facts read = Facts.of(id, found.next());
                    if (facts.size() >= FACTS_MAX) {
                        facts.clear();
                    }
                    facts.put(id.value(), read);
                    return read;
                });
    }

    /** Answers an open that failed: with the earlier share, if there is one. */
    Future<OpenResponse> earlier(PacketId id, String userId, Throwable failure) {
        if (!(failure instanceof PgException refused) || !UNIQUE_VIOLATION.equals(refused.getSqlState())) {
            return Future.failedFuture(failure);
        }
        return pool.preparedQuery(PeerSql.SHARE.on(id.dayTable()))
                .execute(Tuple.of(id.value(), userId))
                .map(rows -> {
                    Row share = rows.iterator().next();
                    return Answers.opened(share.getLong(0), share.getInteger(1), share.getLong(2), true);
                });
    }
}
