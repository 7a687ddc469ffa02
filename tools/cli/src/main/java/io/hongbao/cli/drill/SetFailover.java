package io.hongbao.cli.drill;

import io.hongbao.cli.stack.Database;
import io.hongbao.stackprocess.LocalStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;

/**
 * The primary of a SET dies under load and its synchronous standby is promoted. Nobody restarts a service. Then the old
 * primary is started as if nothing had happened, must get no orders and acknowledge nothing, and becomes the new standby.
 */
final class SetFailover implements Drill {
    private static final String SET = "set-a";
    private static final String OTHER = "set-b";
    private static final String FIRST = "pg." + SET;
    private static final String SECOND = FIRST + "-2";

    /** From the moment at which the new primary takes writes. */
    private static final Duration FOLLOW_MAX = Duration.ofSeconds(5);
    /** How long a commit at the old primary is given to be acknowledged, which it must not be. */
    private static final int COMMIT_WAIT_SECONDS = 3;

    /** Whoever writes there: a table of the drill's own, so that no promise is touched by what is tried. */
    private static final String WRITE = "create table orders.written_to_the_old_primary ()";

    private static final String SERVICE_SESSIONS = """
            select count(*) from pg_stat_activity
            where application_name = 'hongbao' and query <> '' and query not like '%pg_logical_emit_message%'
            """;

    @Override
    public String name() {
        return "set-failover";
    }

    @Override
    public String summary() {
        return "a SET's primary dies, its standby is promoted, the old primary comes back";
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        DrillStack stack = drill.start(drill.options().withStandbys(Set.of(SET)));
        LocalStack servers = stack.servers();
        SteadyLoad load = stack.load();
        drill.figures("before", load.measure(drill.loadTime()));

        long deadAtNanos = System.nanoTime();
        servers.signal(FIRST, "KILL");
        servers.promote(SECOND);
        long promotedAtNanos = System.nanoTime();
        drill.figure("promote_ms", (promotedAtNanos - deadAtNanos) / 1_000_000);
        drill.await(
                "orders and opens at the new primary",
                FOLLOW_MAX,
                () -> load.doneSince(Step.WRAP, SET, promotedAtNanos)
                        && load.doneSince(Step.OPEN, SET, promotedAtNanos));
        drill.figure("follow_ms", (System.nanoTime() - promotedAtNanos) / 1_000_000);
        LoadWindow after = load.measure(drill.loadTime());
        drill.figures("after", after);
        requireCalm(drill, after, "after the failover");

        // By hand, by mistake, as it was.
        servers.restart(FIRST);
        LoadWindow fenced = load.measure(drill.loadTime());
        drill.figures("old_primary_is_back", fenced);
        requireCalm(drill, fenced, "while the old primary was back");
        requireFenced(drill, servers);

        servers.follow(FIRST, SECOND);
        LoadWindow mended = load.measure(drill.loadTime());
        drill.figures("with_new_standby", mended);
        requireCalm(drill, mended, "with the new standby");
        drill.require(
                mended.of(Step.OPEN, SET).doneCount() > 0
                        && mended.of(Step.OPEN, OTHER).doneCount() > 0,
                "a SET has no opens at the end");
    }

    private static void requireCalm(DrillContext drill, LoadWindow window, String when) {
        drill.require(window.errorCount() == 0, "calls failed " + when + ": " + window.errors());
        drill.require(window.of(Step.OPEN, SET).doneCount() > 0, SET + " had no opens " + when);
    }

    private static void requireFenced(DrillContext drill, LocalStack servers) throws SQLException {
        var old = new Database(
                "jdbc:postgresql://127.0.0.1:" + servers.port(FIRST) + "/orders",
                "",
                LocalStack.USER,
                LocalStack.PASSWORD);
        try (Connection watcher = old.connect();
                var statement = watcher.createStatement();
                var rows = statement.executeQuery(SERVICE_SESSIONS)) {
            rows.next();
            drill.require(rows.getInt(1) == 0, rows.getInt(1) + " connections of services at the old primary");
        }
        boolean acknowledged = acknowledges(old);
        drill.figure("old_primary_acknowledges", acknowledged);
        drill.require(!acknowledged, "the old primary acknowledges commits");
    }

    /** The wait for the answer ends on this side: a cancelled commit would be acknowledged with a warning. */
    private static boolean acknowledges(Database old) throws SQLException {
        try (Connection writer = DriverManager.getConnection(
                        old.jdbcUrl() + "?socketTimeout=" + COMMIT_WAIT_SECONDS, old.user(), old.password());
                var statement = writer.createStatement()) {
            statement.execute(WRITE);
            return true;
        } catch (SQLException noAnswer) {
            return false;
        }
    }
}
