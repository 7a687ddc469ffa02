package io.hongbao.orders;

import io.hongbao.core.id.PacketId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The rows of days that have left the SETs of this region. A packet's day follows from its number, and the server finds
 * the partition by it. Failures are {@link StoreException}s that name {@link #NAME}.
 */
public final class ColdStore {
    /** Stands for the cold store where a SET is named. */
    public static final String NAME = "cold";

    /** A million rows are read back in some seconds; nobody but the mover waits for it. */
    private static final Duration SEAL_TIMEOUT = Duration.ofMinutes(10);

    /** Reads packets. $1 ids. The same columns as {@link OrderSql#LOAD}. */
    private static final String LOAD = """
            select p.id, p.version, p.surplus_fen, p.refund_fen, p.surplus_count, p.state,
                   (extract(epoch from p.due_at) * 1000000)::int8 as due_at_micros,
                   p.total_fen, p.share_max_fen, p.time_to_live_ms, p.share_count, p.kind, p.seed,
                   p.sender_id, p.group_id, p.exclusive_user_id, p.city_code, p.greeting,
                   (extract(epoch from p.created_at) * 1000000)::int8 as created_at_micros
            from cold.packet p where p.id = any($1::int8[])
            """;

    /** Reads all shares of packets. $1 ids. The same columns as {@link OrderSql#LOAD_SHARES}. */
    private static final String LOAD_SHARES = """
            select s.packet_id, s.user_id, s.sequence, s.amount_fen, s.state,
                   (extract(epoch from s.opened_at) * 1000000)::int8 as opened_at_micros
            from cold.share s where s.packet_id = any($1::int8[])
            """;

    private static final String ATTEMPT = """
            select coalesce(max(attempt), 0) from cold.day where database = $1::int4 and day = $2::int4
            """;
    private static final String BEGIN = "select cold.begin($1::int4, $2::int4, $3::int4, $4::int4)";
    private static final String PUT_PACKETS =
            "select cold.put_packets($1::int4, $2::int4, $3::int4, $4::int8[], $5::text[])";
    private static final String PUT_SHARES =
            "select cold.put_shares($1::int4, $2::int4, $3::int4, $4::int8[], $5::text[], $6::text[])";
    private static final String SEAL = "select * from cold.seal($1::int4, $2::int4, $3::int4, $4::int4)";

    private final Pool pool;
    private final Duration statementTimeout;

    public ColdStore(Vertx vertx, String url, ColdConfig config) {
        this.statementTimeout = config.statementTimeout();
        PgConnectOptions connect = PgConnectOptions.fromUri(url)
                .setCachePreparedStatements(true)
                .setTcpKeepAlive(true)
                .addProperty("application_name", "hongbao");
        connect.setConnectTimeout(Math.toIntExact(config.connectTimeout().toMillis()));
        config.username().ifPresent(connect::setUser);
        config.password().ifPresent(connect::setPassword);
        this.pool = PgBuilder.pool()
                .with(new PoolOptions()
                        .setName(NAME)
                        .setMaxSize(config.poolSize())
                        // None here, as in OrderStore: each statement has its own limit.
                        .setConnectionTimeout(0))
                .connectingTo(connect)
                .using(vertx)
                .build();
    }

    /** The cold store, if one is configured. */
    static Optional<ColdStore> of(Vertx vertx, ColdConfig config) {
        return config.url().map(url -> new ColdStore(vertx, url, config));
    }

    /**
     * Those of the packets that may be here. One of today is not: it cannot have moved, and the many look-ups of numbers
     * that do not exist stay away. Days move when they are two days old at the earliest, so a clock that is a day slow
     * does no harm.
     */
    static List<Long> candidates(Collection<Long> ids) {
        int today = PacketId.dayOf(LocalDate.now(PacketId.ZONE));
        return ids.stream().filter(id -> new PacketId(id).day() < today).toList();
    }

    Future<Map<Long, PacketRow>> load(Collection<Long> ids) {
        Tuple tuple = Tuple.tuple().addArrayOfLong(ids.toArray(Long[]::new));
        return run(LOAD, tuple, statementTimeout).map(PacketStatements::packets);
    }

    Future<Map<Long, List<ShareRow>>> loadShares(Collection<Long> ids) {
        Tuple tuple = Tuple.tuple().addArrayOfLong(ids.toArray(Long[]::new));
        return run(LOAD_SHARES, tuple, statementTimeout).map(PacketStatements::shares);
    }

    /** Fails unless the cold store answers, with its schema. */
    public Future<Void> ping() {
        return run("select 1 from cold.day limit 1", Tuple.tuple(), statementTimeout)
                .mapEmpty();
    }

    public Future<Void> close() {
        return pool.close();
    }

    // ---- what a move needs ----

    /** Counts and sums over the rows of a logical database's day, as they were read back. */
    record Sums(long packetCount, java.math.BigDecimal packetSum, long shareCount, java.math.BigDecimal shareSum) {}

    /** The newest attempt to move a day that was seen here; 0 before the first. */
    Future<Integer> attempt(int database, int day) {
        return run(ATTEMPT, Tuple.of(database, day), statementTimeout)
                .map(rows -> rows.iterator().next().getInteger(0));
    }

    /** Lets an attempt in. @return false if a newer one is at work */
    Future<Boolean> begin(int region, int database, int day, int attempt) {
        return run(BEGIN, Tuple.of(region, database, day, attempt), DayMove.CHUNK_TIMEOUT)
                .map(rows -> rows.iterator().next().getBoolean(0));
    }

    Future<Void> putPackets(int database, int day, int attempt, List<Long> ids, List<String> lines) {
        Tuple tuple = Tuple.of(database, day, attempt);
        tuple.addArrayOfLong(ids.toArray(Long[]::new));
        tuple.addArrayOfString(lines.toArray(String[]::new));
        return run(PUT_PACKETS, tuple, DayMove.CHUNK_TIMEOUT).mapEmpty();
    }

    Future<Void> putShares(
            int database, int day, int attempt, List<Long> packetIds, List<String> userIds, List<String> lines) {
        Tuple tuple = Tuple.of(database, day, attempt);
        tuple.addArrayOfLong(packetIds.toArray(Long[]::new));
        tuple.addArrayOfString(userIds.toArray(String[]::new));
        tuple.addArrayOfString(lines.toArray(String[]::new));
        return run(PUT_SHARES, tuple, DayMove.CHUNK_TIMEOUT).mapEmpty();
    }

    Future<Sums> seal(int region, int database, int day, int attempt) {
        return run(SEAL, Tuple.of(region, database, day, attempt), SEAL_TIMEOUT).map(rows -> {
            Row row = rows.iterator().next();
            return new Sums(
                    row.getLong("packet_count"),
                    row.getBigDecimal("packet_sum"),
                    row.getLong("share_count"),
                    row.getBigDecimal("share_sum"));
        });
    }

    private Future<RowSet<Row>> run(String sql, Tuple tuple, Duration timeout) {
        return pool.preparedQuery(sql)
                .execute(tuple)
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(StoreException.of(NAME, failure)));
    }

    static <K, V> Map<K, V> union(Map<K, V> hot, Map<K, V> cold) {
        if (cold.isEmpty()) {
            return hot;
        }
        Map<K, V> both = new HashMap<>(hot);
        cold.forEach(both::putIfAbsent);
        return both;
    }
}
