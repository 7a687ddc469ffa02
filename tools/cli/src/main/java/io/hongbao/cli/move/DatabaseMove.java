package io.hongbao.cli.move;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.control.PodView;
import io.hongbao.cli.stack.StackSets;
import io.hongbao.cli.stack.StoreAddresses;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Moves one logical database to another SET while everything runs:
 *
 * <pre>
 * begin ─▶ copy, again and again ─▶ fence ─▶ copy the rest ─▶ both agree: left ─▶ arrived ─▶ switch ─▶ told, dropped ─▶ end
 *        served at the old place   └─────── refused: seconds ───────────────────────┘  served at the new place
 * </pre>
 *
 * Every step is a function of one of three databases, and can be repeated; a move that was ended at any point is begun
 * again with the same command and goes on. Nothing rests on this program: the fence and the comparison are SQL's
 * ({@code db/set/V4__database_move.sql}), and an older attempt that wakes up is refused everywhere.
 */
public final class DatabaseMove {
    /** Packets in a chunk, each with its detail and its shares: some thousand rows. */
    private static final int CHUNK_PACKETS = 500;
    /** What was written during a pass is copied by the next one; the last one works behind the fence. */
    private static final int PASSES_MAX = 5;
    /** Few enough to be copied in a moment: no need for another pass before the fence. */
    private static final int CHUNKS_FEW = 10;
    /** Each pass behind the fence copies what differs; nothing can change there, so the second one finds nothing. */
    private static final int FENCED_PASSES_MAX = 3;
    /** A busy table, or autovacuum in it. */
    private static final int LOCK_TRIES_MAX = 10;

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    /** Pods read control data each second. */
    private static final Duration FOLLOW_MAX = Duration.ofSeconds(30);
    /** The relay is a tenth of a second behind, unless Kafka is away. */
    private static final Duration TOLD_MAX = Duration.ofSeconds(60);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

    /** How far a move is; a watcher hears each once it is done. */
    public enum Step {
        BEGUN,
        COPIED,
        FENCED,
        COPIED_ALL,
        LEFT,
        ARRIVED,
        SWITCHED,
        FOLLOWED,
        TOLD,
        DROPPED,
        ENDED
    }

    /** Hears how far a move is. What it throws ends the move there. */
    @FunctionalInterface
    public interface Watcher {
        void reached(Step step, String words);
    }

    /** @param refusedMillis how long packets of the database were refused; 0 if that was in an earlier run */
    public record Outcome(
            String from, String to, int attempt, long rowCount, long refusedMillis, Map<Step, Long> millis) {}

    private final StoreAddresses stores;
    private final Map<String, String> pods;
    private final String actor;
    private final String reason;
    private final Watcher watcher;

    /** @param pods management address of each process that knows the SETs; empty where nobody is waited for */
    public DatabaseMove(StoreAddresses stores, Map<String, String> pods, String actor, String reason, Watcher watcher) {
        this.stores = stores;
        this.pods = pods;
        this.actor = actor;
        this.reason = reason;
        this.watcher = watcher;
    }

    /** Moves a database, or goes on with its move. */
    public Outcome move(int database, String to) throws SQLException, InterruptedException {
        StackSets sets = StackSets.read(stores);
        try (Connection control = stores.control().connect()) {
            String from = origin(control, sets, database);
            try (Connection here = sets.database(from).connect();
                    Connection there = sets.database(to).connect()) {
                return new Run(database, from, to, control, here, there).run();
            }
        }
    }

    /** Gives a move up that has not let go of its old place; all is as before. */
    public void giveUp(int database) throws SQLException, InterruptedException {
        StackSets sets = StackSets.read(stores);
        try (Connection control = stores.control().connect()) {
            Object[] unfinished = row(
                    control,
                    "select moves_from, moves_to from database_move where database = ? and ended_at is null",
                    database);
            if (unfinished.length == 0) {
                throw new CommandFailure("database %02d does not move".formatted(database));
            }
            String from = (String) unfinished[0];
            String to = (String) unfinished[1];
            try (Connection here = sets.database(from).connect();
                    Connection there = sets.database(to).connect()) {
                new Run(database, from, to, control, here, there).giveUp();
            }
        }
    }

    /** Where a move that has begun comes from, or who serves the database. */
    private static String origin(Connection control, StackSets sets, int database) throws SQLException {
        Object[] unfinished =
                row(control, "select moves_from from database_move where database = ? and ended_at is null", database);
        return unfinished.length > 0
                ? (String) unfinished[0]
                : sets.setOfDatabase(database)
                        .orElseThrow(() -> new CommandFailure("no SET serves database %02d".formatted(database)));
    }

    private final class Run {
        private final int database;
        private final String from;
        private final String to;
        private final Connection control;
        private final Connection here;
        private final Connection there;
        private final Map<Step, Long> reachedMillis = new LinkedHashMap<>();
        private final long begunNanos = System.nanoTime();
        private int attempt;
        private long rowCount;
        private long refusedSinceNanos;
        private long refusedMillis;

        Run(int database, String from, String to, Connection control, Connection here, Connection there) {
            this.database = database;
            this.from = from;
            this.to = to;
            this.control = control;
            this.here = here;
            this.there = there;
        }

        private void reached(Step step, String words) {
            reachedMillis.put(step, (System.nanoTime() - begunNanos) / 1_000_000);
            watcher.reached(step, words);
        }

        Outcome run() throws SQLException, InterruptedException {
            begin();
            boolean switched = is(
                    control,
                    "select served_by is not distinct from moves_to from database_move where database = ?",
                    database);
            if (!switched) {
                // There first: it refuses a database that it holds orders of.
                String stateThere = text(there, "select orders.begin_arriving(?, ?)", database, attempt);
                String stateHere = text(here, "select orders.begin_leaving(?, ?)", database, attempt);
                reached(Step.BEGUN, "attempt %d: db_%02d moves from %s to %s".formatted(attempt, database, from, to));
                if (stateHere.equals("leaving")) {
                    leave();
                }
                if (stateThere.equals("arriving")) {
                    call(there, "select orders.finish_arriving(?, ?)", database, attempt);
                }
                reached(Step.ARRIVED, to + " takes it");
                call(control, "select database_move_switch(?, ?, ?)", actor, database, attempt);
                reached(Step.SWITCHED, "the pods are told");
            }
            long toldNanos = System.nanoTime();
            await("every pod follows", FOLLOW_MAX, () -> allFollow(toldNanos));
            if (refusedSinceNanos != 0) {
                refusedMillis = (System.nanoTime() - refusedSinceNanos) / 1_000_000;
            }
            reached(Step.FOLLOWED, "every pod goes to " + to);
            await(
                    "the outbox of " + from + " is told",
                    TOLD_MAX,
                    () -> is(here, "select orders.all_told(?)", database));
            call(there, "select orders.settle_in(?, ?)", database, attempt);
            reached(Step.TOLD, "its last events at " + from + " are told");
            while (locked(() -> is(here, "select orders.drop_left(?)", database))) {
                // One day after the other.
            }
            reached(Step.DROPPED, from + " holds nothing of it");
            call(control, "select database_move_end(?, ?, ?)", actor, database, attempt);
            reached(Step.ENDED, "db_%02d is in %s".formatted(database, to));
            return new Outcome(from, to, attempt, rowCount, refusedMillis, reachedMillis);
        }

        private void begin() throws SQLException {
            attempt = (Integer)
                    row(control, "select database_move_begin(?, ?, ?, ?, ?)", actor, database, from, to, reason)[0];
        }

        private void leave() throws SQLException, InterruptedException {
            int chunkCount = CHUNKS_FEW + 1;
            for (int pass = 1; pass <= PASSES_MAX && chunkCount > CHUNKS_FEW; pass++) {
                chunkCount = copy();
            }
            reached(Step.COPIED, "copied while it is used");

            refusedSinceNanos = System.nanoTime();
            fence();
            reached(Step.FENCED, "fenced");
            for (int pass = 1; ; pass++) {
                copy();
                String carried = text(here, "select orders.carried(?)::text", database);
                call(there, "select orders.put_carried(?, ?, ?::jsonb)", database, attempt, carried);
                reached(Step.COPIED_ALL, "all is copied");
                Object[] sums =
                        row(there, "select day_count, row_count, row_sum from orders.database_sums(?)", database);
                String carriedThere = text(there, "select orders.carried(?)::text", database);
                rowCount = (Long) sums[1];
                String outcome = text(
                        here,
                        "select orders.finish_leaving(?, ?, ?, ?, ?, ?::jsonb)",
                        database,
                        attempt,
                        sums[0],
                        sums[1],
                        sums[2],
                        carriedThere);
                if (outcome.equals("left")) {
                    break;
                }
                if (pass == FENCED_PASSES_MAX) {
                    throw new CommandFailure("the two SETs do not agree (" + outcome
                            + "): db_%02d stays fenced in %s. Look why, then go on or give up"
                                    .formatted(database, from));
                }
                fence();
            }
            reached(Step.LEFT, from + " has let go of it");
        }

        private void fence() throws SQLException, InterruptedException {
            for (List<String> open;
                    !(open = texts(here, "select t::text from orders.unfenced(?) as t", database)).isEmpty(); ) {
                for (String table : open) {
                    locked(() -> {
                        call(here, "select orders.fence(?::regclass, ?)", table, attempt);
                        return true;
                    });
                }
            }
        }

        /** Copies what differs. @return how many chunks did */
        private int copy() throws SQLException {
            int copiedCount = 0;
            for (String day :
                    texts(here, "select day::text from orders.day_table where database = ? order by day", database)) {
                int dayNumber = Integer.parseInt(day);
                call(there, "select orders.arrive_day(?, ?, ?)", database, dayNumber, attempt);
                for (int y = 0; y <= 9; y++) {
                    copiedCount += copy(dayNumber, y);
                }
            }
            return copiedCount;
        }

        private int copy(int day, int y) throws SQLException {
            int copiedCount = 0;
            long after = -1;
            while (after < Long.MAX_VALUE) {
                Object[] chunk = row(
                        here,
                        "select upto_id, row_count, row_sum from orders.move_chunk(?, ?, ?, ?, ?)",
                        database,
                        day,
                        y,
                        after,
                        CHUNK_PACKETS);
                long upto = (Long) chunk[0];
                Object[] same = row(
                        there,
                        "select row_count, row_sum from orders.move_sums(?, ?, ?, ?, ?)",
                        database,
                        day,
                        y,
                        after,
                        upto);
                if (!chunk[1].equals(same[0]) || ((BigDecimal) chunk[2]).compareTo((BigDecimal) same[1]) != 0) {
                    copyRows(day, y, after, upto);
                    copiedCount++;
                }
                after = upto;
            }
            return copiedCount;
        }

        private void copyRows(int day, int y, long after, long upto) throws SQLException {
            var parts = new ArrayList<String>();
            var lines = new ArrayList<String>();
            try (var statement = here.prepareStatement("select part, line from orders.move_rows(?, ?, ?, ?, ?)")) {
                set(statement, database, day, y, after, upto);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        parts.add(rows.getString(1));
                        lines.add(rows.getString(2));
                    }
                }
            }
            try (var statement = there.prepareStatement("select orders.put_rows(?, ?, ?, ?, ?, ?, ?, ?)")) {
                set(statement, database, day, y, after, upto, attempt);
                statement.setArray(7, there.createArrayOf("text", parts.toArray()));
                statement.setArray(8, there.createArrayOf("text", lines.toArray()));
                statement.execute();
            }
        }

        /** Each has read control data since the switch. */
        private boolean allFollow(long toldNanos) throws InterruptedException {
            if (pods.isEmpty()) {
                return true;
            }
            double sinceSeconds = (System.nanoTime() - toldNanos) / 1e9;
            return PodView.of(pods).allReadWithin(sinceSeconds);
        }

        void giveUp() throws SQLException, InterruptedException {
            begin();
            Object[] state = row(here, "select state from orders.database_move where database = ?", database);
            if (state.length > 0 && state[0].equals("left")) {
                throw new CommandFailure(
                        "db_%02d has left %s: go on with the move, then move it back".formatted(database, from));
            }
            if (state.length > 0) {
                for (String table : texts(here, "select t::text from orders.tables_of(?) as t", database)) {
                    locked(() -> {
                        call(here, "select orders.unfence(?::regclass)", table);
                        return true;
                    });
                }
                call(here, "select orders.stay(?, ?)", database, attempt);
            }
            call(there, "select orders.send_back(?, ?)", database, attempt);
            if (row(there, "select 1 from orders.database_move where database = ? and state = 'left'", database).length
                    > 0) {
                while (locked(() -> is(there, "select orders.drop_left(?)", database))) {
                    // One day after the other.
                }
            }
            call(control, "select database_move_end(?, ?, ?)", actor, database, attempt);
        }
    }

    /** Tries again what waited in vain for a lock. */
    private static boolean locked(Callable<Boolean> statement) throws SQLException, InterruptedException {
        for (int tries = 1; ; tries++) {
            try {
                return statement.call();
            } catch (SQLException failure) {
                if (!LOCK_NOT_AVAILABLE.equals(failure.getSQLState()) || tries == LOCK_TRIES_MAX) {
                    throw failure;
                }
                Thread.sleep(POLL_INTERVAL);
            } catch (RuntimeException | InterruptedException ended) {
                throw ended;
            } catch (Exception impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    private static void await(String what, Duration max, Callable<Boolean> so)
            throws SQLException, InterruptedException {
        long deadlineNanos = System.nanoTime() + max.toNanos();
        while (!locked(so)) {
            if (System.nanoTime() > deadlineNanos) {
                throw new CommandFailure("waited %d s in vain until %s; nothing is lost: give the command again"
                        .formatted(max.toSeconds(), what));
            }
            Thread.sleep(POLL_INTERVAL);
        }
    }

    // ---- SQL ----

    private static void set(java.sql.PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }

    /** The first row's columns; none if there is no row. */
    private static Object[] row(Connection connection, String sql, Object... values) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            set(statement, values);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return new Object[0];
                }
                var columns = new Object[rows.getMetaData().getColumnCount()];
                for (int i = 0; i < columns.length; i++) {
                    columns[i] = rows.getObject(i + 1);
                }
                return columns;
            }
        }
    }

    private static List<String> texts(Connection connection, String sql, Object... values) throws SQLException {
        var texts = new ArrayList<String>();
        try (var statement = connection.prepareStatement(sql)) {
            set(statement, values);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    texts.add(rows.getString(1));
                }
            }
        }
        return texts;
    }

    private static String text(Connection connection, String sql, Object... values) throws SQLException {
        return (String) row(connection, sql, values)[0];
    }

    private static boolean is(Connection connection, String sql, Object... values) throws SQLException {
        return (Boolean) row(connection, sql, values)[0];
    }

    private static void call(Connection connection, String sql, Object... values) throws SQLException {
        row(connection, sql, values);
    }
}
