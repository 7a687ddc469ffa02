package io.hongbao.cli.stack;

import io.hongbao.cli.CommandFailure;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.set.ServedSets;
import io.hongbao.core.set.ServedSets.Place;
import io.hongbao.core.set.SetMap;
import io.hongbao.core.set.SetMap.SetRange;
import io.hongbao.core.set.SuffixRange;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The SETs of a stack as they are now, as every pod has them too: those it was started with, those that joined, and the
 * databases that moved.
 *
 * @param databases the order store of each SET, by its name
 */
public record StackSets(SetMap map, Map<String, Database> databases) {
    private static final String ADDED = """
            select s.name, s.url, s.login_of, array_agg(d.database::int order by d.database),
                   array_agg(d.database::int order by d.database) filter (where d.active)
            from order_set s join order_set_database d on d.set_name = s.name group by s.name order by s.name
            """;
    private static final String PLACES = """
            select database, served_by, moves_to is not null and moves_to is distinct from served_by from database_move
            """;

    /** A SET that joined. */
    private record Added(SetRange set, String url, String loginOf) {}

    /** @param start with the SETs that the stack was started with */
    public static StackSets read(StoreAddresses start) throws SQLException {
        List<SetRange> configured = start.setRanges().entrySet().stream()
                .map(set -> new SetRange(
                        set.getKey(),
                        SuffixRange.parse(set.getValue()),
                        SuffixRange.parse(active(set.getKey(), set.getValue()))))
                .toList();
        try (Connection control = start.control().connect()) {
            List<Added> added = added(control);
            ServedSets served =
                    ServedSets.of(configured, added.stream().map(Added::set).toList(), places(control));
            var databases = new LinkedHashMap<>(start.sets());
            for (Added one : added) {
                Database like = start.sets().get(one.loginOf);
                if (like != null && !databases.containsKey(one.set.name())) {
                    databases.put(one.set.name(), at(one.url, like));
                }
            }
            return new StackSets(served.map(), databases);
        }
    }

    /** Which of them get new orders: of the local SETs a few; of others it is not known, and matters to no reader. */
    private static String active(String set, String range) {
        return SetLayout.LOCAL.stream()
                .filter(local -> local.name().equals(set) && local.range().equals(range))
                .map(SetLayout::active)
                .findFirst()
                .orElse(range);
    }

    /** A database at an address of its own, with the login of another one. */
    public static Database at(String url, Database like) {
        String jdbcUrl = "jdbc:" + url + (url.contains(",") ? "?targetServerType=primary" : "");
        return new Database(jdbcUrl, url, like.user(), like.password());
    }

    /** Who serves an order. */
    public String setOf(long packetId) {
        if (!PacketId.isWellFormed(packetId)) {
            throw new CommandFailure(packetId + " is no order number");
        }
        return setOf(new PacketId(packetId))
                .orElseThrow(() -> new CommandFailure("no SET serves database " + new PacketId(packetId).database()));
    }

    private Optional<String> setOf(PacketId id) {
        return map.of(id).map(SetRange::name);
    }

    /** Who serves a logical database. */
    public Optional<String> setOfDatabase(int database) {
        return map.sets().stream()
                .filter(set -> set.range().contains(database))
                .map(SetRange::name)
                .findFirst();
    }

    /** The order store of a SET. */
    public Database database(String set) {
        Database database = databases.get(set);
        if (database == null) {
            throw new CommandFailure("no SET is named " + set + "; there are " + databases.keySet());
        }
        return database;
    }

    private static List<Added> added(Connection control) throws SQLException {
        var added = new ArrayList<Added>();
        try (var statement = control.createStatement();
                var row = statement.executeQuery(ADDED)) {
            while (row.next()) {
                var set = new SetRange(row.getString(1), range(row.getArray(4)), range(row.getArray(5)));
                added.add(new Added(set, row.getString(2), row.getString(3)));
            }
        }
        return added;
    }

    private static SuffixRange range(@Nullable Array databases) throws SQLException {
        return new SuffixRange(databases == null ? List.of() : Arrays.asList((Integer[]) databases.getArray()));
    }

    private static List<Place> places(Connection control) throws SQLException {
        var places = new ArrayList<Place>();
        try (var statement = control.createStatement();
                var row = statement.executeQuery(PLACES)) {
            while (row.next()) {
                places.add(new Place(row.getInt(1), Optional.ofNullable(row.getString(2)), row.getBoolean(3)));
            }
        }
        return places;
    }

    /**
     * Tells control data where the local servers of SETs that joined an earlier run listen now.
     *
     * @param urls of the local servers, by SET
     */
    static void readdress(Database control, Map<String, String> urls) throws SQLException {
        try (Connection connection = control.connect();
                var again = connection.prepareStatement("select set_add(?, ?, ?, ?, ?, ?)")) {
            for (Added one : added(connection)) {
                if (urls.containsKey(one.set.name()) && !one.url.equals(urls.get(one.set.name()))) {
                    again.setString(1, "local stack");
                    again.setString(2, one.set.name());
                    again.setString(3, Objects.requireNonNull(urls.get(one.set.name())));
                    again.setString(4, one.loginOf);
                    again.setString(5, one.set.range().written());
                    again.setString(6, "the server listens at another port");
                    again.execute();
                }
            }
        }
    }
}
