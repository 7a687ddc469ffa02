package io.hongbao.core.sim;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.Decision;
import io.hongbao.core.packet.LivePacket;
import io.hongbao.core.packet.LivePacket.Facts;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Share;
import io.hongbao.core.sim.SimulatedStore.Event;
import io.hongbao.core.sim.SimulatedStore.Row;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Watches every durable change and every answer, and says which promise broke. What is durable is held against the
 * oracle; what is answered is held against what is durable at that moment.
 */
final class Promises implements SimulatedStore.Witness, Pod.Clients {
    private final Map<PacketId, Oracle> oracles = new HashMap<>();
    private final Map<PacketId, Facts> facts = new HashMap<>();
    private final Map<PacketId, Long> dueAtMicros = new HashMap<>();
    private final Map<String, Answer> byRequest = new HashMap<>();
    private final Map<String, Answer> byUser = new HashMap<>();
    private SimulatedStore store;

    /** How many answers of each kind were heard, so that a test knows that nothing went unexercised. */
    final Map<String, Integer> counts = new HashMap<>();

    void watch(SimulatedStore watched) {
        store = watched;
    }

    void expect(Facts packet) {
        facts.put(packet.id(), packet);
        oracles.put(packet.id(), new Oracle(packet.terms(), packet.seed().bytes()));
    }

    Oracle oracle(PacketId id) {
        return oracles.get(id);
    }

    @Override
    public void changed(PacketId id, List<Event> events) {
        Oracle oracle = oracle(id);
        List<Share> shares = store.shares(id);
        int next = shares.size()
                - (int) events.stream()
                        .filter(event -> event.kind() == SimulatedStore.EventKind.OPENED)
                        .count();
        for (Event event : events) {
            count("ROW_" + event.kind());
            switch (event.kind()) {
                case PUBLISHED -> {
                    oracle.publish();
                    dueAtMicros.put(id, store.nowMicros + SimulatedStore.LIFE_MICROS);
                }
                case CLOSED -> oracle.close();
                case OPENED -> {
                    Share share = shares.get(next++);
                    oracle.open(share.userId(), share.sequence(), share.amountFen());
                }
                case REFUNDED -> {
                    oracle.expire(event.amountFen());
                    require(store.nowMicros >= dueAtMicros.get(id), "I6", "a refund before its time");
                }
            }
        }
        checkRow(id, oracle, shares);
    }

    private void checkRow(PacketId id, Oracle oracle, List<Share> shares) {
        PacketState state = store.row(id).state();
        long paidFen = oracle.paid ? facts.get(id).terms().totalFen() : 0;
        long openedFen = 0;
        Set<String> users = new HashSet<>();
        for (Share share : shares) {
            require(share.amountFen() >= 1, "I3", "an empty share");
            require(users.add(share.userId()), "I2", "two shares for " + share.userId());
            openedFen += share.amountFen();
        }
        require(
                openedFen + state.surplusFen() + state.refundFen() == paidFen,
                "I1",
                openedFen + " opened + " + state.surplusFen() + " left + " + state.refundFen() + " refunded != "
                        + paidFen + " paid");
        boolean agrees = switch (state) {
            case PacketState.AwaitingPayment awaiting -> !oracle.paid && !oracle.closed;
            case PacketState.Closed closed -> oracle.closed;
            // Nobody freezes a packet here.
            case PacketState.Frozen frozen -> false;
            case PacketState.Open open ->
                oracle.paid
                        && !oracle.isFinal()
                        && open.surplusFen() == oracle.leftFen()
                        && open.surplusCount() + users.size()
                                == facts.get(id).terms().shareCount();
            case PacketState.Finished finished -> oracle.soldOut();
            case PacketState.Expired expired -> oracle.refunded && expired.refundFen() == oracle.refundFen;
        };
        require(agrees, "I1", "the row says " + state + ", the oracle does not");
    }

    @Override
    public void hear(Call.Open call, Answer answer) {
        Oracle oracle = oracle(call.packetId());
        Long openedFen = oracle.opened.get(call.userId());
        switch (answer) {
            case Answer.Opened opened -> {
                count("ANSWER_OPENED");
                require(
                        openedFen != null && openedFen == opened.amountFen(),
                        "I4",
                        call.userId() + " heard of " + opened.amountFen() + " fen, durable is " + openedFen);
            }
            case Answer.Refused refused -> {
                count(refused.why().name());
                require(openedFen == null, "I7", call.userId() + " has a share and heard " + refused.why());
                require(isTrue(refused.why(), call, oracle), "I7", call.userId() + " heard in error " + refused.why());
            }
            case Answer.Lost lost -> count("LOST");
        }
        if (answer instanceof Answer.Lost
                || answer instanceof Answer.Refused refused && refused.why() == Decision.Refused.NOT_PAID) {
            return;
        }
        same(byRequest, call.packetId() + "/" + call.requestId(), answer);
        same(byUser, call.packetId() + "/" + call.userId() + "/" + call.groupId(), answer);
    }

    private boolean isTrue(Decision.Refused why, Call.Open call, Oracle oracle) {
        Facts packet = facts.get(call.packetId());
        return switch (why) {
            case SOLD_OUT -> oracle.soldOut();
            case EXPIRED -> oracle.refunded;
            case CLOSED -> oracle.closed;
            case NOT_PAID -> !call.paidWhenSent();
            case FROZEN -> false;
            case NOT_IN_GROUP -> !packet.groupId().equals(call.groupId());
            case NOT_FOR_YOU ->
                !packet.exclusiveUserId().isEmpty() && !packet.exclusiveUserId().equals(call.userId());
        };
    }

    private static void same(Map<String, Answer> heard, String key, Answer answer) {
        Answer before = heard.putIfAbsent(key, answer);
        require(before == null || before.equals(answer), "I7", key + " heard " + before + ", then " + answer);
    }

    /** What must hold at the end of a packet's life. */
    void checkEnd(PacketId id, Map<String, Long> transfersFen) {
        Oracle oracle = oracle(id);
        require(oracle.isFinal(), "I9", id + " has not come to an end");
        long paidFen = transfersFen.getOrDefault("payment:" + id, 0L);
        long outFen = 0;
        int credits = 0;
        for (var transfer : transfersFen.entrySet()) {
            if (transfer.getKey().startsWith("credit:" + id + ":")) {
                credits++;
                outFen += transfer.getValue();
            }
        }
        outFen += transfersFen.getOrDefault("refund:" + id, 0L);
        require(credits == oracle.opened.size(), "I5", credits + " credits for " + oracle.opened.size() + " shares");
        require(paidFen == outFen, "I5", "escrow holds " + (paidFen - outFen) + " fen of " + id + " at the end");
        checkRow(id, oracle, store.shares(id));

        Row row = store.row(id);
        var packet = new LivePacket(facts.get(id), row.state(), row.version(), store.shares(id));
        require(packet.conserved(), "I1", "a packet that is not conserved when loaded");
        Share best = store.shares(id).stream()
                .max(Comparator.comparingLong(Share::amountFen)
                        .thenComparing(Share::sequence, Comparator.reverseOrder()))
                .orElse(null);
        require(best == packet.best(), "I3", "best luck is " + packet.best() + " instead of " + best);
    }

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    private static void require(boolean kept, String promise, String what) {
        if (!kept) {
            throw new BrokenPromise(promise, what);
        }
    }
}
