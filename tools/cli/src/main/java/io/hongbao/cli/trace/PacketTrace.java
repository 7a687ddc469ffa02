package io.hongbao.cli.trace;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hongbao.cli.packet.PacketFreeze;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.RedisWire;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.OrderEventBatch;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads everything that any store knows of a packet, hot or cold. A grab leaves no trace but its lease: what Redis still
 * holds of leases is told as it is now.
 */
final class PacketTrace {
    private static final int OPEN = 2;
    private static final int EXPIRED = 4;
    private static final int CLOSED = 5;
    private static final Map<Integer, String> STATES =
            Map.of(1, "AWAITING_PAYMENT", 2, "OPEN", 3, "FINISHED", 4, "EXPIRED", 5, "CLOSED", 6, "FROZEN");

    private static final String HOT_PACKET = """
            select k.state, k.version, k.paid_fen, k.surplus_fen, k.surplus_count, k.refund_fen, k.due_at, d.created_at,
                   d.time_to_live_ms, d.total_fen, d.share_count, d.kind, d.sender_id, d.group_id
            from orders.packet_DD k join orders.packet_detail_DD d on d.id = k.id and d.id % 1000 = k.id % 1000
            where k.id = ? and k.id % 1000 = ? % 1000
            """;
    private static final String COLD_PACKET = """
            select state, version, paid_fen, surplus_fen, surplus_count, refund_fen, due_at, created_at,
                   time_to_live_ms, total_fen, share_count, kind, sender_id, group_id
            from cold.packet where id = ?
            """;
    private static final String HOT_SHARES = """
            select sequence, user_id, amount_fen, state, opened_at from orders.share_DD
            where packet_id = ? and packet_id % 1000 = ? % 1000 order by sequence
            """;
    private static final String COLD_SHARES =
            "select sequence, user_id, amount_fen, state, opened_at from cold.share where packet_id = ? order by sequence";

    /** One thing that happened, or that is so. @param at {@link Instant#MAX} for what is so now */
    record Event(Instant at, String store, String what) {}

    private final StoreAddresses stores;
    private final PacketId id;
    private final List<Event> events = new ArrayList<>();

    private PacketTrace(StoreAddresses stores, PacketId id) {
        this.stores = stores;
        this.id = id;
    }

    /** In the order of time; what is so now comes last. Empty if nobody knows the packet. */
    static List<Event> of(StoreAddresses stores, long packetId) throws SQLException, IOException {
        var trace = new PacketTrace(stores, new PacketId(packetId));
        trace.orders();
        trace.ledger();
        trace.records();
        trace.control();
        if (!trace.events.isEmpty()) {
            trace.redis();
        }
        trace.events.sort(Comparator.comparing(Event::at));
        return trace.events;
    }

    private void orders() throws SQLException {
        Database set = PacketFreeze.setOf(stores, id.value());
        String dd = "%02d".formatted(id.dayTable());
        boolean hot =
                count(set, "select 1 from orders.day_table where database = ? and day = ?", id.database(), id.day())
                        > 0;
        boolean here = hot && count(set, HOT_PACKET.replace("DD", dd), id.value(), id.value()) > 0;
        String store = here ? "orders" : "cold";
        if (here) {
            read(set, HOT_PACKET.replace("DD", dd), row -> packet(store, row), id.value(), id.value());
            read(set, HOT_SHARES.replace("DD", dd), row -> share(store, row), id.value(), id.value());
        } else {
            read(stores.cold(), COLD_PACKET, row -> packet(store, row), id.value());
            read(stores.cold(), COLD_SHARES, row -> share(store, row), id.value());
        }
        read(
                set,
                "select frozen_at, reason from orders.frozen_packet where packet_id = ?",
                row -> add(time(row, 1), store, "frozen: " + row.getString(2)),
                id.value());
        read(set, "select created_at, outbox_id, payload from orders.outbox", row -> {
            try {
                OrderEventBatch.parseFrom(row.getBytes(3)).getEventsList().stream()
                        .filter(event -> event.getPacketId() == id.value())
                        .forEach(event -> add(
                                Instant.MAX,
                                "outbox",
                                "event %s waits to be relayed, outbox_id %s"
                                        .formatted(event.getEventCase(), text(row, 2))));
            } catch (InvalidProtocolBufferException garbage) {
                // Not ours to judge here.
            }
        });
    }

    private void packet(String store, ResultSet row) throws SQLException {
        int state = row.getInt(1);
        Instant due = time(row, 7);
        add(
                time(row, 8),
                store,
                "wrapped: %d fen for %d shares, kind %d, by %s for group %s"
                        .formatted(
                                row.getLong(10), row.getInt(11), row.getInt(12), row.getString(13), row.getString(14)));
        if (state >= OPEN && state != CLOSED) {
            add(due.minusMillis(row.getLong(9)), store, "published, expires at " + due);
        }
        if (state == EXPIRED) {
            add(due, store, "expired, or a moment later: %d fen to refund".formatted(row.getLong(6)));
        }
        add(
                Instant.MAX,
                store,
                "%s, version %d: paid %d, remaining %d for %d shares, refunded %d fen"
                        .formatted(
                                STATES.getOrDefault(state, "state " + state),
                                row.getLong(2),
                                row.getLong(3),
                                row.getLong(4),
                                row.getInt(5),
                                row.getLong(6)));
    }

    private void share(String store, ResultSet row) throws SQLException {
        add(
                time(row, 5),
                store,
                "share %d opened: %d fen for %s%s"
                        .formatted(
                                row.getInt(1),
                                row.getLong(3),
                                row.getString(2),
                                row.getInt(4) == 2 ? ", settled" : ", not settled"));
    }

    private void ledger() throws SQLException {
        Database ledger = stores.ledger();
        read(
                ledger,
                "select created_at, confirmed_at, closed_at, payment_id, amount_fen, state from payment where packet_id = ?",
                row -> {
                    add(time(row, 1), "payment", "%s asked for: %s fen".formatted(row.getString(4), row.getString(5)));
                    if (row.getObject(2) != null) {
                        add(time(row, 2), "payment", row.getString(4) + " confirmed");
                    }
                    if (row.getObject(3) != null) {
                        add(time(row, 3), "payment", row.getString(4) + " closed");
                    }
                },
                id.value());
        read(
                ledger,
                "select created_at, state, coalesce(transaction_id, '-') from provider_order where packet_id = ?",
                row -> add(
                        time(row, 1),
                        "provider",
                        "prepared; %s, transaction %s".formatted(row.getString(2), row.getString(3))),
                id.value());
        // By the escrow account, which has an index; late money never was there.
        transfers(
                ledger,
                "debit_account = ? or credit_account = ? or transfer_id = ?",
                "escrow:" + id.value(),
                "escrow:" + id.value(),
                "late:" + id.value());
        payouts(ledger);
        read(
                ledger,
                "select stuck_at, transfer_id, amount_fen, reason, settled_at from stuck_transfer where packet_id = ?",
                row -> add(
                        time(row, 1),
                        "ledger",
                        "stuck: %s over %d fen, %s, %s"
                                .formatted(
                                        row.getString(2),
                                        row.getLong(3),
                                        row.getString(4),
                                        row.getObject(5) == null ? "still" : "booked at " + time(row, 5))),
                id.value());
        read(
                ledger,
                "select balance_fen from account where account_id = ?",
                row -> add(Instant.MAX, "ledger", "escrow holds %d fen".formatted(row.getLong(1))),
                "escrow:" + id.value());
    }

    private void transfers(Database ledger, String condition, Object... values) throws SQLException {
        read(
                ledger,
                "select created_at, transfer_id, kind, amount_fen, debit_account, credit_account from transfer where "
                        + condition,
                row -> add(
                        time(row, 1),
                        "ledger",
                        "%s of %d fen, %s to %s, transfer %s"
                                .formatted(
                                        row.getString(3),
                                        row.getLong(4),
                                        row.getString(5),
                                        row.getString(6),
                                        row.getString(2))),
                values);
    }

    /** What goes on to its owner at a payment provider, and what the provider told. */
    private void payouts(Database ledger) throws SQLException {
        read(
                ledger,
                """
                select created_at, payout_no, kind, amount_fen, user_id, transfer_id, done_at, provider_no, state, try_count,
                       last_word, next_at
                from payout where payout_no >= ? and payout_no < ?
                """,
                row -> {
                    String number = row.getString(2);
                    add(
                            time(row, 1),
                            "payout",
                            "%s %s due: %d fen for %s, of %s"
                                    .formatted(
                                            row.getString(3),
                                            number,
                                            row.getLong(4),
                                            row.getString(5),
                                            row.getString(6)));
                    if (row.getObject(7) != null) {
                        add(
                                time(row, 7),
                                "payout",
                                "%s done after %d tries, the provider's number is %s"
                                        .formatted(number, row.getInt(10), row.getString(8)));
                    } else {
                        add(
                                Instant.MAX,
                                "payout",
                                "%s %s after %d tries: %s%s"
                                        .formatted(
                                                number,
                                                row.getString(9),
                                                row.getInt(10),
                                                row.getString(11).isEmpty() ? "-" : row.getString(11),
                                                row.getObject(12) == null ? "" : ", again at " + time(row, 12)));
                    }
                },
                id.value() + "p",
                id.value() + "q");
        // Their ids begin with what they do, then comes the payout's number; a range of the primary key each.
        for (String kind : List.of("payout", "suspense", "release")) {
            transfers(
                    ledger,
                    "transfer_id >= ? and transfer_id < ?",
                    kind + ":" + id.value() + "p",
                    kind + ":" + id.value() + "q");
        }
        read(
                ledger,
                "select done_at, subject, notification_id from callback_done where packet_id = ?",
                row -> add(
                        time(row, 1),
                        "callback",
                        "notification %s of a %s had its effect"
                                .formatted(row.getString(3), row.getString(2).toLowerCase(Locale.ROOT))),
                id.value());
        read(
                ledger,
                """
                select l.at, l.day, l.line, l.business, l.amount_fen, l.provider_no from provider_bill_line l
                where l.provider_no in (
                    select transaction_id from provider_order where packet_id = ? union
                    select provider_no from payout where payout_no >= ? and payout_no < ? and provider_no <> '')
                """,
                row -> add(
                        time(row, 1),
                        "bill",
                        "line %d of %s: %s, %d fen, number %s"
                                .formatted(
                                        row.getInt(3),
                                        PacketId.EPOCH.plusDays(row.getInt(2)),
                                        row.getString(4),
                                        row.getLong(5),
                                        row.getString(6))),
                id.value(),
                id.value() + "p",
                id.value() + "q");
    }

    private void records() throws SQLException {
        read(
                stores.records(),
                "select published_at, sender_id from sent_packet where packet_id = ?",
                row -> add(time(row, 1), "records", "in the sent list of " + row.getString(2)),
                id.value());
        read(
                stores.records(),
                "select opened_at, user_id, amount_fen from received_share where packet_id = ?",
                row -> add(
                        time(row, 1),
                        "records",
                        "in the received list of %s: %d fen".formatted(row.getString(2), row.getLong(3))),
                id.value());
        read(
                stores.records(),
                "select refund_fen, best_luck_user_id from packet_end where packet_id = ?",
                row -> add(
                        Instant.MAX,
                        "records",
                        "ended, %d fen refunded, best luck %s"
                                .formatted(row.getLong(1), row.getString(2).isEmpty() ? "-" : row.getString(2))),
                id.value());
    }

    private void control() throws SQLException {
        read(
                stores.control(),
                "select at, actor, action, details::text, sequence from audit_entry where subject = ?",
                row -> add(
                        time(row, 1),
                        "audit",
                        "%s by %s %s, entry %d"
                                .formatted(row.getString(3), row.getString(2), row.getString(4), row.getLong(5))),
                Long.toString(id.value()));
        read(
                stores.control(),
                "select first_seen_at, kind, item, detail, closed_at from recon_difference where packet_id = ?",
                row -> add(
                        time(row, 1),
                        "recon",
                        "%s, %s: %s, %s"
                                .formatted(
                                        row.getString(2),
                                        row.getString(3),
                                        row.getString(4),
                                        row.getObject(5) == null ? "open" : "closed at " + time(row, 5))),
                id.value());
    }

    private void redis() throws IOException {
        String prefix = "hb:{" + id.value() + "}:";
        try (var redis = new RedisWire(stores.redisUrl())) {
            List<Object> answers = redis.send(List.of(
                    List.of("HMGET", prefix + "packet", "stock", "opened", "mark", "share_count"),
                    List.of("ZRANGEBYSCORE", prefix + "seats", "-inf", "(9007199254740991", "WITHSCORES")));
            if (answers.get(0) instanceof List<?> stock
                    && stock.stream().anyMatch(value -> !value.toString().isEmpty())) {
                add(
                        Instant.MAX,
                        "redis",
                        "stock %s, opened %s, mark %s, of %s shares"
                                .formatted(stock.get(0), stock.get(1), stock.get(2), stock.get(3)));
            }
            if (answers.get(1) instanceof List<?> leases) {
                for (int i = 0; i + 1 < leases.size(); i += 2) {
                    add(
                            Instant.MAX,
                            "redis",
                            "grabbed by %s, lease until %s".formatted(leases.get(i), Instant.ofEpochMilli((long)
                                    Double.parseDouble(leases.get(i + 1).toString()))));
                }
            }
        }
    }

    private void add(Instant at, String store, String what) {
        events.add(new Event(at, store, what));
    }

    @FunctionalInterface
    private interface Reader {
        void read(ResultSet row) throws SQLException;
    }

    private static void read(Database database, String sql, Reader reader, Object... values) throws SQLException {
        try (Connection connection = database.connect();
                var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            try (var row = statement.executeQuery()) {
                while (row.next()) {
                    reader.read(row);
                }
            }
        }
    }

    private static int count(Database database, String sql, Object... values) throws SQLException {
        var rows = new ArrayList<Boolean>();
        read(database, sql, row -> rows.add(true), values);
        return rows.size();
    }

    private static Instant time(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static String text(ResultSet row, int column) {
        try {
            return row.getString(column);
        } catch (SQLException e) {
            return "?";
        }
    }
}
