package io.hongbao.cli.cold;

import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.core.id.PacketId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** What the SETs say of their days: those that are there, and those that have moved. */
public final class DayMoves {
    private static final String STATUS = """
            select coalesce(m.day, t.day), count(*),
                   count(*) filter (where m.step = 2), count(*) filter (where m.step = 3),
                   coalesce(sum(m.live_count), 0), coalesce(sum(m.unsettled_count), 0), coalesce(sum(m.untold_count), 0),
                   coalesce(sum(m.mismatch_count), 0), coalesce(sum(m.packet_count), 0), coalesce(sum(m.share_count), 0)
            from orders.day_table t full join orders.day_move m on m.database = t.database and m.day = t.day
            group by 1 order by 1
            """;

    private DayMoves() {}

    /**
     * A day of a SET.
     *
     * @param databaseCount logical databases that had or have it
     * @param copyingCount of them, those that are copied now
     * @param movedCount of them, those whose rows are in the cold store
     * @param liveCount packets found that are not final, to 1,000 a table
     * @param unsettledCount shares found without their money, to 1,000 a table
     * @param untoldCount events of its time that are not relayed, to 1,000 a database
     * @param mismatchCount copies that were made again
     */
    public record Day(
            String set,
            String date,
            long databaseCount,
            long copyingCount,
            long movedCount,
            long liveCount,
            long unsettledCount,
            long untoldCount,
            long mismatchCount,
            long packetCount,
            long shareCount) {
        public boolean moved() {
            return movedCount == databaseCount;
        }

        String state() {
            if (moved()) {
                return "cold";
            }
            if (copyingCount > 0) {
                return "moving";
            }
            var causes = new ArrayList<String>();
            if (liveCount > 0) {
                causes.add(liveCount + " live packets");
            }
            if (unsettledCount > 0) {
                causes.add(unsettledCount + " unsettled shares");
            }
            if (untoldCount > 0) {
                causes.add(untoldCount + " events not relayed");
            }
            return causes.isEmpty() ? "in the SET" : "waits for " + String.join(", ", causes);
        }
    }

    public static List<Day> status(StoreAddresses stores) throws SQLException {
        var days = new ArrayList<Day>();
        for (var set : stores.sets().entrySet()) {
            try (Connection connection = set.getValue().connect();
                    var statement = connection.createStatement();
                    var row = statement.executeQuery(STATUS)) {
                while (row.next()) {
                    days.add(new Day(
                            set.getKey(),
                            PacketId.EPOCH.plusDays(row.getInt(1)).toString(),
                            row.getLong(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getLong(5),
                            row.getLong(6),
                            row.getLong(7),
                            row.getLong(8),
                            row.getLong(9),
                            row.getLong(10)));
                }
            }
        }
        return days;
    }

    /** Asks every SET to move a day as soon as it is settled. @return logical databases that hold it and will */
    public static int request(StoreAddresses stores, LocalDate date) throws SQLException {
        int askedCount = 0;
        for (Database set : stores.sets().values()) {
            try (Connection connection = set.connect();
                    var statement = connection.prepareStatement("select orders.request_move(?)")) {
                statement.setInt(1, PacketId.dayOf(date));
                try (var row = statement.executeQuery()) {
                    row.next();
                    askedCount += row.getInt(1);
                }
            }
        }
        return askedCount;
    }
}
