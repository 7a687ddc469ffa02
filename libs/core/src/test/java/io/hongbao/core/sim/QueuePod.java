package io.hongbao.core.sim;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.Decision;
import io.hongbao.core.packet.LivePacket;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Share;
import io.hongbao.core.sim.SimulatedStore.Change;
import io.hongbao.core.sim.SimulatedStore.NewShare;
import io.hongbao.core.sim.SimulatedStore.Outcome;
import io.hongbao.core.sim.SimulatedStore.Row;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * The open service's loop in its barest form: a FIFO per packet, one batch in flight, across packets; load, decide
 * through {@link LivePacket}, commit, and only then answer.
 */
final class QueuePod implements Pod {
    private static final int BATCH_MAX = 8;

    /** What a batch decided about one packet, and who waits for it. */
    private static final class Part {
        final LivePacket packet;
        final long version;
        final List<Call> calls = new ArrayList<>();
        final List<NewShare> shares = new ArrayList<>();
        final Map<Call.Open, Answer> answers = new LinkedHashMap<>();
        final List<Call> askAgain = new ArrayList<>();
        boolean refund;

        Part(LivePacket packet) {
            this.packet = packet;
            this.version = packet.version();
        }

        boolean writes() {
            return refund || !shares.isEmpty();
        }
    }

    private final SimulatedStore store;
    private final Random random;
    private final Set<Rule> rules;
    private final Clients clients;
    private final Map<PacketId, Deque<Call>> queues = new LinkedHashMap<>();
    private final Map<PacketId, LivePacket> memory = new HashMap<>();
    private Map<PacketId, Part> inFlight = Map.of();
    /** After a batch that failed: packets one by one, so that one bad packet spoils its own batch only. */
    private boolean onePacketAtATime;

    QueuePod(SimulatedStore store, Random random, Set<Rule> rules, Clients clients) {
        this.store = store;
        this.random = random;
        this.rules = rules;
        this.clients = clients;
    }

    @Override
    public void take(Call call) {
        queues.computeIfAbsent(call.packetId(), id -> new ArrayDeque<>()).add(call);
    }

    @Override
    public boolean hasWork() {
        return !inFlight.isEmpty() || !queues.isEmpty();
    }

    @Override
    public void step() {
        if (inFlight.isEmpty()) {
            decide();
        } else {
            commit();
        }
    }

    @Override
    public void crash() {
        if (random.nextBoolean()) {
            store.commit(batch());
        }
        inFlight.values().forEach(part -> part.calls.forEach(this::lose));
        queues.values().forEach(queue -> queue.forEach(this::lose));
        inFlight = Map.of();
        queues.clear();
        memory.clear();
    }

    private void lose(Call call) {
        if (call instanceof Call.Open open) {
            clients.hear(open, Answer.Lost.LOST);
        }
    }

    private void decide() {
        var parts = new LinkedHashMap<PacketId, Part>();
        var ids = List.copyOf(queues.keySet());
        for (PacketId id : onePacketAtATime ? List.of(ids.get(random.nextInt(ids.size()))) : ids) {
            Part part = new Part(memory.computeIfAbsent(id, this::load));
            Deque<Call> queue = queues.get(id);
            for (int i = 0; i < BATCH_MAX && !queue.isEmpty(); i++) {
                decide(part, queue.poll());
            }
            if (queue.isEmpty()) {
                queues.remove(id);
            }
            parts.put(id, part);
        }
        onePacketAtATime = false;
        inFlight = parts;
        if (parts.values().stream().noneMatch(Part::writes)) {
            finish();
        } else if (!rules.contains(Rule.ANSWER_AFTER_COMMIT)) {
            parts.values().forEach(part -> part.answers.forEach(clients::hear));
        }
    }

    private LivePacket load(PacketId id) {
        Row row = store.rowBeforeShares(id);
        return new LivePacket(store.facts(id), row.state(), row.version(), store.shares(id));
    }

    private void decide(Part part, Call call) {
        part.calls.add(call);
        switch (call) {
            case Call.Expire expire -> part.refund |= part.packet.expire();
            case Call.Open open -> {
                switch (part.packet.open(open.userId(), open.groupId())) {
                    case Decision.Opened opened -> {
                        part.shares.add(new NewShare(open.userId(), opened.sequence(), opened.amountFen()));
                        part.answers.put(open, new Answer.Opened(opened.sequence(), opened.amountFen()));
                    }
                    case Decision.Replayed replayed ->
                        part.answers.put(
                                open,
                                new Answer.Opened(
                                        replayed.share().sequence(),
                                        replayed.share().amountFen()));
                    case Decision.Wait wait -> part.askAgain.add(open);
                    case Decision.Refused refused -> part.answers.put(open, new Answer.Refused(refused));
                }
            }
        }
    }

    private List<Change> batch() {
        var batch = new ArrayList<Change>();
        inFlight.forEach((id, part) -> {
            if (part.writes()) {
                batch.add(new Change(id, part.version, part.packet.state(), List.copyOf(part.shares), part.refund));
            }
        });
        return batch;
    }

    private void commit() {
        Outcome outcome = store.commit(batch());
        switch (outcome) {
            case DONE -> finish();
            case MISSED, DUPLICATE, NOT_DUE -> startOver(outcome == Outcome.NOT_DUE);
            case UNKNOWN -> {
                if (rules.contains(Rule.LOOK_UP_AFTER_UNKNOWN)) {
                    startOver(false);
                } else {
                    finish();
                }
            }
        }
    }

    /** Everything decided is durable: remember it, and let the callers know. */
    private void finish() {
        Map<PacketId, Part> parts = inFlight;
        inFlight = Map.of();
        parts.forEach((id, part) -> {
            if (part.writes()) {
                part.packet.committed();
                for (NewShare share : part.shares) {
                    part.packet.remember(
                            new Share(share.userId(), share.sequence(), share.amountFen(), store.nowMicros));
                }
            }
            if (part.packet.state() instanceof PacketState.AwaitingPayment && rules.contains(Rule.FORGET_UNPAID)) {
                memory.remove(id);
            }
            requeue(id, part.askAgain);
            if (rules.contains(Rule.ANSWER_AFTER_COMMIT) || !part.writes()) {
                part.answers.forEach(clients::hear);
            }
        });
    }

    /** Nothing decided may be believed: forget it, and ask the packets as the store has them. */
    private void startOver(boolean withoutExpiry) {
        Map<PacketId, Part> parts = inFlight;
        inFlight = Map.of();
        onePacketAtATime = parts.size() > 1;
        parts.forEach((id, part) -> {
            memory.remove(id);
            if (withoutExpiry && !onePacketAtATime) {
                part.calls.removeIf(call -> call instanceof Call.Expire);
            }
            requeue(id, part.calls);
        });
    }

    /** Back to the head of the queue, in their order: first come, first served. */
    private void requeue(PacketId id, List<Call> calls) {
        if (!calls.isEmpty()) {
            Deque<Call> queue = queues.computeIfAbsent(id, any -> new ArrayDeque<>());
            calls.reversed().forEach(queue::addFirst);
        }
    }
}
