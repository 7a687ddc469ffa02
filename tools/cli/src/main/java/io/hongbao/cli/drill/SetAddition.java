package io.hongbao.cli.drill;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.control.ControlChanges;
import io.hongbao.cli.control.PodView;
import io.hongbao.cli.control.SetAdd;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.ServiceProcess;
import io.hongbao.cli.stack.StackSets;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.core.set.SetMap.SetRange;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/** A third SET joins under load. No service is restarted, nothing is moved, and no caller notices. */
final class SetAddition implements Drill {
    private static final String SET = "set-c";
    private static final List<String> OTHERS = List.of("set-a", "set-b");
    private static final String ACTOR = "drill";
    private static final String REASON = "drill set-add";

    /** Orders are wrapped, paid and opened all the time, a third of them in the new SET. */
    private static final Duration FIRST_MAX = Duration.ofSeconds(10);

    /** From the command to the last pod that goes by it: a read each second, and time for the read on a busy machine. */
    private static final Duration OBEY_MAX = Duration.ofSeconds(2);

    /** Busy processes are asked for their meters one after the other, until all have told. */
    private static final Duration TELL_MAX = Duration.ofSeconds(30);

    /** All packets ever wrapped here, as long as no day moves to the cold store. */
    private static final String PACKETS = """
            select tableoid::regclass::text || ' ' || id from orders.packet_%s
            """;

    private static final String DAYS = "select distinct to_char(day_of_month, 'FM00') from orders.day_table";

    @Override
    public String name() {
        return "set-add";
    }

    @Override
    public String summary() {
        return "a third SET joins the running system; another one that claims taken databases is refused";
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        DrillStack stack = drill.start(drill.options().withOpenInstances(2));
        SteadyLoad load = stack.load();
        drill.figures("before", load.measure(drill.loadTime()));
        List<Long> processes =
                stack.running().processes().stream().map(ServiceProcess::pid).toList();
        Set<String> packetsBefore = packets(stack.running().stores());

        var adding = new SetAdd(stack.running().stores(), stack.running().podsWithSets(), ACTOR, REASON, line -> {
            drill.say(line);
            // Before its first order, so that the load knows whose it is.
            stack.lookForSets();
        });
        requireRefusal(drill, adding);
        long begunAtNanos = System.nanoTime();
        SetRange set = adding.plan(SET, Optional.empty(), Optional.empty());
        String url = stack.running().startSetServer(SET);
        drill.figure("server_ms", (System.nanoTime() - begunAtNanos) / 1_000_000);
        adding.add(set, url);
        long addedAtNanos = System.nanoTime();
        drill.figure("add_ms", (addedAtNanos - begunAtNanos) / 1_000_000);
        drill.await(
                "orders and opens in " + SET,
                FIRST_MAX,
                () -> load.doneSince(Step.WRAP, SET, begunAtNanos) && load.doneSince(Step.OPEN, SET, begunAtNanos));
        drill.figure("first_open_ms", (System.nanoTime() - addedAtNanos) / 1_000_000);

        LoadWindow after = load.measure(drill.loadTime());
        drill.figures("after", after);
        drill.require(after.errorCount() == 0, "calls failed after the SET had joined: " + after.errors());
        for (String each : List.of("set-a", "set-b", SET)) {
            drill.require(after.of(Step.OPEN, each).doneCount() > 0, each + " had no opens afterwards");
        }
        mask(drill, stack);
        // Once more does no harm: a command that was ended is given again.
        adding.add(adding.plan(SET, Optional.empty(), Optional.empty()), url);

        Set<String> packetsAfter = packets(stack.running().stores());
        drill.require(packetsAfter.containsAll(packetsBefore), "packets of the old SETs were moved or lost");
        drill.require(
                processes.equals(stack.running().processes().stream()
                        .map(ServiceProcess::pid)
                        .toList()),
                "a service was restarted");
    }

    /** How long it takes until every pod goes by what an operator says, as the pods themselves tell. */
    private static void mask(DrillContext drill, DrillStack stack) throws SQLException, InterruptedException {
        Map<String, String> pods = stack.running().podsWithSets();
        long maskedAtMillis = System.currentTimeMillis();
        ControlChanges.mask(stack.running().stores(), ACTOR, SET, false, REASON);
        obeyed(drill, "mask_ms", maskedAtMillis, () -> {
            PodView view = PodView.of(pods);
            return view.allMask(1) && view.allGiveOrders(SET, 0) ? view.changedAtMillis() : 0;
        });
        long unmaskedAtMillis = System.currentTimeMillis();
        ControlChanges.unmask(stack.running().stores(), ACTOR, SET, REASON);
        obeyed(drill, "unmask_ms", unmaskedAtMillis, () -> {
            PodView view = PodView.of(pods);
            return view.allMask(0) ? view.changedAtMillis() : 0;
        });
    }

    /** @param changedAtMillis when the last pod followed; 0 while one has not */
    private static void obeyed(DrillContext drill, String figure, long toldAtMillis, Callable<Long> changedAtMillis)
            throws InterruptedException {
        var changedAt = new AtomicLong();
        drill.await("every pod to follow (" + figure + ")", TELL_MAX, () -> {
            changedAt.set(changedAtMillis.call());
            return changedAt.get() > 0;
        });
        long millis = changedAt.get() - toldAtMillis;
        drill.figure(figure, millis);
        drill.require(millis <= OBEY_MAX.toMillis(), "a pod followed only after " + millis + " ms (" + figure + ")");
    }

    /** Two SETs for one database: one of them would hide what the other one holds. */
    private static void requireRefusal(DrillContext drill, SetAdd adding) throws SQLException {
        try {
            adding.plan("set-d", Optional.of("38-41"), Optional.empty());
            drill.require(false, "a SET that claims databases of set-a was not refused");
        } catch (CommandFailure refused) {
            drill.figure("refused", String.valueOf(refused.getMessage()));
        }
    }

    /** Every packet of the old SETs, by the place where it lies. */
    private static Set<String> packets(StoreAddresses stores) throws SQLException {
        StackSets sets = StackSets.read(stores);
        var packets = new HashSet<String>();
        for (String set : OTHERS) {
            Database database = sets.database(set);
            try (var connection = database.connect();
                    var days = connection.createStatement().executeQuery(DAYS);
                    var statement = connection.createStatement()) {
                while (days.next()) {
                    try (var rows = statement.executeQuery(PACKETS.formatted(days.getString(1)))) {
                        while (rows.next()) {
                            packets.add(set + " " + rows.getString(1));
                        }
                    }
                }
            }
        }
        return packets;
    }
}
