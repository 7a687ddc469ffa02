package io.hongbao.orders;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.set.SetMap.SetRange;
import io.hongbao.orders.StoreException.Effect;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/**
 * The orders of one SET. Every method is one statement or one transaction, bounded in time; a failure is a
 * {@link StoreException} that says what is known of the effect. Batches hold orders of one day.
 */
public final class OrderStore extends PacketStatements {
    private static final Logger LOG = Logger.getLogger(OrderStore.class);

    /**
     * Planner settings of every connection. The statements look up keys in small batches; on a table whose statistics
     * are a minute old the planner would otherwise prefer a scan, and plan again for every batch.
     */
    private static final Map<String, String> SESSION = Map.of(
            "application_name", "hongbao",
            "plan_cache_mode", "force_generic_plan",
            "enable_seqscan", "off",
            "enable_hashjoin", "off",
            "enable_mergejoin", "off",
            "enable_bitmapscan", "off",
            // A pod that is paused or cut off between two statements of a transaction must not hold rows for hours. The
            // longest wait there is that of the relay for Kafka, 4 s.
            "idle_in_transaction_session_timeout", "10s");
    /** Statements kept prepared on a connection: some ten texts for each of a few live days. */
    private static final int PREPARED_STATEMENTS_MAX = 256;
    /** Thirty tables with their indexes take some hundred milliseconds; waiting for another pod that makes them, longer. */
    private static final Duration MAKE_DAY_TIMEOUT = Duration.ofSeconds(15);

    private final Vertx vertx;
    private volatile SetRange set;
    private final SetsConfig.SetConfig config;
    private final Primary primary;
    private String url;
    private final PoolOptions poolOptions;
    private volatile Pool pool;
    private final Duration statementTimeout;
    private final SetBreaker breaker;
    private final Optional<ColdStore> cold;

    /** A SET whose days stay. */
    public OrderStore(Vertx vertx, SetRange set, SetsConfig.SetConfig config) {
        this(vertx, set, config, Optional.empty());
    }

    /** @param cold where days that have left are looked for */
    public OrderStore(Vertx vertx, SetRange set, SetsConfig.SetConfig config, Optional<ColdStore> cold) {
        this.cold = cold;
        this.vertx = vertx;
        this.set = set;
        this.statementTimeout = config.statementTimeout();
        this.config = config;
        this.url = config.url();
        this.primary = new Primary(vertx, set.name(), hosts(url));
        this.poolOptions = new PoolOptions()
                .setName(set.name())
                .setMaxSize(config.poolSize())
                // None here: each statement has its own limit, and the pool's timer, which it does not stop when a
                // connection is refused, fails a second time with a stack trace in the log.
                .setConnectionTimeout(0);
        this.pool = openPool(vertx, poolOptions, primary);
        primary.onMove(this::followPrimary);
        this.breaker = new SetBreaker(vertx, set.name(), primary);
        breaker.start();
    }

    private List<PgConnectOptions> hosts(String url) {
        return Primary.parse(url).stream()
                .map(host -> connectOptions(host, config))
                .toList();
    }

    private static PgConnectOptions connectOptions(PgConnectOptions host, SetsConfig.SetConfig config) {
        host.setUser(config.username())
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheMaxSize(PREPARED_STATEMENTS_MAX)
                .setTcpKeepAlive(true);
        host.setConnectTimeout(Math.toIntExact(config.connectTimeout().toMillis()));
        config.password().ifPresent(host::setPassword);
        SESSION.forEach(host::addProperty);
        return host;
    }

    private static Pool openPool(Vertx vertx, PoolOptions options, Primary primary) {
        return PgBuilder.pool()
                .with(options)
                .connectingTo(primary.current())
                .using(vertx)
                .build();
    }

    private void followPrimary() {
        Pool old = pool;
        pool = openPool(vertx, poolOptions, primary);
        old.close();
    }

    /**
     * The same SET over a connection of its own, for one lane: no pool to pass through, and no other thread than the
     * lane's event loop. Use it on that loop only.
     */
    public PacketStore lane() {
        return new LaneConnection(name(), vertx, primary, statementTimeout, breaker, cold);
    }

    /** The SET's name and databases. */
    public SetRange set() {
        return set;
    }

    /** From now on it serves this: databases have moved, or get new orders. */
    void serve(SetRange now) {
        set = now;
    }

    /** From now on it is reached there, if it was not before. Statements under way end with an unknown effect. */
    synchronized void reach(String now) {
        if (now.equals(url)) {
            return;
        }
        try {
            breaker.reach(hosts(now));
            url = now;
            LOG.infof("SET has another address set=%s", name());
        } catch (IllegalArgumentException noUrl) {
            LOG.errorf(
                    "The new address of a SET is none; the old one stays set=%s cause=%s", name(), noUrl.getMessage());
        }
    }

    @Override
    public String name() {
        return set.name();
    }

    /**
     * Wraps orders of one day.
     *
     * @param timeToPay after this an order that is not paid is closed
     * @return when, microseconds since 1970
     */
    public Future<Long> insert(List<NewPacket> packets, Duration timeToPay) {
        Tuple tuple = Tuple.of(timeToPay.toMillis());
        tuple.addArrayOfLong(column(packets, p -> p.facts().id().value()).toArray(Long[]::new));
        tuple.addArrayOfLong(column(packets, p -> p.facts().terms().totalFen()).toArray(Long[]::new));
        tuple.addArrayOfLong(
                column(packets, p -> p.facts().terms().shareMaxFen()).toArray(Long[]::new));
        tuple.addArrayOfLong(column(packets, NewPacket::timeToLiveMillis).toArray(Long[]::new));
        tuple.addArrayOfInteger(
                column(packets, p -> p.facts().terms().shareCount()).toArray(Integer[]::new));
        tuple.addArrayOfShort(
                column(packets, p -> (short) p.facts().terms().kind().code()).toArray(Short[]::new));
        tuple.addArrayOfBuffer(
                column(packets, p -> Buffer.buffer(p.facts().seed().bytes())).toArray(Buffer[]::new));
        tuple.addArrayOfString(column(packets, p -> p.facts().senderId()).toArray(String[]::new));
        tuple.addArrayOfString(column(packets, p -> p.facts().groupId()).toArray(String[]::new));
        tuple.addArrayOfString(column(packets, p -> p.facts().exclusiveUserId()).toArray(String[]::new));
        tuple.addArrayOfString(column(packets, NewPacket::cityCode).toArray(String[]::new));
        tuple.addArrayOfString(column(packets, NewPacket::greeting).toArray(String[]::new));
        int day = dayTable(packets.getFirst().facts().id());
        return run(OrderSql.INSERT.on(day), tuple).map(OrderStore::nowMicros);
    }

    /**
     * Publishes those of some orders of one day that await their payment and are paid by it, and tells of them: both or
     * neither. An order that is not among those returned was left as it is, whatever the cause; the others do not mind.
     *
     * @param events makes a serialised OrderEventBatch without its time of what was published, one event for each
     */
    public Future<List<PublishedOrder>> publish(List<PaidOrder> orders, Function<List<PublishedOrder>, byte[]> events) {
        Tuple tuple = Tuple.tuple();
        tuple.addArrayOfLong(column(orders, order -> order.id().value()).toArray(Long[]::new));
        tuple.addArrayOfLong(column(orders, PaidOrder::amountFen).toArray(Long[]::new));
        tuple.addArrayOfString(column(orders, PaidOrder::payerId).toArray(String[]::new));
        String sql = OrderSql.PUBLISH.on(column(orders, PaidOrder::id));
        return breaker.guard(() -> pool.withTransaction(connection -> connection
                                .preparedQuery(sql)
                                .execute(tuple)
                                .compose(rows -> tell(connection, published(rows), events)))
                        .timeout(statementTimeout.toMillis(), TimeUnit.MILLISECONDS))
                .recover(this::fail);
    }

    private static Future<List<PublishedOrder>> tell(
            SqlConnection connection, List<PublishedOrder> published, Function<List<PublishedOrder>, byte[]> events) {
        if (published.isEmpty()) {
            return Future.succeededFuture(published);
        }
        Tuple tuple = Tuple.of(published.size(), Buffer.buffer(events.apply(published)));
        return connection.preparedQuery(OrderSql.TELL).execute(tuple).map(published);
    }

    private static List<PublishedOrder> published(RowSet<Row> rows) {
        List<PublishedOrder> published = new ArrayList<>(rows.rowCount());
        for (Row row : rows) {
            published.add(new PublishedOrder(
                    new PacketId(row.getLong(0)),
                    row.getString(1),
                    row.getString(2),
                    PacketKind.ofCode(row.getShort(3)),
                    row.getLong(4),
                    row.getInteger(5),
                    row.getString(6),
                    row.getLong(7),
                    row.getLong(8)));
        }
        return published;
    }

    /** Closes an order that awaits its payment. @return whether it did */
    public Future<Boolean> close(PacketId id) {
        return run(OrderSql.CLOSE.on(dayTable(id)), Tuple.of(id.value())).map(rows -> rows.rowCount() == 1);
    }

    /** What became of a wish to freeze or unfreeze a packet. */
    public enum Freezing {
        /** It was done by this call. */
        DONE,
        /** It was so before. */
        DONE_BEFORE,
        /** It is not open: nothing can be given out of it anyway. */
        NOT_OPEN,
        /** There is no such packet in this SET; one in the cold store is final. */
        NO_PACKET
    }

    /** From here on nothing is opened out of the packet and nothing refunded, whatever any pod remembers of it. */
    public Future<Freezing> freeze(PacketId id, String reason) {
        return run(OrderSql.FREEZE, Tuple.of(id.value(), reason)).map(OrderStore::freezing);
    }

    /** Lets a frozen packet go on where it stood; if its time is over it expires. */
    public Future<Freezing> unfreeze(PacketId id) {
        return run(OrderSql.UNFREEZE, Tuple.of(id.value())).map(OrderStore::freezing);
    }

    private static Freezing freezing(RowSet<Row> rows) {
        return switch (rows.iterator().next().getString(0)) {
            case "done" -> Freezing.DONE;
            case "done before" -> Freezing.DONE_BEFORE;
            case "not open" -> Freezing.NOT_OPEN;
            default -> Freezing.NO_PACKET;
        };
    }

    /** One packet; empty if there is none. */
    public Future<Optional<PacketRow>> find(PacketId id) {
        return load(dayTable(id), List.of(id.value()))
                .map(rows -> Optional.ofNullable(rows.get(id.value())))
                .recover(failure -> failure instanceof StoreException known && known.effect() == Effect.NO_TABLES
                        ? Future.succeededFuture(Optional.empty())
                        : Future.failedFuture(failure));
    }

    /** All shares of one packet, in the order of opening. */
    public Future<List<ShareRow>> shares(PacketId id) {
        return loadShares(dayTable(id), List.of(id.value())).map(found -> found.getOrDefault(id.value(), List.of()));
    }

    /**
     * Marks shares of one day settled; those that are already, or do not exist, are passed over.
     *
     * @param packetIds one for each user
     * @return how many were marked
     */
    public Future<Integer> settle(int dayOfMonth, List<Long> packetIds, List<String> userIds) {
        Tuple tuple = Tuple.tuple();
        tuple.addArrayOfLong(packetIds.toArray(Long[]::new));
        tuple.addArrayOfString(userIds.toArray(String[]::new));
        return run(OrderSql.SETTLE.on(dayOfMonth), tuple)
                .map(RowSet::rowCount)
                // A day that has left is settled.
                .recover(failure -> failure instanceof StoreException known && known.effect() == Effect.NO_TABLES
                        ? Future.succeededFuture(0)
                        : Future.failedFuture(failure));
    }

    /** Open packets that have expired by the database's clock, soonest first. */
    public Future<List<PacketId>> expired(int limit) {
        return due(PacketState.Open.CODE, Duration.ZERO, limit);
    }

    /**
     * Orders that await their payment and are due within {@code ahead}, overdue ones included.
     *
     * @param after where the page before ended
     * @return soonest due first
     */
    public Future<List<Awaiting>> awaitingPayment(Duration ahead, Awaiting after, int limit) {
        return run(OrderSql.LIVE_DAYS, Tuple.tuple()).compose(days -> {
            Future<List<Awaiting>> found = Future.succeededFuture(new ArrayList<>());
            for (Row day : days) {
                String sql = OrderSql.AWAITING.on(day.getInteger(0));
                Tuple place = Tuple.of(ahead.toMillis(), after.dueAtMicros(), after.packetId(), limit);
                found = found.compose(orders -> run(sql, place).map(rows -> {
                    rows.forEach(row -> orders.add(new Awaiting(row.getLong(1), row.getLong(0))));
                    return orders;
                }));
            }
            return found.map(orders -> orders.stream().sorted().limit(limit).toList());
        });
    }

    private Future<List<PacketId>> due(int state, Duration ahead, int limit) {
        return run(OrderSql.LIVE_DAYS, Tuple.tuple()).compose(days -> {
            Future<List<PacketId>> found = Future.succeededFuture(new ArrayList<>());
            for (Row day : days) {
                int dayOfMonth = day.getInteger(0);
                found = found.compose(ids -> run(
                                OrderSql.DUE.on(dayOfMonth), Tuple.of((short) state, ahead.toMillis(), limit))
                        .map(rows -> {
                            rows.forEach(row -> ids.add(new PacketId(row.getLong(0))));
                            return ids;
                        }));
            }
            return found;
        });
    }

    /**
     * Makes the tables of the SET's active databases for today and the days ahead, by the database's clock. Idempotent.
     * One statement for each database and day, nearest day first, so that a slow server has made some of them whenever
     * it is given up on, and the next call goes on from there.
     *
     * @return how many logical databases got tables of a day
     */
    public Future<Integer> makeDays(int daysAhead) {
        Future<Integer> made = Future.succeededFuture(0);
        for (int ahead : IntStream.rangeClosed(0, daysAhead).toArray()) {
            for (int database : set.active().databases()) {
                Tuple tuple = Tuple.of(new Integer[] {database}, ahead);
                made = made.compose(before -> execute(pool, OrderSql.MAKE_DAY, tuple, MAKE_DAY_TIMEOUT)
                        .map(rows -> before + rows.iterator().next().getInteger(0)));
            }
        }
        return made;
    }

    /**
     * Hands the oldest outbox rows to {@code relay}, and deletes them once it has succeeded. If it fails, or this pod
     * dies in between, they are handed out again: at least once, by one pod at a time.
     *
     * @return how many were relayed
     */
    public Future<Integer> relay(int limit, Function<List<OutboxRow>, Future<Void>> relay) {
        return breaker.guard(() -> pool.withTransaction(connection -> connection
                        .preparedQuery(OrderSql.TAKE_OUTBOX)
                        .execute(Tuple.of(limit))
                        .compose(rows -> {
                            List<OutboxRow> taken = new ArrayList<>(rows.size());
                            for (Row row : rows) {
                                taken.add(new OutboxRow(
                                        row.getLong(0),
                                        row.getBuffer(1).getBytes(),
                                        row.getInteger(2),
                                        row.getLong(3)));
                            }
                            taken.sort(Comparator.comparingLong(OutboxRow::outboxId));
                            return taken.isEmpty()
                                    ? Future.succeededFuture(0)
                                    : relay.apply(taken).map(taken.size());
                        })))
                .recover(this::fail);
    }

    /** How far the relay is behind. */
    public record Backlog(long rowCount, Duration oldest) {}

    public Future<Backlog> backlog() {
        return run(OrderSql.OUTBOX_BACKLOG, Tuple.tuple()).map(rows -> {
            Row row = rows.iterator().next();
            return new Backlog(row.getLong(0), Duration.ofNanos(row.getLong(1) * 1_000));
        });
    }

    /** Whether the SET's server answers this pod's probe. While it does not, every statement fails at once, NOT_SENT. */
    public boolean answering() {
        return breaker.answering();
    }

    /** Fails unless the SET's server answers. */
    public Future<Void> ping() {
        return run("select 1", Tuple.tuple()).mapEmpty();
    }

    public Future<Void> close() {
        breaker.stop();
        return pool.close();
    }

    @Override
    Future<RowSet<Row>> run(String sql, Tuple tuple) {
        return run(sql, tuple, statementTimeout);
    }

    Future<RowSet<Row>> run(String sql, Tuple tuple, Duration timeout) {
        return execute(pool, sql, tuple, timeout);
    }

    @Override
    Optional<ColdStore> cold() {
        return cold;
    }

    private Future<RowSet<Row>> execute(SqlClient client, String sql, Tuple tuple, Duration timeout) {
        return breaker.guard(() ->
                        client.preparedQuery(sql).execute(tuple).timeout(timeout.toMillis(), TimeUnit.MILLISECONDS))
                .recover(this::fail);
    }

    private <T> Future<T> fail(Throwable failure) {
        return Future.failedFuture(StoreException.of(set.name(), failure));
    }

    private static int dayTable(PacketId id) {
        return id.dayTable();
    }

    private static <S, T> List<T> column(List<S> rows, Function<S, T> value) {
        return rows.stream().map(value).toList();
    }
}
