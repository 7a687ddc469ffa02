package io.hongbao.cli.control;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.StackSets;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.core.set.SetMap.SetRange;
import io.hongbao.core.set.SuffixRange;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Switches and masks in database {@code control}: its functions change and audit them in one transaction. */
public final class ControlChanges {
    private static final String NORMAL = "normal";
    /** A SET that is frozen is not waited for: whoever lists the SETs may do so because of it. */
    private static final int ANSWER_SECONDS_MAX = 3;

    private static final String DAYS = "select distinct to_char(day_of_month, 'FM00') from orders.day_table order by 1";
    private static final String OPEN_ON_DAY = "select count(*) from orders.packet_%s where state in (1, 2)";

    private ControlChanges() {}

    /** A switch as it stands. */
    public record SwitchState(String name, String value, String effect, String reason, String changedBy) {
        public boolean isSet() {
            return !value.equals(NORMAL);
        }
    }

    /** What gets no new orders. */
    public record Mask(String target, boolean draining, String reason, String changedBy) {
        String kind() {
            return draining ? "draining" : "masked";
        }

        private boolean touches(SetRange set) {
            return target.equals(set.name())
                    || SuffixRange.isWellFormed(target)
                            && SuffixRange.parse(target).databases().stream().anyMatch(set.range()::contains);
        }
    }

    /**
     * A SET and what is masked of it.
     *
     * @param openCount packets that wait for their payment or are open; null if its server does not tell
     * @param pods what each process says of its server: up, down, unknown or silent
     */
    public record SetState(
            String set,
            String range,
            String active,
            List<Mask> masks,
            @Nullable Long openCount,
            Map<String, String> pods) {}

    public static List<SwitchState> switches(Database control) throws SQLException {
        var switches = new ArrayList<SwitchState>();
        try (Connection connection = control.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select name, value, effect, reason, changed_by from switch order by position")) {
            while (row.next()) {
                switches.add(new SwitchState(
                        row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getString(5)));
            }
        }
        return switches;
    }

    public static List<Mask> masks(Database control) throws SQLException {
        var masks = new ArrayList<Mask>();
        try (Connection connection = control.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select target, draining, reason, changed_by from suffix_mask order by target")) {
            while (row.next()) {
                masks.add(new Mask(row.getString(1), row.getBoolean(2), row.getString(3), row.getString(4)));
            }
        }
        return masks;
    }

    /** Every SET of the stack, as it stands. One whose server does not answer is told of all the same. */
    public static List<SetState> sets(StoreAddresses stores, PodView pods) throws SQLException {
        List<Mask> masks = masks(stores.control());
        StackSets now = StackSets.read(stores);
        var sets = new ArrayList<SetState>();
        for (SetRange set : now.map().sets()) {
            List<Mask> own = masks.stream().filter(mask -> mask.touches(set)).toList();
            sets.add(new SetState(
                    set.name(),
                    set.range().written(),
                    set.active().written(),
                    own,
                    openCount(now.database(set.name())),
                    pods.health(set.name())));
        }
        return sets;
    }

    /** Null if the server does not answer in time. */
    private static @Nullable Long openCount(Database set) {
        try (Connection connection = set.connect(ANSWER_SECONDS_MAX)) {
            return openCount(connection);
        } catch (SQLException away) {
            return null;
        }
    }

    private static long openCount(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            var days = new ArrayList<String>();
            try (var row = statement.executeQuery(DAYS)) {
                while (row.next()) {
                    days.add(row.getString(1));
                }
            }
            long openCount = 0;
            for (String day : days) {
                try (var row = statement.executeQuery(OPEN_ON_DAY.formatted(day))) {
                    row.next();
                    openCount += row.getLong(1);
                }
            }
            return openCount;
        }
    }

    /** @param drain whether it is meant for good */
    public static void mask(StoreAddresses stores, String actor, String target, boolean drain, String reason)
            throws SQLException {
        if (!stores.sets().containsKey(target) && !SuffixRange.isWellFormed(target)) {
            throw new CommandFailure(
                    target + " is neither a SET of this stack nor a list of databases such as 00-04,07");
        }
        try (Connection connection = stores.control().connect();
                var statement = connection.prepareStatement("select mask_set(?, ?, ?, ?)")) {
            statement.setString(1, actor);
            statement.setString(2, target);
            statement.setBoolean(3, drain);
            statement.setString(4, reason);
            statement.execute();
        }
    }

    /** @return whether there was such a mask */
    public static boolean unmask(StoreAddresses stores, String actor, String target, String reason)
            throws SQLException {
        try (Connection connection = stores.control().connect();
                var statement = connection.prepareStatement("select mask_clear(?, ?, ?)")) {
            statement.setString(1, actor);
            statement.setString(2, target);
            statement.setString(3, reason);
            try (var row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** @return the value before */
    public static String set(StoreAddresses stores, String actor, String name, String value, String reason)
            throws SQLException {
        try (Connection connection = stores.control().connect();
                var statement = connection.prepareStatement("select switch_set(?, ?, ?, ?)")) {
            statement.setString(1, actor);
            statement.setString(2, name);
            statement.setString(3, value);
            statement.setString(4, reason);
            try (var row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    /** @return the value before */
    public static String clear(StoreAddresses stores, String actor, String name, String reason) throws SQLException {
        return set(stores, actor, name, NORMAL, reason);
    }
}
