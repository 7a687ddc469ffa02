package io.hongbao.cli.drill;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.call.Clients;
import io.hongbao.cli.promise.AnswerLog;
import io.hongbao.cli.promise.OpenAnswer;
import io.hongbao.cli.promise.PromiseChecker;
import io.hongbao.cli.promise.PromiseChecker.Moment;
import io.hongbao.cli.promise.StoreReader;
import io.hongbao.cli.promise.Verdict;
import io.hongbao.cli.stack.RunningStack;
import io.hongbao.cli.stack.SetLayout;
import io.hongbao.cli.stack.StackSets;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.set.SetMap;
import io.hongbao.core.set.SetMap.SetRange;
import io.hongbao.core.set.SuffixRange;
import io.hongbao.stackprocess.LocalStack;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A stack under drill, the load on it, and everything its clients were answered. */
public final class DrillStack implements AutoCloseable {
    /** After the load has stopped: the outbox, Kafka and the ledger catch up with a fault that has just healed. */
    private static final Duration SETTLE_MAX = Duration.ofSeconds(90);

    private static final Duration SETTLE_POLL = Duration.ofMillis(500);

    private final RunningStack stack;
    private final Supplier<StoreAddresses> stores;
    private final Clients clients;
    private final AnswerLog answers = new AnswerLog();
    private volatile SetMap sets;
    private volatile int apart = -1;
    private final long seed;
    /** Loads that are over: each has users of its own. */
    private int loadCount;

    private @Nullable SteadyLoad load;

    DrillStack(RunningStack stack, List<SetLayout> layouts, long seed) {
        this(stack, stack::stores, layouts, seed);
    }

    /** @param stores of a region, whose user records may be elsewhere */
    DrillStack(RunningStack stack, Supplier<StoreAddresses> stores, List<SetLayout> layouts, long seed) {
        this.stack = stack;
        this.stores = stores;
        this.clients = new Clients(stack.addresses());
        this.seed = seed;
        this.sets = new SetMap(layouts.stream()
                .map(layout -> new SetRange(
                        layout.name(), SuffixRange.parse(layout.range()), SuffixRange.parse(layout.active())))
                .toList());
    }

    /** What the drill's choices are drawn from. */
    public long seed() {
        return seed;
    }

    public RunningStack running() {
        return stack;
    }

    /** Where its data is. */
    public StoreAddresses stores() {
        return stores.get();
    }

    /** The real servers, to be killed, frozen and brought back. */
    public LocalStack servers() {
        return stack.servers();
    }

    public Clients clients() {
        return clients;
    }

    /** Answers to opens that a drill makes itself go in here, so that they are checked too. */
    public AnswerLog answers() {
        return answers;
    }

    /** The SET of a packet, as far as this stack was told. */
    public String setOf(long packetId) {
        int database = new PacketId(packetId).database();
        return database == apart
                ? "db_%02d".formatted(database)
                : sets.of(new PacketId(packetId)).map(SetRange::name).orElse("unknown");
    }

    /** From now on the packets of this database count as those of a SET of its own. */
    void tellApart(int database) {
        apart = database;
    }

    /** From now on it knows which SETs have joined, and which databases have moved. */
    public void lookForSets() {
        stack.lookForSets();
        try {
            sets = StackSets.read(stack.stores()).map();
        } catch (SQLException away) {
            throw new CommandFailure("control data cannot be read: " + away.getMessage(), away);
        }
    }

    /** A steady load of wrap, pay, grab and open on all SETs, started by the first call, and warmed up. */
    public SteadyLoad load() throws InterruptedException {
        SteadyLoad running = load;
        if (running == null) {
            running = new SteadyLoad(LoadCalls.to(clients), packetId -> answers, this::setOf, seed + loadCount);
            load = running;
            running.warmUp(stores().sets().keySet());
        }
        return running;
    }

    /** Ends the load, and lets what it has begun come to rest. @return the verdict on all that was answered */
    Verdict rest() throws InterruptedException, SQLException {
        stopLoad();
        load = null;
        loadCount++;
        return settledVerdict();
    }

    void stopLoad() throws InterruptedException {
        if (load != null) {
            load.stop();
        }
    }

    /** The verdict once all has come to rest, or the last one if it does not in time. */
    Verdict settledVerdict() throws InterruptedException, SQLException {
        List<OpenAnswer> heard = answers.answers();
        long deadlineNanos = System.nanoTime() + SETTLE_MAX.toNanos();
        while (true) {
            Verdict verdict = verdict(heard);
            if (verdict.allHold() || System.nanoTime() > deadlineNanos) {
                return verdict;
            }
            Thread.sleep(SETTLE_POLL);
        }
    }

    /** The verdict now, with nothing under way. */
    Verdict verdict() throws SQLException {
        return verdict(answers.answers());
    }

    private Verdict verdict(List<OpenAnswer> heard) throws SQLException {
        StoreReader.Rows rows = StoreReader.read(stores());
        return PromiseChecker.check(rows, heard, Moment.SETTLED);
    }

    @Override
    public void close() {
        if (load != null) {
            load.abandon();
        }
        clients.close();
        stack.close();
    }
}
