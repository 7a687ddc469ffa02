package io.hongbao.core.sim;

import io.hongbao.core.Seeds;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.LivePacket.Facts;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Terms;
import io.hongbao.core.sim.SimulatedStore.Event;
import io.hongbao.core.sim.SimulatedStore.Faults;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A few packets, a store, three pods that all believe they own them, and a crowd of clients, for one whole life of each
 * packet: wrapped, paid or not, opened by everybody at once, expired. One thread; all that happens follows from a seed.
 * At the end the faults stop, and everything must come to rest.
 */
final class World {
    private static final int PACKETS_MAX = 2;
    /** Calls that are open at the end come to rest within this many steps each, or the world hangs. */
    private static final int STEPS_PER_CALL_MAX = 200;

    /** Something from outside, at a place in the order of things. */
    private record Scripted(double at, Runnable happens) {}

    private final Random random;
    private final SimulatedStore store;
    private final Promises promises = new Promises();
    private final List<Pod> pods;
    private final List<PacketId> packets = new ArrayList<>();
    /** Every request, once, as it was before it set out. */
    private final Set<Call.Open> asked = new LinkedHashSet<>();

    private final Deque<Call.Open> retries = new ArrayDeque<>();
    private final List<Scripted> script = new ArrayList<>();
    private final Map<String, Long> transfersFen = new HashMap<>();
    private final int crashPercent;
    private int requestCount;
    /** Where the ring sends the packets; moves now and then, and not everybody hears of it. */
    private int home;

    World(long seed, Set<Rule> rules) {
        // Neighbouring seeds of java.util.Random begin alike.
        random = new Random(seed * 0x9E3779B97F4A7C15L);
        boolean calm = random.nextInt(4) == 0;
        crashPercent = calm ? 0 : random.nextInt(6);
        Faults faults = calm ? new Faults(0, 0) : new Faults(random.nextInt(30), random.nextInt(15));
        store = new SimulatedStore(random, rules, faults, promises);
        promises.watch(store);
        Pod.Clients clients = this::hear;
        pods = List.of(
                new QueuePod(store, random, rules, clients),
                new QueuePod(store, random, rules, clients),
                new PlainPod(store, rules, clients));
    }

    Promises promises() {
        return promises;
    }

    /** @return how many packets lived */
    int run() {
        int packetCount = 1 + random.nextInt(PACKETS_MAX);
        for (int i = 0; i < packetCount; i++) {
            wrap(i);
        }
        script.sort(Comparator.comparingDouble(Scripted::at));
        for (Scripted scripted : script) {
            for (int steps = random.nextInt(5); steps > 0; steps--) {
                disturb();
                work();
            }
            scripted.happens.run();
        }
        heal();
        settle();
        packets.forEach(id -> promises.checkEnd(id, transfersFen));
        return packetCount;
    }

    private void wrap(int number) {
        PacketId id = PacketId.of(PacketId.NORTH, 2518, 0, number, random.nextInt(1_000));
        Terms terms = terms();
        String exclusiveUserId = terms.kind() == PacketKind.EXCLUSIVE ? "user-1" : "";
        Facts facts = new Facts(id, terms, Seeds.seed(random), "user-0", "group", exclusiveUserId);
        packets.add(id);
        promises.expect(facts);
        store.insert(facts);

        int users = 1 + (int) (terms.shareCount() * (0.5 + random.nextDouble()));
        for (int user = 0; user <= users; user++) {
            String group = random.nextInt(12) == 0 ? "other group" : "group";
            ask(id, "user-" + user, group);
        }
        if (random.nextInt(10) < 8) {
            for (int notices = 1 + random.nextInt(3); notices > 0; notices--) {
                at(random.nextDouble() * (notices == 1 ? 0.3 : 1.2), () -> publish(id));
            }
        }
        if (random.nextInt(4) == 0) {
            at(random.nextDouble() * 0.5, () -> store.close(id));
        }
        for (int clocks = random.nextInt(4); clocks > 0; clocks--) {
            at(0.3 + random.nextDouble(), () -> anyPod().take(new Call.Expire(id)));
        }
        if (random.nextBoolean()) {
            at(0.4 + random.nextDouble() * 0.6, () -> {
                store.nowMicros += SimulatedStore.LIFE_MICROS;
                // The scans of two pods find it at the same moment.
                pods.get(0).take(new Call.Expire(id));
                pods.get(random.nextInt(2)).take(new Call.Expire(id));
            });
        }
    }

    private Terms terms() {
        int kind = random.nextInt(10);
        if (kind == 0) {
            return new Terms(PacketKind.EXCLUSIVE, 1 + random.nextInt(20_000), 1, 20_000);
        }
        int shareCount = 1 + random.nextInt(random.nextInt(100) == 0 ? 100 : 10);
        if (kind < 3) {
            return new Terms(PacketKind.EQUAL, shareCount * (1L + random.nextInt(20_000)), shareCount, 20_000);
        }
        long shareMaxFen = 1 + random.nextLong(1L << random.nextInt(16));
        long totalFen = shareCount + random.nextLong((shareMaxFen - 1) * shareCount + 1);
        return new Terms(PacketKind.LUCKY, totalFen, shareCount, shareMaxFen);
    }

    /** A user asks once, or several times, under the same request id or a new one. */
    private void ask(PacketId id, String user, String group) {
        String requestId = "request-" + requestCount++;
        for (int times = random.nextInt(3) == 0 ? 3 : 1; times > 0; times--) {
            String thisId = random.nextBoolean() ? requestId : "request-" + requestCount++;
            at(random.nextDouble(), () -> send(new Call.Open(id, thisId, user, group, false)));
        }
    }

    private void at(double at, Runnable happens) {
        script.add(new Scripted(at, happens));
    }

    private void send(Call.Open call) {
        var sent = new Call.Open(
                call.packetId(),
                call.requestId(),
                call.userId(),
                call.groupId(),
                !(store.row(call.packetId()).state() instanceof PacketState.AwaitingPayment));
        asked.add(call);
        (random.nextInt(4) == 0 ? anyPod() : pods.get(home)).take(sent);
    }

    private void publish(PacketId id) {
        long totalFen = store.facts(id).terms().totalFen();
        if (transfersFen.putIfAbsent("payment:" + id, totalFen) == null) {
            promises.counts.merge("PAID", 1, Integer::sum);
        }
        if (!store.publish(id)) {
            // Money that arrives after the order was closed goes back under the refund's fixed id.
            transfersFen.put("refund:" + id, totalFen);
            promises.counts.merge("PAID_TOO_LATE", 1, Integer::sum);
        }
    }

    private void hear(Call.Open call, Answer answer) {
        promises.hear(call, answer);
        if (answer instanceof Answer.Lost) {
            String requestId = random.nextBoolean() ? call.requestId() : "request-" + requestCount++;
            retries.add(new Call.Open(call.packetId(), requestId, call.userId(), call.groupId(), false));
        }
    }

    private Pod anyPod() {
        return pods.get(random.nextInt(pods.size()));
    }

    private void disturb() {
        if (random.nextInt(100) < crashPercent) {
            anyPod().crash();
        }
        if (random.nextInt(20) == 0) {
            home = random.nextInt(pods.size());
        }
    }

    /** Somebody does something. @return whether there was anything to do */
    private boolean work() {
        store.nowMicros += 1 + random.nextInt(1_000_000);
        if (!retries.isEmpty() && random.nextInt(3) == 0) {
            send(retries.remove());
        }
        if (store.hasLate() && random.nextInt(4) == 0) {
            store.executeLate();
        }
        Pod pod = anyPod();
        for (int i = 0; i < pods.size() && !pod.hasWork(); i++) {
            pod = pods.get(i);
        }
        if (pod.hasWork()) {
            pod.step();
            return true;
        }
        return store.hasLate() || !retries.isEmpty();
    }

    private void drain() {
        int steps = STEPS_PER_CALL_MAX * (asked.size() + 10);
        while (work()) {
            if (--steps == 0) {
                throw new BrokenPromise("I9", "the pods do not come to rest");
            }
        }
    }

    /** The faults stop: every order is closed, finished or expired, and everybody hears how it ended for him. */
    private void heal() {
        store.faults = new Faults(0, 0);
        drain();
        packets.forEach(store::close);
        if (random.nextBoolean()) {
            everybodyAsksAgain();
        }
        store.nowMicros += SimulatedStore.LIFE_MICROS;
        for (PacketId id : packets) {
            pods.get(random.nextInt(2)).take(new Call.Expire(id));
        }
        drain();
        everybodyAsksAgain();
    }

    private void everybodyAsksAgain() {
        List.copyOf(asked).forEach(this::send);
        drain();
    }

    /** The outbox arrives at the ledger in any order, and some of it twice. */
    private void settle() {
        var arriving = new ArrayList<Event>(store.outbox);
        for (Event event : store.outbox) {
            if (random.nextInt(5) == 0) {
                arriving.add(event);
            }
        }
        Collections.shuffle(arriving, random);
        for (Event event : arriving) {
            switch (event.kind()) {
                case OPENED -> transfer("credit:" + event.id() + ":" + event.userId(), event.amountFen());
                case REFUNDED -> transfer("refund:" + event.id(), event.amountFen());
                case PUBLISHED, CLOSED -> {}
            }
        }
    }

    private void transfer(String transferId, long amountFen) {
        Long before = transfersFen.putIfAbsent(transferId, amountFen);
        if (before != null && before != amountFen) {
            throw new BrokenPromise("I5", transferId + " of " + before + " fen, then of " + amountFen);
        }
    }
}
