package io.hongbao.cli.drill;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.move.DatabaseMove;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.RunningStack;
import io.hongbao.cli.stack.StackSets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A logical database moves to another SET while its packets are opened and published. The mover is ended once in the
 * middle, at a step that the seed chooses, and begun again. Packets of other databases never notice.
 */
final class DbMove implements Drill {
    private static final String FROM = "set-a";
    private static final String TO = "set-b";
    private static final String ACTOR = "drill";
    private static final String REASON = "drill db-move";
    private static final String REFUSAL = "SET_UNAVAILABLE";
    /** Databases of {@link #FROM} that get orders: one of them moves. */
    private static final int ACTIVE_COUNT = 3;
    /** Where the mover is ended. */
    private static final List<DatabaseMove.Step> ENDS = List.of(
            DatabaseMove.Step.BEGUN,
            DatabaseMove.Step.COPIED,
            DatabaseMove.Step.FENCED,
            DatabaseMove.Step.COPIED_ALL,
            DatabaseMove.Step.LEFT,
            DatabaseMove.Step.ARRIVED,
            DatabaseMove.Step.SWITCHED);

    /** Few rows move here: what takes time is that every pod follows. The mover that was ended is not counted. */
    private static final Duration REFUSED_MAX = Duration.ofSeconds(10);

    /** An open that meets the fence of the mover that is ended, and is answered after the switch by the other one. */
    private static final Duration OPEN_MAX = Duration.ofSeconds(20);

    private static final Duration OPENS_MAX = Duration.ofSeconds(10);

    @Override
    public String name() {
        return "db-move";
    }

    @Override
    public String summary() {
        return "a logical database moves to the other SET; its mover is ended in the middle and begun again";
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        var random = new Random(drill.seed());
        int database = random.nextInt(ACTIVE_COUNT);
        DatabaseMove.Step end = ENDS.get(random.nextInt(ENDS.size()));
        String moving = "db_%02d".formatted(database);
        DrillStack stack = drill.start(drill.options().withOpenInstances(2));
        stack.tellApart(database);
        SteadyLoad load = stack.load();
        drill.figures("before", load.measure(drill.loadTime()));

        var packets = new MovingPackets(stack, database);
        packets.stockUp();
        drill.figure("moves", moving + ", ended at " + end);
        packets.begin();
        LoadWindow meanwhile = load.begin();
        try {
            mover(drill, stack, step -> {
                        if (step == end) {
                            throw new CommandFailure("the mover is ended at " + end);
                        }
                    })
                    .move(database, TO);
            drill.require(false, "the mover was not ended at " + end);
        } catch (CommandFailure ended) {
            drill.say(String.valueOf(ended.getMessage()));
        }
        DatabaseMove.Outcome outcome = mover(drill, stack, step -> {}).move(database, TO);
        long movedNanos = System.nanoTime();
        drill.figure("move_ms", outcome.millis());
        long refusedMillis = outcome.refusedMillis();
        drill.figure("refused_ms", refusedMillis);
        drill.require(refusedMillis < REFUSED_MAX.toMillis(), moving + " was refused for " + refusedMillis + " ms");
        drill.await(
                "orders and opens in " + moving + " at " + TO,
                OPENS_MAX,
                () -> load.doneSince(Step.WRAP, moving, movedNanos) && load.doneSince(Step.OPEN, moving, movedNanos));
        drill.figure("first_open_ms", (System.nanoTime() - movedNanos) / 1_000_000);
        load.end(meanwhile);
        drill.figures("meanwhile", meanwhile);
        requireRefusalsOfThatDatabaseOnly(drill, meanwhile, moving);

        packets.end();
        packets.report(drill, OPEN_MAX);
        long rowCount = rowCount(StackSets.read(stack.stores()).database(TO), database);
        drill.figure("rows", rowCount);
        drill.require(rowCount > 0, TO + " has no rows of " + moving);

        LoadWindow after = load.measure(drill.loadTime());
        drill.figures("after", after);
        drill.require(after.errorCount() == 0, "calls failed after the move: " + after.errors());
        requireMoved(drill, stack.running(), database);
    }

    private static DatabaseMove mover(DrillContext drill, DrillStack stack, Consumer<DatabaseMove.Step> watcher) {
        return new DatabaseMove(
                stack.running().stores(), stack.running().podsWithSets(), ACTOR, REASON, (step, words) -> {
                    drill.say(words);
                    watcher.accept(step);
                });
    }

    private static void requireRefusalsOfThatDatabaseOnly(DrillContext drill, LoadWindow window, String moving) {
        for (Map.Entry<String, Long> error : window.errors().entrySet()) {
            String[] words = error.getKey().split(" ");
            drill.require(
                    words[1].equals(moving) && words[2].equals(REFUSAL),
                    error.getValue() + " calls failed during the move: " + error.getKey());
        }
    }

    private static void requireMoved(DrillContext drill, RunningStack stack, int database) throws SQLException {
        StackSets sets = StackSets.read(stack.stores());
        drill.require(sets.setOfDatabase(database).equals(Optional.of(TO)), "the pods are not told of the new place");
        drill.require(dayCount(sets.database(FROM), database) == 0, FROM + " still has tables of the database");
        drill.require(dayCount(sets.database(TO), database) > 0, TO + " has no tables of the database");
    }

    private static long rowCount(Database set, int database) throws SQLException {
        return number(set, "select row_count from orders.database_sums(?)", database);
    }

    private static long dayCount(Database set, int database) throws SQLException {
        return number(set, "select count(*) from orders.day_table where database = ?", database);
    }

    private static long number(Database set, String sql, int database) throws SQLException {
        try (var connection = set.connect();
                var statement = connection.prepareStatement(sql)) {
            statement.setInt(1, database);
            try (var row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
