package io.hongbao.cli.drill;

import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.SetLayout;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.set.SuffixRange;
import io.hongbao.core.text.TextSeal;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * Orders of a day that is over, as they would have been wrapped then: rows that await their payment. All that comes after,
 * from the payment on, goes through the services as ever, since nothing looks at the day but the routing.
 */
final class OldOrders {
    static final String GROUP = "old";
    static final String SENDER = "old-sender";
    static final String GREETING = "恭喜发财, \"old\" (one)";
    static final int SHARE_COUNT = 4;
    static final long TOTAL_FEN = 1_000;

    /** Order numbers of send-svc begin with slot 0. */
    private static final int SLOT = 998;

    private static final String TODAY = "select (now() at time zone 'Asia/Shanghai')::date";
    private static final String WRAP = """
            with wrapped as (
                insert into orders.packet_DD
                    (id, version, paid_fen, surplus_fen, refund_fen, due_at, surplus_count, state)
                values (?, 0, 0, 0, 0, now() + interval '15 min', 0, 1) returning id)
            insert into orders.packet_detail_DD
                (id, total_fen, share_max_fen, time_to_live_ms, share_count, kind, seed,
                 sender_id, group_id, exclusive_user_id, city_code, greeting)
            select id, ?, 20000, ?, ?, 1, sha256(convert_to(id::text, 'UTF8')), ?, ?, '', '110000', ?
            from wrapped
            """;

    private OldOrders() {}

    static LocalDate today(Database set) throws SQLException {
        try (var connection = set.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery(TODAY)) {
            row.next();
            return row.getObject(1, LocalDate.class);
        }
    }

    /**
     * Makes the tables of a day in one SET, and orders in each of its logical databases, in one transaction: no mover finds
     * the day empty.
     *
     * @param seal encrypts their greetings, as send-svc would
     * @param timeToLiveMillis one order in each logical database for each of these
     * @return by logical database, in the order of their times to live
     */
    static List<List<PacketId>> wrap(
            Database set, SetLayout layout, LocalDate day, TextSeal seal, long... timeToLiveMillis)
            throws SQLException {
        var made = new ArrayList<List<PacketId>>();
        try (var connection = set.connect()) {
            connection.setAutoCommit(false);
            String dayOfMonth = "%02d".formatted(day.getDayOfMonth());
            int counter = 0;
            for (int database : SuffixRange.parse(layout.active()).databases()) {
                try (var make = connection.prepareStatement("select orders.make_day(array[?::int4], ?)")) {
                    make.setInt(1, database);
                    make.setObject(2, day);
                    make.execute();
                }
                var ids = new ArrayList<PacketId>();
                for (long millis : timeToLiveMillis) {
                    int suffix = database * 10 + counter % 10;
                    PacketId id = PacketId.of(PacketId.NORTH, PacketId.dayOf(day), SLOT, counter++, suffix);
                    try (var wrap = connection.prepareStatement(WRAP.replace("DD", dayOfMonth))) {
                        wrap.setLong(1, id.value());
                        wrap.setLong(2, TOTAL_FEN);
                        wrap.setLong(3, millis);
                        wrap.setInt(4, SHARE_COUNT);
                        wrap.setString(5, SENDER);
                        wrap.setString(6, GROUP);
                        wrap.setString(7, seal.seal(id.value(), GREETING));
                        wrap.executeUpdate();
                    }
                    ids.add(id);
                }
                made.add(ids);
            }
            connection.commit();
        }
        return made;
    }
}
