package io.hongbao.cli.control;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.RunningStack;
import io.hongbao.cli.stack.StackSets;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.set.SetMap.SetRange;
import io.hongbao.core.set.SuffixRange;
import io.hongbao.schema.Migrations;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Adds a SET to a running system:
 *
 * <pre>
 * schema ─▶ day tables ─▶ set_add: pods take it up ─▶ all pods reach it ─▶ set_activate: new orders
 * </pre>
 *
 * Nobody writes to it before everybody knows it. Each step may be repeated, so a run that was ended is made again.
 */
public final class SetAdd {
    /** Databases that a SET takes of those that are free, unless it is said which. */
    private static final int RANGE_SIZE = 5;
    /** Those of them that get new orders: each has tables for every day. */
    private static final int ACTIVE_SIZE = 3;
    /** Today, and as many days as send-svc makes tables ahead. */
    private static final int DAYS = 3;
    /** Pods read control data each second and connect within another one. */
    private static final Duration TAKE_UP_MAX = Duration.ofSeconds(30);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

    private static final String MAKE_DAY = """
            select orders.make_day(?, (now() at time zone 'Asia/Shanghai')::date + ?)
            """;

    private final StoreAddresses stores;
    private final Map<String, String> pods;
    private final String actor;
    private final String reason;
    private final Consumer<String> progress;

    /**
     * @param stores with the SETs there are
     * @param pods management address of each process that knows the SETs
     */
    public SetAdd(
            StoreAddresses stores, Map<String, String> pods, String actor, String reason, Consumer<String> progress) {
        this.stores = stores;
        this.pods = pods;
        this.actor = actor;
        this.reason = reason;
        this.progress = progress;
    }

    /** What a SET is to serve: what was wanted, or what is free. Fails if another SET serves some of it. */
    public SetRange plan(String set, Optional<String> range, Optional<String> active) throws SQLException {
        StackSets sets = StackSets.read(stores);
        Optional<SetRange> known =
                sets.map().sets().stream().filter(one -> one.name().equals(set)).findFirst();
        SuffixRange all =
                range.map(SetAdd::parse).or(() -> known.map(SetRange::range)).orElseGet(() -> free(sets));
        all.databases()
                .forEach(database -> sets.setOfDatabase(database)
                        .filter(Predicate.not(set::equals))
                        .ifPresent(other -> {
                            throw new CommandFailure("database %02d is served by %s; no two SETs may serve one"
                                    .formatted(database, other));
                        }));
        if (all.databases().isEmpty()) {
            throw new CommandFailure("no database is left for a new SET");
        }
        SuffixRange orders = active.map(SetAdd::parse)
                .orElseGet(() -> new SuffixRange(
                        all.databases().stream().limit(ACTIVE_SIZE).toList()));
        if (!all.databases().containsAll(orders.databases())) {
            throw new CommandFailure("--active is a part of the range " + all.written());
        }
        return new SetRange(set, all, orders);
    }

    private static SuffixRange parse(String written) {
        try {
            return written.equals("none") ? new SuffixRange(List.of()) : SuffixRange.parse(written);
        } catch (IllegalArgumentException notARange) {
            throw new CommandFailure(String.valueOf(notARange.getMessage()));
        }
    }

    private static SuffixRange free(StackSets sets) {
        return new SuffixRange(IntStream.rangeClosed(0, PacketId.DATABASE_MAX)
                .boxed()
                .filter(database -> sets.setOfDatabase(database).isEmpty())
                .limit(RANGE_SIZE)
                .toList());
    }

    /** @param url {@code postgresql://host:port/orders}, without user and password: those of a SET that is there count */
    public void add(SetRange set, String url) throws SQLException, InterruptedException {
        Map.Entry<String, Database> like = stores.sets().entrySet().iterator().next();
        Database database = StackSets.at(url, like.getValue());
        RunningStack.migrate(Migrations.Kind.SET, database);
        makeDays(database, set.active());
        progress.accept("schema and day tables are in place");

        try (Connection control = stores.control().connect()) {
            call(
                    control,
                    "select set_add(?, ?, ?, ?, ?, ?)",
                    actor,
                    set.name(),
                    url,
                    like.getKey(),
                    set.range().written(),
                    reason);
            await(set.name() + " is reached by all of " + pods.keySet(), view -> view.allReach(set.name()));
            progress.accept("every pod serves " + set.name());
            call(
                    control,
                    "select set_activate(?, ?, ?, ?)",
                    actor,
                    set.name(),
                    set.active().written(),
                    reason);
            int databaseCount = set.active().databases().size();
            await("new orders for " + set.name(), view -> view.allGiveOrders(set.name(), databaseCount));
            progress.accept("new orders go to " + set.active().written());
        }
    }

    private static void makeDays(Database set, SuffixRange active) throws SQLException {
        try (Connection connection = set.connect();
                var statement = connection.prepareStatement(MAKE_DAY)) {
            statement.setArray(
                    1, connection.createArrayOf("integer", active.databases().toArray()));
            for (int ahead = 0; ahead < DAYS; ahead++) {
                statement.setInt(2, ahead);
                statement.execute();
            }
        }
    }

    private static void call(Connection control, String function, String... arguments) throws SQLException {
        try (var statement = control.prepareStatement(function)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setString(i + 1, arguments[i]);
            }
            statement.execute();
        }
    }

    private void await(String what, Predicate<PodView> so) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + TAKE_UP_MAX.toNanos();
        while (!so.test(PodView.of(pods))) {
            if (System.nanoTime() > deadlineNanos) {
                throw new CommandFailure("waited in vain until " + what + ". Nothing is lost: add it again");
            }
            Thread.sleep(POLL_INTERVAL);
        }
    }
}
