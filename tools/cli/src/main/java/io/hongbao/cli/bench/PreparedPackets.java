package io.hongbao.cli.bench;

import io.hongbao.cli.stack.Database;
import io.hongbao.core.id.PacketId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.function.Consumer;

/**
 * Packets that are paid and published, made by one statement in the day tables of a SET, and checked there in the end.
 * How they were sent is not what is measured.
 */
final class PreparedPackets {
    static final String GROUP = "bench";
    /** Mean amount of a share: as in the greetings of a large group. */
    private static final long SHARE_FEN = 100;

    private static final long SHARE_FEN_MAX = 20_000;
    /** Shares of a packet that no run can sell out, at any rate. */
    private static final int ENDLESS_SHARE_COUNT = 1_000_000_000;
    /** Allocator slot of these order numbers; send-svc, which draws slots from 0, is not there. */
    private static final int SLOT = 999;

    /** Shares of a packet that fills the day tables, and rows that are made by one statement. */
    static final int FILLER_SHARE_COUNT = 100;

    private static final long FILLER_STEP = 1_000_000;

    private static final int REGION = PacketId.NORTH;
    /** The logical databases that are active in the local set-a, ten tables each. */
    private static final int SUFFIX_COUNT = 30;

    private static final String MAKE_DAY = "select orders.make_day(array[0, 1, 2], ?)";
    private static final String TODAY = "select (now() at time zone 'Asia/Shanghai')::date";
    private static final String FILL = """
            with new as (
                select (? + n) * 1000 + (n % 30) as id from generate_series(?::int8, ?::int8) as n),
            packet as (
                insert into orders.packet_DD
                    (id, version, paid_fen, surplus_fen, refund_fen, due_at, surplus_count, state)
                select id, 1, ?, ?, 0, now() + interval '1 day', ?, 2 from new)
            insert into orders.packet_detail_DD
                (id, total_fen, share_max_fen, time_to_live_ms, share_count, kind, seed,
                 sender_id, group_id, exclusive_user_id, city_code, greeting)
            select id, ?, ?, 86400000, ?, 1, sha256(convert_to(id::text, 'UTF8')),
                   'sender', ?, '', '', '' from new
            """;
    /** Shares of packets that were sold out earlier in the day, each by users of its own. */
    private static final String FILL_SHARES = """
            insert into orders.share_DD (packet_id, user_id, amount_fen, sequence)
            select (? + n) * 1000 + (n % 30), 'f' || (100000000000 + n * ? + k), ?, k
            from generate_series(?::int8, ?::int8) as n, generate_series(1, ?::int8) as k
            """;

    private static final String SELL_OUT = """
            update orders.packet_DD set state = 3, surplus_fen = 0, surplus_count = 0, version = version + ?
            where id between ? and ?
            """;
    /** Packets whose shares, surplus and refund do not make up what was paid, or whose order of opening has a gap. */
    private static final String BROKEN = """
            select count(*) from orders.packet_DD p
            join orders.packet_detail_DD d on d.id = p.id and d.id % 1000 = p.id % 1000
            left join (select packet_id, sum(amount_fen) as fen, count(*) as n, max(sequence) as last,
                              count(distinct sequence) as places
                       from orders.share_DD where packet_id between ? and ? group by packet_id) s on s.packet_id = p.id
            where p.id between ? and ?
              and (p.surplus_fen + p.refund_fen + coalesce(s.fen, 0) <> p.paid_fen
                   or d.share_count - p.surplus_count <> coalesce(s.n, 0)
                   or coalesce(s.last, 0) <> coalesce(s.n, 0) or coalesce(s.places, 0) <> coalesce(s.n, 0))
            """;

    private static final String SHARES = """
            select count(*), coalesce(sum(amount_fen), 0)::int8 from orders.share_DD where packet_id between ? and ?
            """;

    private final Connection connection;
    private final int shareCount;
    private final String dayOfMonth;
    /** All digits of an order number before its counter. */
    private final long prefix;

    private long made;

    /** @param shareCount of each packet; 0 if they must not sell out */
    PreparedPackets(Database database, int shareCount, long firstNumber) throws SQLException {
        this.connection = database.connect();
        this.shareCount = shareCount;
        this.made = firstNumber;
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(TODAY)) {
            row.next();
            LocalDate today = row.getObject(1, LocalDate.class);
            dayOfMonth = "%02d".formatted(today.getDayOfMonth());
            prefix = PacketId.of(REGION, PacketId.dayOf(today), SLOT, 0, 0).value() / 1_000;
            try (var make = connection.prepareStatement(MAKE_DAY)) {
                make.setObject(1, today);
                make.execute();
            }
        }
    }

    /** Makes more packets; they follow the earlier ones. @return number of the first of them */
    long make(long count) throws SQLException {
        long first = made;
        long shares = shareCount == 0 ? ENDLESS_SHARE_COUNT : shareCount;
        long totalFen = shares * SHARE_FEN;
        try (var fill = connection.prepareStatement(FILL.replace("DD", dayOfMonth))) {
            int i = 0;
            fill.setLong(++i, prefix);
            fill.setLong(++i, first);
            fill.setLong(++i, first + count - 1);
            fill.setLong(++i, totalFen);
            fill.setLong(++i, totalFen);
            fill.setLong(++i, shares);
            fill.setLong(++i, totalFen);
            fill.setLong(++i, SHARE_FEN_MAX);
            fill.setLong(++i, shares);
            fill.setString(++i, GROUP);
            fill.executeUpdate();
        }
        made += count;
        return first;
    }

    /** Adds packets that are sold out, as a busy day has them, until their shares are that many rows. */
    void fillDay(long rows, Consumer<String> progress) throws SQLException {
        if (shareCount != FILLER_SHARE_COUNT) {
            throw new IllegalStateException("these packets have other shares");
        }
        for (long left = rows; left > 0; left -= FILLER_STEP) {
            long packets = (Math.min(left, FILLER_STEP) + shareCount - 1) / shareCount;
            long first = make(packets);
            try (var shares = connection.prepareStatement(FILL_SHARES.replace("DD", dayOfMonth));
                    var sellOut = connection.prepareStatement(SELL_OUT.replace("DD", dayOfMonth))) {
                int i = 0;
                shares.setLong(++i, prefix);
                shares.setLong(++i, shareCount);
                shares.setLong(++i, SHARE_FEN);
                shares.setLong(++i, first);
                shares.setLong(++i, made - 1);
                shares.setLong(++i, shareCount);
                shares.executeUpdate();
                sellOut.setLong(1, shareCount);
                sellOut.setLong(2, idOf(first) / 1_000 * 1_000);
                sellOut.setLong(3, idOf(made - 1) / 1_000 * 1_000 + 999);
                sellOut.executeUpdate();
            }
            progress.accept("filled %,d of %,d rows".formatted(made * shareCount, rows));
        }
        if (rows > 0) {
            // As a day that has been full for a while: nobody cleans up behind the writer during the rounds.
            try (var statement = connection.createStatement()) {
                statement.execute("vacuum orders.packet_" + dayOfMonth + ", orders.share_" + dayOfMonth);
            }
        }
        analyze();
    }

    /** Lets PostgreSQL know what it holds, as autovacuum would have by the time of a rush. */
    void analyze() throws SQLException {
        try (var statement = connection.createStatement()) {
            for (String table : new String[] {"packet_", "packet_detail_", "share_"}) {
                statement.execute("analyze orders." + table + dayOfMonth);
            }
            statement.execute("checkpoint");
        }
    }

    /** Order number of a packet. */
    long idOf(long number) {
        return (prefix + number) * 1_000 + number % SUFFIX_COUNT;
    }

    /**
     * What the rows say of packets.
     *
     * @param brokenCount packets that are not conserved
     * @param shareCount shares that are stored
     * @param shareFen their amounts
     */
    record Audit(long brokenCount, long shareCount, long shareFen) {}

    /** @param first number of the first packet to check, {@code end} number after the last */
    Audit audit(long first, long end) throws SQLException {
        if (end <= first) {
            return new Audit(0, 0, 0);
        }
        long from = idOf(first);
        long to = idOf(end - 1);
        long broken;
        try (var statement = connection.prepareStatement(BROKEN.replace("DD", dayOfMonth))) {
            statement.setLong(1, from);
            statement.setLong(2, to);
            statement.setLong(3, from);
            statement.setLong(4, to);
            try (var row = statement.executeQuery()) {
                row.next();
                broken = row.getLong(1);
            }
        }
        try (var statement = connection.prepareStatement(SHARES.replace("DD", dayOfMonth))) {
            statement.setLong(1, from);
            statement.setLong(2, to);
            try (var row = statement.executeQuery()) {
                row.next();
                return new Audit(broken, row.getLong(1), row.getLong(2));
            }
        }
    }

    long made() {
        return made;
    }
}
