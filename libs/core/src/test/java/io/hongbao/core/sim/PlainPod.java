package io.hongbao.core.sim;

import io.hongbao.core.packet.Decision;
import io.hongbao.core.packet.LivePacket.Facts;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Share;
import io.hongbao.core.sim.SimulatedStore.Change;
import io.hongbao.core.sim.SimulatedStore.NewShare;
import io.hongbao.core.sim.SimulatedStore.Row;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An older version of the service, side by side with the new one: no queue, no memory, one statement per open. It draws
 * from the row alone and leaves it to the share key to tell it that the user has a share.
 */
final class PlainPod implements Pod {
    private record Drawn(Call.Open call, Change change) {}

    private final SimulatedStore store;
    private final Set<Rule> rules;
    private final Clients clients;
    private final Deque<Call> queue = new ArrayDeque<>();
    private @Nullable Drawn drawn;

    PlainPod(SimulatedStore store, Set<Rule> rules, Clients clients) {
        this.store = store;
        this.rules = rules;
        this.clients = clients;
    }

    @Override
    public void take(Call call) {
        queue.add(call);
    }

    @Override
    public boolean hasWork() {
        return drawn != null || !queue.isEmpty();
    }

    @Override
    public void step() {
        Drawn ready = drawn;
        if (ready != null) {
            drawn = null;
            commit(ready);
            return;
        }
        switch (queue.remove()) {
            case Call.Open open -> draw(open);
            case Call.Expire expire -> expire(expire);
        }
    }

    @Override
    public void crash() {
        if (drawn != null) {
            clients.hear(drawn.call, Answer.Lost.LOST);
            drawn = null;
        }
        for (Call call : queue) {
            if (call instanceof Call.Open open) {
                clients.hear(open, Answer.Lost.LOST);
            }
        }
        queue.clear();
    }

    private void draw(Call.Open call) {
        Facts facts = store.facts(call.packetId());
        if (!facts.groupId().equals(call.groupId())) {
            clients.hear(call, new Answer.Refused(Decision.Refused.NOT_IN_GROUP));
            return;
        }
        if (!facts.exclusiveUserId().isEmpty() && !facts.exclusiveUserId().equals(call.userId())) {
            clients.hear(call, new Answer.Refused(Decision.Refused.NOT_FOR_YOU));
            return;
        }
        Row row = store.row(call.packetId());
        switch (row.state()) {
            case PacketState.Open open -> {
                PacketState.Opening opening = open.open(facts.terms(), facts.seed());
                var share = new NewShare(call.userId(), opening.sequence(), opening.amountFen());
                drawn = new Drawn(
                        call, new Change(call.packetId(), row.version(), opening.next(), List.of(share), false));
            }
            case PacketState.Finished finished -> replayOr(call, Decision.Refused.SOLD_OUT);
            case PacketState.Expired expired -> replayOr(call, Decision.Refused.EXPIRED);
            case PacketState.AwaitingPayment awaiting -> replayOr(call, Decision.Refused.NOT_PAID);
            case PacketState.Closed closed -> replayOr(call, Decision.Refused.CLOSED);
            case PacketState.Frozen frozen -> replayOr(call, Decision.Refused.FROZEN);
        }
    }

    private void replayOr(Call.Open call, Decision.Refused refused) {
        Share share = store.share(call.packetId(), call.userId());
        clients.hear(
                call,
                share == null ? new Answer.Refused(refused) : new Answer.Opened(share.sequence(), share.amountFen()));
    }

    private void commit(Drawn ready) {
        NewShare share = ready.change.shares().getFirst();
        switch (store.commit(List.of(ready.change))) {
            case DONE -> clients.hear(ready.call, new Answer.Opened(share.sequence(), share.amountFen()));
            case DUPLICATE -> replayOr(ready.call, Decision.Refused.SOLD_OUT);
            case MISSED, NOT_DUE -> queue.addFirst(ready.call);
            case UNKNOWN -> {
                if (rules.contains(Rule.LOOK_UP_AFTER_UNKNOWN)) {
                    queue.addFirst(ready.call);
                } else {
                    clients.hear(ready.call, new Answer.Opened(share.sequence(), share.amountFen()));
                }
            }
        }
    }

    private void expire(Call.Expire call) {
        Row row = store.row(call.packetId());
        if (row.state() instanceof PacketState.Open open) {
            store.commit(List.of(new Change(call.packetId(), row.version(), open.expire(), List.of(), true)));
        }
    }
}
