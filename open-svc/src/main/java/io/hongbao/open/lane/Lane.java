package io.hongbao.open.lane;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEADLINE_PASSED;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_DRAINING;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_INTERNAL;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_OVERLOADED;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_BUSY;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_CONTENDED;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_NOT_FOUND;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_SET_UNAVAILABLE;

import io.hongbao.core.answer.AnswerBatch;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.Decision;
import io.hongbao.core.packet.LivePacket;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Share;
import io.hongbao.kit.Refusal;
import io.hongbao.kit.trace.Step;
import io.hongbao.kit.trace.Traces;
import io.hongbao.open.OpenMetrics;
import io.hongbao.open.OpenMetrics.Shed;
import io.hongbao.open.gate.PacketGate;
import io.hongbao.open.lane.PacketQueue.Phase;
import io.hongbao.orders.PacketRow;
import io.hongbao.orders.PacketStore;
import io.hongbao.orders.ShareRow;
import io.hongbao.orders.StoreException;
import io.netty.util.collection.LongObjectHashMap;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * A lane opens the packets of its part of a SET. Requests queue per packet; the lane takes what has queued, across
 * packets, decides the amounts in memory, commits the whole batch in one statement, and only then answers.
 *
 * <pre>
 *  gRPC threads │ lane thread (an event loop)                                    │ PostgreSQL
 *  submit ──▶ inbox ──▶ packet queues ──▶ decide ──▶ batch ───────────────────────▶ one statement,
 *               │              ▲              │                                  │   one fsync
 *  answer ◀─────┼──────────────┼── refused ◀──┘         committed: answer ◀──────┤
 *               │              └───────── forget, reload ◀── missed or unknown ──┤
 * </pre>
 *
 * <p>One batch of a lane is in flight at a time, so a packet is never decided on while a decision about it is not
 * durable, and what waits meanwhile becomes the next batch: the longer a commit takes, the larger the batch.
 *
 * <p>The lane is the fast path, not the safe one. Another pod may open the same packet; then the guard on the row's
 * version lets one of them commit, and the other forgets what it knew and reads the row again. Before it reads it asks
 * the gate, so that pods that keep meeting at a packet are few; on the usual path nobody asks.
 */
public final class Lane {
    private static final Logger LOG = Logger.getLogger(Lane.class);

    /**
     * A move keeps its packets waiting for some seconds: a batch that fails for their sake every so often costs little, and
     * who comes back is soon served.
     */
    private static final long MOVING_PAUSE_NANOS = 500_000_000;

    private final String name;
    private final PacketStore store;
    private final PacketGate gate;
    private final LaneLimits limits;
    private final OpenMetrics metrics;
    private final Traces traces;
    private final Context context;
    private final LongSupplier nanoTime;

    /** Filled by any thread, emptied by the lane's. */
    private final Queue<Command> inbox = new ConcurrentLinkedQueue<>();

    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile boolean draining;

    // Everything below belongs to the lane's thread.
    private final LongObjectHashMap<PacketQueue> packets = new LongObjectHashMap<>();
    private final ArrayDeque<PacketQueue> ready = new ArrayDeque<>();
    private final ArrayDeque<PacketQueue> unloaded = new ArrayDeque<>();
    private final AnswerBatch answers = new AnswerBatch(
            callerGone -> LOG.debugf("Answer could not be delivered error=%s", callerGone.getMessage()));
    /** Databases that were refused since they move, and until when they are not tried again. */
    private final Map<Integer, Long> movingUntilNanos = new HashMap<>();

    private boolean committing;
    private boolean loading;

    /** @param context an event-loop context of the lane's own */
    Lane(
            String name,
            PacketStore store,
            PacketGate gate,
            LaneLimits limits,
            OpenMetrics metrics,
            Traces traces,
            Context context,
            LongSupplier nanoTime) {
        this.name = name;
        this.store = store;
        this.gate = gate;
        this.limits = limits;
        this.metrics = metrics;
        this.traces = traces;
        this.context = context;
        this.nanoTime = nanoTime;
    }

    public String name() {
        return name;
    }

    /** Requests that are queued or in flight. */
    public int waitingCount() {
        return waiting.get();
    }

    /** Packets in memory; exact on the lane's thread, near it elsewhere. */
    public int rememberedCount() {
        return packets.size();
    }

    /** Queues a command, or refuses it at once. Any thread. */
    public void submit(Command command) {
        if (draining) {
            command.refuse(Refusal.of(ERROR_REASON_DRAINING, "this pod is shutting down"));
            return;
        }
        if (waiting.incrementAndGet() > limits.queuedPerLaneMax()) {
            waiting.decrementAndGet();
            metrics.shed(Shed.LANE_FULL);
            command.refuse(Refusal.of(ERROR_REASON_OVERLOADED, "too many requests wait"));
            return;
        }
        inbox.add(command);
        wake();
    }

    /** Takes nothing new from now on; what is queued is still done. */
    void drain() {
        draining = true;
    }

    private void wake() {
        if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
            context.runOnContext(nothing -> run());
        }
    }

    private void run() {
        scheduled.set(false);
        accept();
        load();
        commit();
        // Deciding may have found packets whose row must be read again.
        load();
        answers.flush();
    }

    /** Moves what came in to the queues of its packets. */
    private void accept() {
        long now = nanoTime.getAsLong();
        Command command;
        while ((command = inbox.poll()) != null) {
            if (isMoving(command.packetId, now)) {
                refuse(command, moving());
                continue;
            }
            PacketQueue queue = packets.get(command.packetId.value());
            if (queue == null) {
                if (packets.size() >= limits.rememberedPacketsMax()) {
                    forgetIdle(0);
                }
                queue = new PacketQueue(command.packetId);
                packets.put(command.packetId.value(), queue);
            }
            queue.usedNanos = now;
            if (queue.size() >= limits.queuedPerPacketMax()) {
                metrics.shed(Shed.PACKET_FULL);
                refuse(command, Refusal.of(ERROR_REASON_PACKET_BUSY, "too many requests wait for this packet"));
                continue;
            }
            queue.add(command);
            list(queue);
        }
    }

    /** Puts a queue where its phase has it wait; it stands in one list, once. */
    private void list(PacketQueue queue) {
        if (queue.listed || queue.isEmpty()) {
            return;
        }
        switch (queue.phase) {
            case UNLOADED -> {
                queue.listed = true;
                unloaded.add(queue);
            }
            case READY -> {
                queue.listed = true;
                ready.add(queue);
            }
            case LOADING, IN_FLIGHT -> {
                // Listed again when the read or the commit ends.
            }
        }
    }

    // ---- load ----

    private void load() {
        if (loading || unloaded.isEmpty()) {
            return;
        }
        List<PacketQueue> queues = new ArrayList<>();
        long now = nanoTime.getAsLong();
        int dayOfMonth = unloaded.getFirst().dayOfMonth;
        for (int left = unloaded.size(); left > 0 && queues.size() < limits.batchSharesMax(); left--) {
            PacketQueue queue = unloaded.removeFirst();
            if (now < queue.contendedUntilNanos && !queue.admitted && !queue.hasUnknown()) {
                queue.listed = false;
                queue.phase = Phase.LOADING;
                askGate(queue);
            } else if (queue.dayOfMonth == dayOfMonth) {
                queue.listed = false;
                queue.phase = Phase.LOADING;
                queue.admitted = false;
                queues.add(queue);
            } else {
                unloaded.addLast(queue);
            }
        }
        if (queues.isEmpty()) {
            return;
        }
        loading = true;
        List<Long> ids = queues.stream().map(queue -> queue.id.value()).toList();
        store.load(dayOfMonth, ids)
                .compose(rows -> {
                    // A packet nobody has opened yet has no shares to read: true of most packets when they are loaded.
                    List<Long> begun = rows.values().stream()
                            .filter(Lane::hasShares)
                            .map(row -> row.facts().id().value())
                            .toList();
                    Future<Map<Long, List<ShareRow>>> shares =
                            begun.isEmpty() ? Future.succeededFuture(Map.of()) : store.loadShares(dayOfMonth, begun);
                    return shares.map(found -> {
                        loaded(queues, rows, found);
                        return (Void) null;
                    });
                })
                .onFailure(failure -> notLoaded(queues, failure))
                .onComplete(done -> {
                    loading = false;
                    run();
                });
    }

    /** Other pods open this packet, too: this one goes on only if not too many do. */
    private void askGate(PacketQueue queue) {
        gate.enter(queue.id)
                .onSuccess(entered -> context.runOnContext(nothing -> {
                    queue.phase = Phase.UNLOADED;
                    if (entered) {
                        queue.admitted = true;
                        list(queue);
                    } else {
                        contended(queue);
                        while (!queue.isEmpty()) {
                            metrics.shed(Shed.PODS_FULL);
                            refuse(
                                    queue.take(),
                                    Refusal.of(ERROR_REASON_PACKET_CONTENDED, "enough other pods open this packet"));
                        }
                    }
                    run();
                }));
    }

    /** Another pod was met at this packet, or stands in its gate. */
    private void contended(PacketQueue queue) {
        queue.contendedUntilNanos = nanoTime.getAsLong() + limits.podPlaceTime().toNanos();
    }

    private static boolean hasShares(PacketRow row) {
        return row.published()
                && row.state().surplusCount() < row.facts().terms().shareCount();
    }

    private void loaded(List<PacketQueue> queues, Map<Long, PacketRow> rows, Map<Long, List<ShareRow>> shares) {
        metrics.loaded(queues.size());
        for (PacketQueue queue : queues) {
            PacketRow row = rows.get(queue.id.value());
            if (row == null) {
                forget(queue, Refusal.of(ERROR_REASON_PACKET_NOT_FOUND, "no packet has this number"));
                continue;
            }
            List<Share> known = shares.getOrDefault(queue.id.value(), List.of()).stream()
                    .map(ShareRow::share)
                    .toList();
            LivePacket memory = new LivePacket(row.facts(), row.state(), row.version(), known);
            if (memory.conserved()) {
                queue.memory = memory;
                queue.phase = Phase.READY;
                list(queue);
            } else {
                notConserved(queue);
            }
        }
    }

    /** The shares were read a moment after the row, so another pod may have come between; else nothing is paid out. */
    private void notConserved(PacketQueue queue) {
        if (++queue.failedAttempts < limits.attemptsMax()) {
            queue.phase = Phase.UNLOADED;
            list(queue);
            return;
        }
        metrics.notConserved();
        LOG.errorf("Packet is not conserved, nothing is paid out of it packet_id=%d", queue.id.value());
        forget(queue, Refusal.of(ERROR_REASON_INTERNAL, "the packet is inconsistent and frozen"));
    }

    private void notLoaded(List<PacketQueue> queues, Throwable failure) {
        if (failure instanceof StoreException known && known.database().isPresent()) {
            setAside(known.database().getAsInt(), queues);
            return;
        }
        Refusal refusal = refusalOf(failure);
        LOG.warnf("Packets could not be read set=%s packets=%d error=%s", store.name(), queues.size(), failure);
        for (PacketQueue queue : queues) {
            if (queue.phase == Phase.LOADING) {
                forget(queue, refusal);
            }
        }
    }

    /** Refuses what waits for packets of a database that moves; the others of its batch begin anew. */
    private void setAside(int database, Iterable<PacketQueue> queues) {
        LOG.infof("Packets of a database that moves are refused set=%s database=%02d", store.name(), database);
        movingUntilNanos.put(database, nanoTime.getAsLong() + MOVING_PAUSE_NANOS);
        for (PacketQueue queue : queues) {
            if (queue.id.database() == database) {
                forget(queue, moving());
            } else {
                unload(queue);
                list(queue);
                if (queue.isEmpty()) {
                    packets.remove(queue.id.value());
                }
            }
        }
    }

    private boolean isMoving(PacketId id, long now) {
        if (movingUntilNanos.isEmpty()) {
            return false;
        }
        Long until = movingUntilNanos.get(id.database());
        if (until != null && now - until >= 0) {
            movingUntilNanos.remove(id.database());
            return false;
        }
        return until != null;
    }

    private Refusal moving() {
        return Refusal.of(ERROR_REASON_SET_UNAVAILABLE, "the packet is on its way to another SET")
                .with("set", store.name());
    }

    /** Refuses what waits for a packet, and forgets it. */
    private void forget(PacketQueue queue, Refusal refusal) {
        while (!queue.isEmpty()) {
            refuse(queue.take(), refusal);
        }
        packets.remove(queue.id.value());
    }

    // ---- decide and commit ----

    private void commit() {
        if (committing) {
            return;
        }
        Batch batch = decide();
        while (batch.isEmpty() && !ready.isEmpty()) {
            // Everything taken was answered from memory: go on.
            batch = decide();
        }
        if (batch.isEmpty()) {
            return;
        }
        committing = true;
        Batch committed = batch;
        long begun = nanoTime.getAsLong();
        metrics.waited(batch.longestWaitNanos(begun));
        var events = batch.events();
        store.commit(batch.dayOfMonth, batch.rows(), events.toByteArray(), events.getEventsCount())
                .onComplete(outcome -> {
                    committing = false;
                    metrics.committed(
                            committed.shareCount(), committed.packetCount(), nanoTime.getAsLong() - begun, outcome);
                    traces.done(Step.OPENS_COMMIT, store.name(), committed::packetIds, begun, outcome.cause());
                    if (outcome.succeeded()) {
                        durable(committed, outcome.result());
                    } else {
                        failed(committed, outcome.cause());
                    }
                    run();
                });
    }

    /** Takes what waits, packet by packet, and decides it. What needs no commit is answered; the rest is the batch. */
    private Batch decide() {
        PacketQueue first = ready.peekFirst();
        Batch batch = new Batch(first == null ? 0 : first.dayOfMonth);
        long now = nanoTime.getAsLong();
        for (int left = ready.size(); left > 0 && batch.shareCount() < limits.batchSharesMax(); left--) {
            PacketQueue queue = ready.removeFirst();
            boolean fits = queue.dayOfMonth == batch.dayOfMonth
                    && (queue.failedAttempts == 0 || batch.isEmpty())
                    && batch.hasTable(queue.id.suffix(), limits.tablesPerBatchMax());
            if (!fits) {
                ready.addLast(queue);
                continue;
            }
            queue.listed = false;
            decide(queue, batch, now);
            if (queue.failedAttempts > 0 && !batch.isEmpty()) {
                break;
            }
        }
        return batch;
    }

    private void decide(PacketQueue queue, Batch batch, long now) {
        LivePacket memory = queue.memory;
        if (memory == null) {
            throw new IllegalStateException("packet " + queue.id + " is ready and not in memory");
        }
        boolean changed = false;
        boolean expired = false;
        Command command;
        while ((command = queue.peek()) != null && batch.shareCount() < limits.batchSharesMax()) {
            if (command.isTooLate()) {
                refuse(queue.take(), Refusal.of(ERROR_REASON_DEADLINE_PASSED, "the deadline passed in the queue"));
                continue;
            }
            if (now - command.enqueuedNanos > limits.queueingTimeMax().toNanos() && !command.retried) {
                metrics.shed(Shed.WAITED_TOO_LONG);
                refuse(queue.take(), Refusal.of(ERROR_REASON_OVERLOADED, "the request waited too long"));
                continue;
            }
            if (queue.oneByOne && changed) {
                break;
            }
            if (command instanceof Command.Open open) {
                Decision decision = memory.open(open.userId, open.groupId);
                if (decision instanceof Decision.Opened opened) {
                    changed = true;
                    queue.take();
                    batch.opened(queue, open, opened);
                } else if (decision == Decision.Wait.FOR_COMMIT || changed && restsOnState(decision)) {
                    // Its answer depends on what this batch decides: after the commit.
                    break;
                } else {
                    queue.take();
                    answer(open, decision);
                }
            } else if (command instanceof Command.Expire expire) {
                if (changed) {
                    break;
                }
                queue.take();
                if (memory.expire()) {
                    changed = true;
                    expired = true;
                    batch.expired(queue, expire);
                    break;
                }
                answered(expire, () -> expire.done(memory.state()));
            }
        }
        if (changed) {
            queue.phase = Phase.IN_FLIGHT;
            batch.touch(queue, memory, expired);
        } else if (memory.state() instanceof PacketState.AwaitingPayment
                || memory.state() instanceof PacketState.Frozen) {
            // It is paid, or unfrozen, elsewhere: the next request reads the row again.
            unload(queue);
            list(queue);
            if (queue.isEmpty()) {
                packets.remove(queue.id.value());
            }
        } else {
            list(queue);
        }
    }

    /** Whether a refusal would be void if the changes decided before it were not committed. */
    private static boolean restsOnState(Decision decision) {
        return decision == Decision.Refused.SOLD_OUT || decision == Decision.Refused.EXPIRED;
    }

    private void answer(Command.Open open, Decision decision) {
        switch (decision) {
            case Decision.Replayed replayed -> {
                Share share = replayed.share();
                boolean replay = !open.retried;
                answered(open, () -> open.opened(share.sequence(), share.amountFen(), share.openedAtMicros(), replay));
            }
            case Decision.Refused refused -> answered(open, () -> open.refused(refused));
            case Decision.Opened opened -> throw new IllegalStateException("a new share is answered after its commit");
            case Decision.Wait wait -> throw new IllegalStateException("a share that is in flight is not answered");
        }
    }

    private void durable(Batch batch, long nowMicros) {
        metrics.decided(batch.sharesFen(), batch.refundsFen());
        for (PacketQueue queue : batch.queues()) {
            memoryOf(queue).committed();
            queue.phase = Phase.READY;
            queue.failedAttempts = 0;
            queue.oneByOne = false;
        }
        for (Batch.Decided decided : batch.decided()) {
            LivePacket memory = memoryOf(decided.queue());
            Decision.Opened opened = decided.opened();
            if (opened != null && decided.command() instanceof Command.Open open) {
                memory.remember(new Share(open.userId, opened.sequence(), opened.amountFen(), nowMicros));
                answered(open, () -> open.opened(opened.sequence(), opened.amountFen(), nowMicros, false));
            } else if (decided.command() instanceof Command.Expire expire) {
                metrics.expired();
                answered(expire, () -> expire.done(memory.state()));
            }
        }
        for (PacketQueue queue : batch.queues()) {
            list(queue);
        }
    }

    /** What was decided is void, or nobody knows: the memory is forgotten, and the requests go back to their queues. */
    private void failed(Batch batch, Throwable failure) {
        StoreException.Effect effect =
                failure instanceof StoreException known ? known.effect() : StoreException.Effect.UNKNOWN;
        LOG.warnf(
                "Batch was not committed lane=%s packets=%d shares=%d effect=%s error=%s",
                name, batch.packetCount(), batch.shareCount(), effect, failure.getMessage());
        if (failure instanceof StoreException known && known.database().isPresent()) {
            List<Batch.Decided> taken = batch.decided();
            for (int i = taken.size() - 1; i >= 0; i--) {
                taken.get(i).queue().addFirst(taken.get(i).command());
            }
            setAside(known.database().getAsInt(), batch.queues());
            return;
        }
        for (PacketQueue queue : batch.queues()) {
            unload(queue);
            queue.failedAttempts++;
        }
        List<Batch.Decided> decided = batch.decided();
        boolean refusedForItself = effect == StoreException.Effect.REJECTED && batch.shareCount() == 1;
        for (int i = decided.size() - 1; i >= 0; i--) {
            PacketQueue queue = decided.get(i).queue();
            Command command = decided.get(i).command();
            switch (effect) {
                case NOT_SENT, MOVING -> refuse(command, refusalOf(failure));
                case GUARD_MISSED, DUPLICATE, REJECTED, NO_TABLES, UNKNOWN -> {
                    command.retried |= effect == StoreException.Effect.UNKNOWN;
                    if (refusedForItself) {
                        refuse(command, Refusal.of(ERROR_REASON_INTERNAL, "the order store refused this request"));
                    } else if (command instanceof Command.Expire expire
                            && effect == StoreException.Effect.GUARD_MISSED
                            && batch.packetCount() == 1) {
                        // Not due, or another pod was faster: if it still is due, the next scan finds it again.
                        answered(expire, expire::notDue);
                    } else if (queue.failedAttempts >= limits.attemptsMax()) {
                        refuse(
                                command,
                                Refusal.of(ERROR_REASON_SET_UNAVAILABLE, "the packet could not be committed")
                                        .with("set", store.name()));
                    } else {
                        queue.addFirst(command);
                    }
                }
            }
        }
        if (batch.meansAnotherPod(effect)) {
            batch.queues().forEach(this::contended);
        }
        for (PacketQueue queue : batch.queues()) {
            queue.oneByOne = batch.packetCount() == 1 && effect == StoreException.Effect.REJECTED;
            if (queue.isEmpty()) {
                packets.remove(queue.id.value());
            } else {
                list(queue);
            }
        }
    }

    private static void unload(PacketQueue queue) {
        queue.memory = null;
        queue.phase = Phase.UNLOADED;
    }

    private static LivePacket memoryOf(PacketQueue queue) {
        LivePacket memory = queue.memory;
        if (memory == null) {
            throw new IllegalStateException("packet " + queue.id + " was forgotten while in flight");
        }
        return memory;
    }

    // ---- answers ----

    private void refuse(Command command, Refusal refusal) {
        answered(command, () -> command.refuse(refusal));
    }

    private void answered(Command command, Runnable answer) {
        waiting.decrementAndGet();
        if (command.answerOn == null) {
            answer.run();
        } else {
            answers.add(command.answerOn, answer);
        }
    }

    private static Refusal refusalOf(Throwable failure) {
        return failure instanceof StoreException known
                ? known.toRefusal()
                : Refusal.of(ERROR_REASON_INTERNAL, "internal error");
    }

    // ---- memory ----

    /** Forgets packets that nobody asked for lately. Called on a schedule. */
    void sweep() {
        context.runOnContext(nothing -> forgetIdle(limits.idleMax().toNanos()));
    }

    private void forgetIdle(long idleNanos) {
        long now = nanoTime.getAsLong();
        int before = packets.size();
        packets.values()
                .removeIf(queue -> queue.isEmpty()
                        && !queue.listed
                        && (queue.phase == Phase.READY || queue.phase == Phase.UNLOADED)
                        && now - queue.usedNanos >= idleNanos);
        metrics.forgotten(before - packets.size());
    }
}
