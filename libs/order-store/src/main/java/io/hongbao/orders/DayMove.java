package io.hongbao.orders;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Moves one logical database's day from its SET to the cold store:
 *
 * <pre>
 * begin_move ─▶ copy table by table ─▶ seal: the cold store reads back ─▶ finish_move: the SET counts too, and drops
 *     │ waits: not settled yet                                                │ differs, changed: copied again later
 * </pre>
 *
 * Every step is a transaction that can be repeated; a mover that dies leaves a lease that runs out, and the next one goes
 * on with the table that was not done. Two movers do no harm: each has the number of its attempt, and both stores refuse
 * the older one. The tables are dropped by a statement of the SET that compares their rows, under a lock, with what the
 * cold store has read back.
 */
public final class DayMove {
    /** Rows in one chunk: half a megabyte, some ten milliseconds of work. */
    static final int CHUNK_ROWS = 2_000;
    /** Far longer than a chunk takes, so that a busy server does not make a move begin again and again. */
    static final Duration CHUNK_TIMEOUT = Duration.ofSeconds(30);

    /** Several chunks: a mover that lives is not disturbed, one that died holds up the move for a minute. */
    private static final Duration LEASE = Duration.ofMinutes(1);
    /** The last step reads all rows of the unit twice. */
    private static final Duration FINISH_LEASE = Duration.ofMinutes(15);

    private static final Duration FINISH_TIMEOUT = Duration.ofMinutes(10);
    private static final int TABLES = 10;

    /** Days that are due. $1 days, $2 limit. */
    private static final String DUE = "select database, day from orders.due_moves($1::int4, $2::int4)";

    private static final String BEGIN = """
            select outcome, attempt, tables_copied
            from orders.begin_move($1::int4, $2::int4, $3::int4, $4::int4, $5::int8, $6::int8)
            """;
    private static final String NOTE = "select orders.note_move($1::int4, $2::int4, $3::int4, $4::int4, $5::int8)";
    private static final String PACKETS =
            "select id, line from orders.cold_packets($1::int4, $2::int4, $3::int4, $4::int8, $5::int4)";
    private static final String SHARES = """
            select packet_id, user_id, line
            from orders.cold_shares($1::int4, $2::int4, $3::int4, $4::int8, $5::text, $6::int4)
            """;
    private static final String FINISH = """
            select orders.finish_move($1::int4, $2::int4, $3::int4, $4::int8, $5::numeric, $6::int8, $7::numeric)
            """;

    /** A logical database's day. @param day days since 2020-01-01 */
    public record Unit(int database, int day) {}

    /** What became of a move. */
    public enum Outcome {
        /** The tables are gone, and the cold store has their rows. */
        MOVED,
        /** Something is not settled yet: it is looked at again later. */
        WAITS,
        /** Another mover is at it, or was faster. */
        BUSY,
        /** Too young, or gone already. */
        NOT_DUE,
        /** Something was written meanwhile: it begins anew. */
        CHANGED,
        /** The copy was not what is in the SET: it is made again. Never expected; an alarm. */
        DIFFERS
    }

    private final OrderStore store;
    private final ColdStore cold;
    private final int region;
    private final int afterDays;
    private final Duration pause;

    /** @param pause a day that waits is looked at again after this */
    public DayMove(OrderStore store, ColdStore cold, int region, int afterDays, Duration pause) {
        this.store = store;
        this.cold = cold;
        this.region = region;
        this.afterDays = afterDays;
        this.pause = pause;
    }

    /** Units to move or to look at again, oldest first. */
    public Future<List<Unit>> due(int countMax) {
        return store.run(DUE, Tuple.of(afterDays, countMax)).map(rows -> {
            List<Unit> units = new ArrayList<>(rows.size());
            rows.forEach(row -> units.add(new Unit(row.getInteger(0), row.getInteger(1))));
            return units;
        });
    }

    /** Moves a unit, or goes on with it. Fails with a StoreException; then it is to be called again. */
    public Future<Outcome> move(Unit unit) {
        return begin(unit)
                .compose(begun -> begun.attempt.isEmpty()
                        ? Future.succeededFuture(begun.outcome)
                        : copyAndFinish(unit, begun.attempt.get(), begun.tablesCopied));
    }

    record Begun(Outcome outcome, Optional<Integer> attempt, int tablesCopied) {}

    Future<Begun> begin(Unit unit) {
        return cold.attempt(unit.database, unit.day)
                .compose(seen -> store.run(
                        BEGIN,
                        Tuple.of(unit.database, unit.day, afterDays, seen, LEASE.toMillis(), pause.toMillis()),
                        CHUNK_TIMEOUT))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    return switch (row.getString("outcome")) {
                        case "copy" ->
                            new Begun(
                                    Outcome.BUSY,
                                    Optional.of(row.getInteger("attempt")),
                                    row.getInteger("tables_copied"));
                        case "waits" -> new Begun(Outcome.WAITS, Optional.empty(), 0);
                        case "busy" -> new Begun(Outcome.BUSY, Optional.empty(), 0);
                        default -> new Begun(Outcome.NOT_DUE, Optional.empty(), 0);
                    };
                });
    }

    Future<Outcome> copyAndFinish(Unit unit, int attempt, int tablesCopied) {
        return cold.begin(region, unit.database, unit.day, attempt)
                .compose(let -> let ? copy(unit, attempt, tablesCopied) : Future.succeededFuture(false))
                .compose(copied -> copied ? finish(unit, attempt) : Future.succeededFuture(Outcome.BUSY));
    }

    /** @return false if another mover has begun */
    Future<Boolean> copy(Unit unit, int attempt, int fromTable) {
        Future<Boolean> copied = Future.succeededFuture(true);
        for (int y = fromTable; y < TABLES; y++) {
            int table = y;
            copied = copied.compose(go -> go
                    ? copyPackets(unit, attempt, table, 0)
                            .compose(done ->
                                    done ? copyShares(unit, attempt, table, 0, "") : Future.succeededFuture(false))
                            .compose(done ->
                                    done ? note(unit, attempt, table + 1, LEASE) : Future.succeededFuture(false))
                    : Future.succeededFuture(false));
        }
        return copied;
    }

    private Future<Boolean> copyPackets(Unit unit, int attempt, int table, long afterId) {
        return store.run(PACKETS, Tuple.of(unit.database, unit.day, table, afterId, CHUNK_ROWS), CHUNK_TIMEOUT)
                .compose(rows -> {
                    List<Long> ids = new ArrayList<>(rows.size());
                    List<String> lines = new ArrayList<>(rows.size());
                    for (Row row : rows) {
                        ids.add(row.getLong(0));
                        lines.add(row.getString(1));
                    }
                    if (ids.isEmpty()) {
                        return Future.succeededFuture(true);
                    }
                    return cold.putPackets(unit.database, unit.day, attempt, ids, lines)
                            .compose(put -> note(unit, attempt, table, LEASE))
                            .compose(mine -> mine && ids.size() == CHUNK_ROWS
                                    ? copyPackets(unit, attempt, table, ids.getLast())
                                    : Future.succeededFuture(mine));
                });
    }

    private Future<Boolean> copyShares(Unit unit, int attempt, int table, long afterId, String afterUser) {
        Tuple place = Tuple.of(unit.database, unit.day, table, afterId, afterUser, CHUNK_ROWS);
        return store.run(SHARES, place, CHUNK_TIMEOUT).compose(rows -> {
            List<Long> ids = new ArrayList<>(rows.size());
            List<String> users = new ArrayList<>(rows.size());
            List<String> lines = new ArrayList<>(rows.size());
            for (Row row : rows) {
                ids.add(row.getLong(0));
                users.add(row.getString(1));
                lines.add(row.getString(2));
            }
            if (ids.isEmpty()) {
                return Future.succeededFuture(true);
            }
            return cold.putShares(unit.database, unit.day, attempt, ids, users, lines)
                    .compose(put -> note(unit, attempt, table, LEASE))
                    .compose(mine -> mine && ids.size() == CHUNK_ROWS
                            ? copyShares(unit, attempt, table, ids.getLast(), users.getLast())
                            : Future.succeededFuture(mine));
        });
    }

    /** @return false if another mover has begun */
    Future<Boolean> note(Unit unit, int attempt, int tablesCopied, Duration lease) {
        return store.run(NOTE, Tuple.of(unit.database, unit.day, attempt, tablesCopied, lease.toMillis()))
                .map(rows -> rows.iterator().next().getBoolean(0));
    }

    Future<Outcome> finish(Unit unit, int attempt) {
        return note(unit, attempt, TABLES, FINISH_LEASE)
                .compose(mine -> mine
                        ? cold.seal(region, unit.database, unit.day, attempt).compose(sums -> drop(unit, attempt, sums))
                        : Future.succeededFuture(Outcome.BUSY));
    }

    private Future<Outcome> drop(Unit unit, int attempt, ColdStore.Sums sums) {
        Tuple tuple = Tuple.of(unit.database, unit.day, attempt)
                .addLong(sums.packetCount())
                .addBigDecimal(sums.packetSum())
                .addLong(sums.shareCount())
                .addBigDecimal(sums.shareSum());
        return store.run(FINISH, tuple, FINISH_TIMEOUT)
                .map(rows -> switch (rows.iterator().next().getString(0)) {
                    case "moved" -> Outcome.MOVED;
                    case "changed" -> Outcome.CHANGED;
                    case "differs" -> Outcome.DIFFERS;
                    default -> Outcome.BUSY;
                });
    }
}
