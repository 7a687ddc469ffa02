package io.hongbao.core.sim;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.LivePacket.Facts;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Share;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What PostgreSQL promises and no more: statements that happen entirely or not at all, guarded rows, primary keys, one
 * clock; and what a network adds: answers that are lost, and statements that take effect after their sender gave up.
 */
final class SimulatedStore {
    /** The life of an order, microseconds. */
    static final long LIFE_MICROS = 24L * 3_600_000_000L;

    record Row(PacketState state, long version, long expiresAtMicros) {}

    /** A share that is to be written; its time is the store's. */
    record NewShare(String userId, int sequence, long amountFen) {}

    /** What one batch does to one packet. */
    record Change(PacketId id, long version, PacketState next, List<NewShare> shares, boolean refund) {}

    enum Outcome {
        DONE,
        /** A guard missed: nothing happened. */
        MISSED,
        /** A share exists already: nothing happened. */
        DUPLICATE,
        /** A refund is not due: nothing happened. */
        NOT_DUE,
        /** No answer: it happened, or it did not, or it still will. */
        UNKNOWN
    }

    enum EventKind {
        PUBLISHED,
        OPENED,
        REFUNDED,
        CLOSED
    }

    record Event(EventKind kind, PacketId id, String userId, long amountFen) {}

    /** Hears of every change at the moment it is durable. */
    interface Witness {
        void changed(PacketId id, List<Event> events);
    }

    /** How often the network and the store fail, in percent of commits. */
    record Faults(int lostPercent, int slowPercent) {}

    private static final class Table {
        final Facts facts;
        final List<Row> history = new ArrayList<>();
        /** A list, not a map: only the share key makes users unique. */
        final List<Share> shares = new ArrayList<>();

        Table(Facts facts) {
            this.facts = facts;
        }
    }

    private final Random random;
    private final Set<Rule> rules;
    private final Witness witness;
    private final Map<PacketId, Table> tables = new LinkedHashMap<>();
    /** Statements whose senders gave up, and which will still be executed. */
    private final List<List<Change>> late = new ArrayList<>();

    final List<Event> outbox = new ArrayList<>();
    Faults faults;
    long nowMicros = 1_700_000_000_000_000L;

    SimulatedStore(Random random, Set<Rule> rules, Faults faults, Witness witness) {
        this.random = random;
        this.rules = rules;
        this.faults = faults;
        this.witness = witness;
    }

    void insert(Facts facts) {
        Table table = new Table(facts);
        table.history.add(new Row(new PacketState.AwaitingPayment(), 0, Long.MAX_VALUE));
        tables.put(facts.id(), table);
    }

    Facts facts(PacketId id) {
        return table(id).facts;
    }

    Row row(PacketId id) {
        return table(id).history.getLast();
    }

    /**
     * The row as a reader may see it who asks for the shares in a second statement: now and then one change old. The
     * change is never the publish, since that would put the reading of the row before the requests it is to answer.
     */
    Row rowBeforeShares(PacketId id) {
        List<Row> history = table(id).history;
        if (random.nextInt(10) > 0 || history.size() < 2) {
            return history.getLast();
        }
        Row before = history.get(history.size() - 2);
        return before.state() instanceof PacketState.AwaitingPayment ? history.getLast() : before;
    }

    List<Share> shares(PacketId id) {
        return List.copyOf(table(id).shares);
    }

    @Nullable
    Share share(PacketId id, String userId) {
        for (Share share : table(id).shares) {
            if (share.userId().equals(userId)) {
                return share;
            }
        }
        return null;
    }

    /** Publishes a paid packet, once. @return false if the order is closed, and the money has to go back */
    boolean publish(PacketId id) {
        Table table = table(id);
        Row row = row(id);
        if (row.state() instanceof PacketState.AwaitingPayment awaiting) {
            PacketState open = awaiting.publish(table.facts.terms());
            table.history.add(new Row(open, row.version() + 1, nowMicros + LIFE_MICROS));
            emit(
                    id,
                    List.of(new Event(
                            EventKind.PUBLISHED, id, "", table.facts.terms().totalFen())));
        }
        return !(row.state() instanceof PacketState.Closed);
    }

    /** Closes an unpaid order; does nothing to a paid one. */
    void close(PacketId id) {
        Row row = row(id);
        if (row.state() instanceof PacketState.AwaitingPayment awaiting) {
            table(id).history.add(new Row(awaiting.close(), row.version() + 1, Long.MAX_VALUE));
            emit(id, List.of(new Event(EventKind.CLOSED, id, "", 0)));
        }
    }

    /** One statement and one fsync for all the changes, or nothing at all. */
    Outcome commit(List<Change> batch) {
        int luck = random.nextInt(100);
        if (luck < faults.slowPercent()) {
            late.add(batch);
            return Outcome.UNKNOWN;
        }
        if (luck < faults.slowPercent() + faults.lostPercent()) {
            if (random.nextBoolean()) {
                apply(batch);
            }
            return Outcome.UNKNOWN;
        }
        return apply(batch);
    }

    boolean hasLate() {
        return !late.isEmpty();
    }

    /** Executes a statement that nobody waits for any more. */
    void executeLate() {
        apply(late.remove(random.nextInt(late.size())));
    }

    private Outcome apply(List<Change> batch) {
        for (Change change : batch) {
            Row row = row(change.id());
            if (rules.contains(Rule.VERSION_GUARD) && row.version() != change.version()) {
                return Outcome.MISSED;
            }
            if (change.refund() && rules.contains(Rule.DUE_BY_STORE_CLOCK) && row.expiresAtMicros() > nowMicros) {
                return Outcome.NOT_DUE;
            }
            for (NewShare share : change.shares()) {
                if (rules.contains(Rule.SHARE_KEY) && share(change.id(), share.userId()) != null) {
                    return Outcome.DUPLICATE;
                }
            }
        }
        for (Change change : batch) {
            Table table = table(change.id());
            Row row = row(change.id());
            table.history.add(new Row(change.next(), row.version() + 1, row.expiresAtMicros()));
            var events = new ArrayList<Event>();
            for (NewShare share : change.shares()) {
                table.shares.add(new Share(share.userId(), share.sequence(), share.amountFen(), nowMicros));
                events.add(new Event(EventKind.OPENED, change.id(), share.userId(), share.amountFen()));
            }
            if (change.refund()) {
                events.add(new Event(
                        EventKind.REFUNDED, change.id(), "", change.next().refundFen()));
            }
            emit(change.id(), events);
        }
        return Outcome.DONE;
    }

    private void emit(PacketId id, List<Event> events) {
        outbox.addAll(events);
        witness.changed(id, events);
    }

    private Table table(PacketId id) {
        return tables.get(id);
    }
}
