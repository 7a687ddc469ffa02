package io.hongbao.orders;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.LivePacket;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Share;
import io.hongbao.core.packet.Terms;
import io.hongbao.core.split.Seed;
import io.hongbao.orders.StoreException.Effect;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** The statements a lane needs, whatever connection they go over. */
abstract sealed class PacketStatements implements PacketStore permits OrderStore, LaneConnection {
    /** Runs one statement, bounded in time; a failure is a {@link StoreException}. */
    abstract Future<RowSet<Row>> run(String sql, Tuple tuple);

    /** Where rows are looked for that are not here any more. */
    abstract Optional<ColdStore> cold();

    @Override
    public Future<Long> commit(int dayOfMonth, OpenBatch batch, byte[] events, int eventCount) {
        return run(OrderSql.COMMIT.on(dayOfMonth), batch.toTuple(events, eventCount))
                .map(OrderStore::nowMicros);
    }

    @Override
    public Future<Map<Long, PacketRow>> load(int dayOfMonth, Collection<Long> ids) {
        Tuple tuple = Tuple.tuple().addArrayOfLong(ids.toArray(Long[]::new));
        Future<Map<Long, PacketRow>> hot =
                run(OrderSql.LOAD.on(dayOfMonth), tuple).map(PacketStatements::packets);
        return orCold(hot, ids, ColdStore::load);
    }

    @Override
    public Future<Map<Long, List<ShareRow>>> loadShares(int dayOfMonth, Collection<Long> ids) {
        Tuple tuple = Tuple.tuple().addArrayOfLong(ids.toArray(Long[]::new));
        Future<Map<Long, List<ShareRow>>> hot =
                run(OrderSql.LOAD_SHARES.on(dayOfMonth), tuple).map(PacketStatements::shares);
        return orCold(hot, ids, ColdStore::loadShares);
    }

    /**
     * Adds from the cold store what is not here. Rows leave here only once they are there, so the order of the two looks
     * misses none.
     */
    private <V> Future<Map<Long, V>> orCold(
            Future<Map<Long, V>> hot,
            Collection<Long> ids,
            BiFunction<ColdStore, Collection<Long>, Future<Map<Long, V>>> look) {
        if (cold().isEmpty()) {
            return hot;
        }
        ColdStore cold = cold().get();
        return hot.compose(
                found -> {
                    if (found.size() == ids.size()) {
                        return Future.succeededFuture(found);
                    }
                    List<Long> missing = ColdStore.candidates(
                            ids.stream().filter(id -> !found.containsKey(id)).toList());
                    return missing.isEmpty()
                            ? Future.succeededFuture(found)
                            : look.apply(cold, missing).map(old -> ColdStore.union(found, old));
                },
                failure -> {
                    List<Long> old = failure instanceof StoreException known && known.effect() == Effect.NO_TABLES
                            ? ColdStore.candidates(ids)
                            : List.of();
                    return old.isEmpty() ? Future.failedFuture(failure) : look.apply(cold, old);
                });
    }

    static Map<Long, PacketRow> packets(RowSet<Row> rows) {
        Map<Long, PacketRow> found = HashMap.newHashMap(rows.size());
        for (Row row : rows) {
            PacketRow packet = packet(row);
            found.put(packet.facts().id().value(), packet);
        }
        return found;
    }

    static Map<Long, List<ShareRow>> shares(RowSet<Row> rows) {
        Map<Long, List<ShareRow>> found = new HashMap<>();
        for (Row row : rows) {
            found.computeIfAbsent(row.getLong(0), id -> new ArrayList<>()).add(share(row));
        }
        found.values()
                .forEach(shares ->
                        shares.sort(Comparator.comparingInt(row -> row.share().sequence())));
        return found;
    }

    static long nowMicros(RowSet<Row> rows) {
        return rows.iterator().next().getLong("now_micros");
    }

    private static PacketRow packet(Row row) {
        Terms terms = new Terms(
                PacketKind.ofCode(row.getShort("kind")),
                row.getLong("total_fen"),
                row.getInteger("share_count"),
                row.getLong("share_max_fen"));
        LivePacket.Facts facts = new LivePacket.Facts(
                new PacketId(row.getLong("id")),
                terms,
                new Seed(row.getBuffer("seed").getBytes()),
                row.getString("sender_id"),
                row.getString("group_id"),
                row.getString("exclusive_user_id"));
        PacketState state = PacketState.ofRow(
                row.getShort("state"),
                row.getLong("surplus_fen"),
                row.getInteger("surplus_count"),
                row.getLong("refund_fen"));
        return new PacketRow(
                facts,
                state,
                row.getLong("version"),
                row.getLong("created_at_micros"),
                row.getLong("due_at_micros"),
                row.getLong("time_to_live_ms"),
                row.getString("city_code"),
                row.getString("greeting"));
    }

    private static ShareRow share(Row row) {
        return new ShareRow(
                new Share(
                        row.getString("user_id"),
                        row.getInteger("sequence"),
                        row.getLong("amount_fen"),
                        row.getLong("opened_at_micros")),
                row.getShort("state") == 2);
    }
}
