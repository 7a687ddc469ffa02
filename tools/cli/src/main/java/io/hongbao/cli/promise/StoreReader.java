package io.hongbao.cli.promise;

import io.hongbao.cli.audit.AuditChain;
import io.hongbao.cli.promise.LedgerRows.AccountRow;
import io.hongbao.cli.promise.LedgerRows.PaymentRow;
import io.hongbao.cli.promise.LedgerRows.PayoutRow;
import io.hongbao.cli.promise.LedgerRows.TransferRow;
import io.hongbao.cli.promise.OrderRows.PacketRow;
import io.hongbao.cli.promise.OrderRows.ShareRow;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.core.id.PacketId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads every row that bears money straight from the databases, each database in one snapshot. The ledger comes first:
 * it follows the orders, so what it holds must have its cause in what is read after it.
 */
public final class StoreReader {
    /** Rows fetched at a time: a batch fits into a small heap however many packets there are. */
    private static final int FETCH_SIZE = 5_000;

    /** The circular days that have tables, "01" to "31". */
    private static final String DAYS = """
            select substr(tablename, 8) from pg_tables
            where schemaname = 'orders' and tablename ~ '^packet_[0-9][0-9]$' order by 1
            """;
    /** A left join, so that a packet without its detail shows instead of hiding. */
    private static final String PACKETS = """
            select p.tableoid::regclass::text, p.id, p.state, p.paid_fen, p.surplus_fen, p.surplus_count, p.refund_fen,
                   d.kind, d.total_fen, d.share_count, d.share_max_fen, d.seed, d.sender_id, d.exclusive_user_id
            from orders.packet_DD p left join orders.packet_detail_DD d on d.id = p.id and d.id % 1000 = p.id % 1000
            where p.id / 10 % 100 not in (select database from orders.database_move where state in ('arriving', 'left'))
            """;

    private static final String SHARES = """
            select tableoid::regclass::text, packet_id, user_id, sequence, amount_fen, state, opened_at
            from orders.share_DD
            where packet_id / 10 % 100 not in (select database from orders.database_move where state in ('arriving', 'left'))
            """;
    /** Days that are in the SET. The cold store may hold a part of them already: a copy under way, which is no row yet. */
    private static final String HOT_DAYS = """
            select database * 10000 + day from orders.day_table
            where database not in (select database from orders.database_move where state in ('arriving', 'left'))
            """;

    private static final String COLD_PACKETS = """
            select 'packet', id, state, paid_fen, surplus_fen, surplus_count, refund_fen,
                   kind, total_fen, share_count, share_max_fen, seed, sender_id, exclusive_user_id
            from cold.packet
            """;
    private static final String COLD_SHARES = """
            select 'share', packet_id, user_id, sequence, amount_fen, state, opened_at from cold.share
            """;
    /** Packets whose time is over by more than the expiry scan and the payment sweep take. */
    private static final String OVERDUE = """
            select count(*) from orders.packet_DD where state in (1, 2) and due_at < now() - interval '60 s'
            """;

    private static final String STUCK = "select count(*) from stuck_transfer where settled_at is null";
    private static final String OUTBOX = "select count(*) from orders.outbox";
    private static final String ACCOUNTS = "select account_id, balance_fen from account";
    private static final String TRANSFERS = """
            select transfer_id, kind, debit_account, credit_account, amount_fen, packet_id, created_at from transfer
            """;
    private static final String PAYMENTS = "select packet_id, coalesce(amount_fen, 0), state from payment";

    private static final String PAYOUTS =
            "select payout_no, transfer_id, packet_id, user_id, amount_fen, state from payout";

    private static final int SHARE_SETTLED = 2;

    private StoreReader() {}

    /**
     * What all stores hold.
     *
     * @param overdueCount packets that should have expired or been closed a minute ago
     * @param stuckCount transfers that were set aside
     */
    public record Rows(
            LedgerRows ledger, OrderRows orders, long overdueCount, long stuckCount, AuditChain.Finding audit) {}

    public static Rows read(StoreAddresses stores) throws SQLException {
        LedgerRows ledger = readLedger(stores.ledger());
        Set<Integer> hotDays = new HashSet<>();
        var parts = new ArrayList<OrderRows>();
        for (var set : stores.sets().entrySet()) {
            parts.add(readSet(set.getKey(), set.getValue(), hotDays));
        }
        // After the SETs: what has left them since is there, and was read here.
        parts.add(readCold(stores.cold(), hotDays));
        return new Rows(
                ledger,
                OrderRows.merge(parts),
                overdueCount(stores),
                count(stores.ledger(), STUCK),
                AuditChain.verify(stores.control()));
    }

    private static long overdueCount(StoreAddresses stores) throws SQLException {
        long overdueCount = 0;
        for (Database set : stores.sets().values()) {
            try (Connection snapshot = snapshot(set)) {
                for (String day : query(snapshot, DAYS, row -> row.getString(1))) {
                    overdueCount += query(snapshot, OVERDUE.replace("DD", day), row -> row.getLong(1))
                            .getFirst();
                }
            }
        }
        return overdueCount;
    }

    private static long count(Database database, String sql) throws SQLException {
        try (Connection snapshot = snapshot(database)) {
            return query(snapshot, sql, row -> row.getLong(1)).getFirst();
        }
    }

    private static OrderRows readCold(Database database, Set<Integer> hotDays) throws SQLException {
        try (Connection snapshot = snapshot(database)) {
            List<PacketRow> packets = query(snapshot, COLD_PACKETS, row -> packet(OrderRows.COLD, row)).stream()
                    .filter(packet -> !hotDays.contains(unit(packet.id())))
                    .toList();
            List<ShareRow> shares = query(snapshot, COLD_SHARES, row -> share(OrderRows.COLD, row)).stream()
                    .filter(share -> !hotDays.contains(unit(share.packetId())))
                    .toList();
            return new OrderRows(packets, shares, 0);
        }
    }

    /** Database and day in one number, as in {@link #HOT_DAYS}. */
    private static int unit(long packetId) {
        var id = new PacketId(packetId);
        return id.database() * 10_000 + id.day();
    }

    private static OrderRows readSet(String set, Database database, Set<Integer> hotDays) throws SQLException {
        try (Connection snapshot = snapshot(database)) {
            var packets = new ArrayList<PacketRow>();
            var shares = new ArrayList<ShareRow>();
            for (String day : query(snapshot, DAYS, row -> row.getString(1))) {
                packets.addAll(query(snapshot, PACKETS.replace("DD", day), row -> packet(set, row)));
                shares.addAll(query(snapshot, SHARES.replace("DD", day), row -> share(set, row)));
            }
            hotDays.addAll(query(snapshot, HOT_DAYS, row -> row.getInt(1)));
            long outboxRowCount = query(snapshot, OUTBOX, row -> row.getLong(1)).getFirst();
            return new OrderRows(packets, shares, outboxRowCount);
        }
    }

    public static LedgerRows readLedger(Database database) throws SQLException {
        try (Connection snapshot = snapshot(database)) {
            return new LedgerRows(
                    query(snapshot, ACCOUNTS, row -> new AccountRow(row.getString(1), row.getLong(2))),
                    query(snapshot, TRANSFERS, StoreReader::transfer),
                    query(snapshot, PAYMENTS, row -> new PaymentRow(row.getLong(1), row.getLong(2), row.getString(3))),
                    query(
                            snapshot,
                            PAYOUTS,
                            row -> new PayoutRow(
                                    row.getString(1),
                                    row.getString(2),
                                    row.getLong(3),
                                    row.getString(4),
                                    row.getLong(5),
                                    row.getString(6))));
        }
    }

    private static PacketRow packet(String set, ResultSet row) throws SQLException {
        byte[] seed = row.getBytes(12);
        if (seed == null) {
            throw new SQLException(
                    "packet " + row.getLong(2) + " in " + set + " " + row.getString(1) + " has no detail row");
        }
        return new PacketRow(
                set + " " + row.getString(1),
                row.getLong(2),
                row.getInt(3),
                row.getLong(4),
                row.getLong(5),
                row.getInt(6),
                row.getLong(7),
                row.getInt(8),
                row.getLong(9),
                row.getInt(10),
                row.getLong(11),
                seed,
                row.getString(13),
                row.getString(14));
    }

    private static ShareRow share(String set, ResultSet row) throws SQLException {
        return new ShareRow(
                set + " " + row.getString(1),
                row.getLong(2),
                row.getString(3),
                row.getInt(4),
                row.getLong(5),
                row.getInt(6) == SHARE_SETTLED,
                row.getObject(7, OffsetDateTime.class).toInstant());
    }

    private static TransferRow transfer(ResultSet row) throws SQLException {
        return new TransferRow(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getLong(5),
                row.getLong(6),
                row.getObject(7, OffsetDateTime.class).toInstant());
    }

    private static Connection snapshot(Database database) throws SQLException {
        Connection connection = database.connect();
        try {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    @FunctionalInterface
    private interface RowMapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    private static <T> List<T> query(Connection connection, String sql, RowMapper<T> mapper) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.setFetchSize(FETCH_SIZE);
            try (var rows = statement.executeQuery(sql)) {
                var mapped = new ArrayList<T>();
                while (rows.next()) {
                    mapped.add(mapper.map(rows));
                }
                return mapped;
            }
        }
    }
}
