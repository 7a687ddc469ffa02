package io.hongbao.cli.recon;

import io.hongbao.cli.recon.Reconciliation.Report;
import io.hongbao.cli.recon.Reconciliation.SetReport;
import io.hongbao.cli.stack.Database;
import io.hongbao.core.id.PacketId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares WeChat Pay's bill of a day with the ledger: every line with the payment or payout that it is of, and every
 * payment and payout of that day with the bills. wallet-bridge fetches the bill, and stores it as it is.
 */
public final class Bill {
    /** Stands for WeChat Pay where a SET is named. */
    public static final String SOURCE = "wechatpay";

    /** What WeChat Pay's clock and the ledger's may differ by: bookings so near to midnight are left to the next day. */
    private static final Duration CLOCKS = Duration.ofMinutes(5);
    /** Payouts of packets that are older than this are compared from the bill's side only. */
    private static final int PAYOUT_DAYS = 7;

    private static final String WANT = "insert into provider_bill (day) values (?) on conflict (day) do nothing";
    private static final String FORGET = "delete from provider_bill where day = ?";
    private static final String LOOK = """
            select state, try_count, last_word, line_count, income_fen, outgo_fen,
                   (select coalesce(-sum(amount_fen), 0)::bigint from provider_bill_line l
                    where l.day = b.day and IS_OWN)
            from provider_bill b where day = ?
            """.replace("IS_OWN", ReconSql.OWN_BUSINESS);

    /**
     * The bill of a day.
     *
     * @param fetched whether it is here; if not, the rest says nothing
     * @param lastWord why it is not here yet
     * @param ownFen what left the account for the merchant's own business: fees, withdrawals
     */
    public record Standing(
            boolean fetched,
            int tryCount,
            String lastWord,
            int lineCount,
            long incomeFen,
            long outgoFen,
            long ownFen) {}

    private final Database ledger;
    private final int region;
    private final int day;
    private final Duration horizon;

    /** @param region whose ledger it is @param day days since 2020-01-01 */
    public Bill(Database ledger, int region, int day, Duration horizon) {
        this.ledger = ledger;
        this.region = region;
        this.day = day;
        this.horizon = horizon;
    }

    /** Has wallet-bridge fetch it, unless it is here or asked for already. @param again even if it is here */
    public void want(boolean again) throws SQLException {
        try (Connection connection = ledger.connect()) {
            connection.setAutoCommit(false);
            for (String sql : again ? List.of(FORGET, WANT) : List.of(WANT)) {
                try (var statement = connection.prepareStatement(sql)) {
                    statement.setInt(1, day);
                    statement.executeUpdate();
                }
            }
            connection.commit();
        }
    }

    /** Empty if nobody asked for it. */
    public Optional<Standing> look() throws SQLException {
        try (Connection connection = ledger.connect();
                var statement = connection.prepareStatement(LOOK)) {
            statement.setInt(1, day);
            try (var row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new Standing(
                                row.getString(1).equals("FETCHED"),
                                row.getInt(2),
                                row.getString(3),
                                row.getInt(4),
                                row.getLong(5),
                                row.getLong(6),
                                row.getLong(7)))
                        : Optional.empty();
            }
        }
    }

    /** Only what differs in the same way twice, a horizon apart: a notification may be under way. */
    public Report compare() throws SQLException, InterruptedException {
        Map<Difference.Key, Gap> gaps = gaps();
        if (!gaps.isEmpty()) {
            Thread.sleep(horizon);
            Map<Difference.Key, Gap> again = gaps();
            again.keySet().retainAll(gaps.keySet());
            gaps = again;
        }
        var differences = new ArrayList<Difference>();
        gaps.values().forEach(gap -> differences.add(gap.difference()));
        int lineCount = look().map(Standing::lineCount).orElse(0);
        long fen = gaps.values().stream().mapToLong(Gap::fen).sum();
        return new Report(
                List.of(new SetReport(
                        SOURCE, day, 0, lineCount, 1, differences.isEmpty() ? 0 : 1, differences.size(), fen)),
                differences,
                Map.of());
    }

    /** @param fen the bill less the ledger */
    private record Gap(Difference difference, long fen) {}

    private Map<Difference.Key, Gap> gaps() throws SQLException {
        var gaps = new LinkedHashMap<Difference.Key, Gap>();
        OffsetDateTime midnight = day(day);
        try (Connection connection = ledger.connect();
                var statement = connection.prepareStatement(ReconSql.BILL_GAPS)) {
            statement.setObject(1, midnight);
            statement.setObject(2, midnight.minus(CLOCKS));
            statement.setObject(3, day(day + 1).minus(CLOCKS));
            statement.setInt(4, day);
            // An order is paid within minutes, so its day is this one or the one before.
            statement.setLong(5, ReconSql.low(region, day - 1));
            statement.setLong(6, ReconSql.low(region, day + 1));
            statement.setLong(7, ReconSql.low(region, day - PAYOUT_DAYS));
            statement.setLong(8, ReconSql.low(region, day + 1));
            try (var row = statement.executeQuery()) {
                while (row.next()) {
                    var difference = new Difference(
                            SOURCE, row.getLong(1), Kind.valueOf(row.getString(2)), row.getString(3), row.getString(4));
                    gaps.put(difference.key(), new Gap(difference, row.getLong(5)));
                }
            }
        }
        return gaps;
    }

    private static OffsetDateTime day(int day) {
        return PacketId.EPOCH.plusDays(day).atStartOfDay(PacketId.ZONE).toOffsetDateTime();
    }
}
