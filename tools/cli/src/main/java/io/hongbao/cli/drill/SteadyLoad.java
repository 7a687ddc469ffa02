package io.hongbao.cli.drill;

import io.grpc.StatusRuntimeException;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.call.CallFailure;
import io.hongbao.cli.promise.AnswerLog;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.GetPaymentStatusRequest;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.GrabResult;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A closed loop of few clients: senders wrap and pay wherever send-svc puts their orders; each SET has openers of its own,
 * who grab and open its packets. So a SET that holds up its clients takes none away from the others, and what the others
 * lose they lose to the services.
 *
 * <p>A client who is told to come back does so, with the same request, until he has an answer: what became of a call
 * without one is checked by what he hears then.
 */
public final class SteadyLoad {
    /** Enough to keep batches filled, few enough to leave the services some of this machine. */
    private static final int SENDER_COUNT = 4;

    private static final int OPENERS_PER_SET = 8;
    private static final int SHARE_COUNT = 40;
    private static final long TOTAL_FEN = 10 * SHARE_COUNT;
    /** Packets for the openers of each SET; what is sent beyond that stays unopened. Openers never run dry. */
    private static final int STOCKED_MAX = 60;
    /** For one sender: 10,000 packets. */
    private static final long DEPOSIT_FEN = 1_000_000;

    private static final int DEPOSIT_COUNT = 4;
    private static final Duration SENDER_REST = Duration.ofMillis(20);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(100);
    private static final Duration PUBLISH_MAX = Duration.ofSeconds(30);
    /** The JVMs have compiled their hot paths by then, on two busy cores. */
    private static final Duration WARM_UP = Duration.ofSeconds(8);

    private static final Duration WARM_UP_MAX = Duration.ofSeconds(60);
    /** Every call has a deadline; after the last one all clients have ended. */
    private static final Duration STOP_MAX = Duration.ofSeconds(30);

    private static final String GROUP = "drill";

    /** A published packet. The next user is number {@code userCount}. */
    private record Stocked(long packetId, String set, AtomicInteger userCount) {}

    private record Place(Step step, String set) {}

    private final LoadCalls calls;
    private final LongFunction<AnswerLog> answersOf;
    private final LongFunction<String> setOf;
    /** Names of this load differ from those of another one on the same data. */
    private final String prefix;

    private final Map<String, ConcurrentLinkedQueue<Stocked>> stock = new ConcurrentHashMap<>();
    private final Map<Place, Long> lastDoneNanos = new ConcurrentHashMap<>();
    private final Set<String> sets = new ConcurrentSkipListSet<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong requestCount = new AtomicLong();
    private volatile LoadWindow window = new LoadWindow();
    private volatile boolean stopping;

    /**
     * @param answersOf where the answers about a packet go
     * @param setOf what has openers of its own: the SET of a packet, or its region
     */
    SteadyLoad(LoadCalls calls, LongFunction<AnswerLog> answersOf, LongFunction<String> setOf, long seed) {
        this.calls = calls;
        this.answersOf = answersOf;
        this.setOf = setOf;
        this.prefix = "drill" + Long.toUnsignedString(seed, Character.MAX_RADIX);
    }

    /** Starts the clients, and returns when every SET has packets and all code has run for a while. */
    void warmUp(Collection<String> expectedSets) throws InterruptedException {
        for (int i = 0; i < SENDER_COUNT; i++) {
            String sender = prefix + "-sender-" + i;
            for (int n = 0; n < DEPOSIT_COUNT; n++) {
                String requestId = "deposit-" + n;
                untilAnswered(() -> calls.deposit(DepositRequest.newBuilder()
                        .setRequestId(requestId)
                        .setUserId(sender)
                        .setAmountFen(DEPOSIT_FEN)
                        .build()));
            }
            startClient(() -> send(sender));
        }
        long deadlineNanos = System.nanoTime() + WARM_UP_MAX.toNanos();
        while (!sets.containsAll(expectedSets)) {
            if (System.nanoTime() > deadlineNanos) {
                throw new CommandFailure("only " + sets + " got packets, of " + expectedSets);
            }
            Thread.sleep(RETRY_PAUSE);
        }
        measure(WARM_UP);
    }

    /** SETs that have got packets. */
    public Set<String> sets() {
        return Set.copyOf(sets);
    }

    /** Lets the load run for so long. @return what was answered in that time, whenever it was asked */
    public LoadWindow measure(Duration time) throws InterruptedException {
        LoadWindow measured = begin();
        Thread.sleep(time);
        end(measured);
        return measured;
    }

    /** Begins a window that lasts until its {@link #end}, or that of another one. */
    LoadWindow begin() {
        var measured = new LoadWindow();
        window = measured;
        return measured;
    }

    void end(LoadWindow measured) {
        window = new LoadWindow();
        measured.end();
    }

    /** When a call of this kind was last answered, by {@link System#nanoTime()}; {@code before} if none was yet. */
    public long lastDoneNanos(Step step, String set, long before) {
        return lastDoneNanos.getOrDefault(new Place(step, set), before);
    }

    /** Whether a call of this kind was answered after that moment. */
    public boolean doneSince(Step step, String set, long nanos) {
        Long last = lastDoneNanos.get(new Place(step, set));
        return last != null && last - nanos > 0;
    }

    /** Lets every client finish what it has begun. */
    void stop() throws InterruptedException {
        stopping = true;
        long deadlineNanos = System.nanoTime() + STOP_MAX.toNanos();
        for (Thread thread : clientThreads()) {
            long leftMillis = Math.max(1, (deadlineNanos - System.nanoTime()) / 1_000_000);
            if (!thread.join(Duration.ofMillis(leftMillis))) {
                throw new CommandFailure("a client of the load does not end");
            }
        }
    }

    void abandon() {
        stopping = true;
        clientThreads().forEach(Thread::interrupt);
    }

    private void startClient(Client client) {
        Thread thread = Thread.ofVirtual().unstarted(() -> {
            try {
                client.run();
            } catch (InterruptedException abandoned) {
                // The drill is over.
            }
        });
        synchronized (threads) {
            threads.add(thread);
        }
        thread.start();
    }

    private List<Thread> clientThreads() {
        synchronized (threads) {
            return List.copyOf(threads);
        }
    }

    @FunctionalInterface
    private interface Client {
        void run() throws InterruptedException;
    }

    private ConcurrentLinkedQueue<Stocked> stockOf(String set) {
        return stock.computeIfAbsent(set, name -> new ConcurrentLinkedQueue<>());
    }

    private void send(String sender) throws InterruptedException {
        while (!stopping) {
            publish(sender);
            Thread.sleep(SENDER_REST);
        }
    }

    private void publish(String sender) throws InterruptedException {
        String requestId = prefix + "-" + requestCount.incrementAndGet();
        var request = CreatePacketRequest.newBuilder()
                .setRequestId(requestId)
                .setSenderId(sender)
                .setGroupId(GROUP)
                .setKind(PacketKind.PACKET_KIND_LUCKY)
                .setTotalFen(TOTAL_FEN)
                .setShareCount(SHARE_COUNT)
                .build();
        CreatePacketResponse wrapped = persistently(Step.WRAP, "", () -> calls.createPacket(request));
        if (wrapped == null) {
            return;
        }
        String set = setOf.apply(wrapped.getPacketId());
        var paid = persistently(
                Step.PAY,
                set,
                () -> calls.confirmPayment(
                        wrapped.getPacketId(),
                        ConfirmPaymentRequest.newBuilder()
                                .setRequestId(requestId)
                                .setPaymentId(wrapped.getPaymentId())
                                .setPayerId(sender)
                                .setAmountFen(TOTAL_FEN)
                                .build()));
        if (paid == null || !(paid.getPublished() || awaitPublished(wrapped.getPacketId()))) {
            return;
        }
        if (stockOf(set).size() < STOCKED_MAX) {
            stockOf(set).add(new Stocked(wrapped.getPacketId(), set, new AtomicInteger()));
        }
        if (sets.add(set)) {
            for (int i = 0; i < OPENERS_PER_SET; i++) {
                startClient(() -> open(set));
            }
        }
    }

    /** The sweep publishes what the payment's own call could not. @return whether it did in time */
    private boolean awaitPublished(long packetId) throws InterruptedException {
        var request = GetPaymentStatusRequest.newBuilder().setPacketId(packetId).build();
        long deadlineNanos = System.nanoTime() + PUBLISH_MAX.toNanos();
        while (!stopping && System.nanoTime() < deadlineNanos) {
            try {
                if (calls.getPaymentStatus(request).getState() != PacketState.PACKET_STATE_AWAITING_PAYMENT) {
                    return true;
                }
            } catch (StatusRuntimeException notNow) {
                // Its SET is away; the sender has other packets to send.
                return false;
            }
            Thread.sleep(RETRY_PAUSE);
        }
        return false;
    }

    private void open(String set) throws InterruptedException {
        ConcurrentLinkedQueue<Stocked> packets = stockOf(set);
        while (!stopping) {
            Stocked packet = packets.poll();
            if (packet == null) {
                Thread.sleep(SENDER_REST);
                continue;
            }
            int number = packet.userCount.getAndIncrement();
            if (number < SHARE_COUNT) {
                // Others may take it meanwhile: a packet is opened by several at once.
                packets.add(packet);
            }
            visit(packet, prefix + "-user-" + number);
        }
    }

    private void visit(Stocked packet, String user) throws InterruptedException {
        String requestId = "visit";
        GrabResponse grabbed = persistently(
                Step.GRAB,
                packet.set,
                () -> calls.grab(GrabRequest.newBuilder()
                        .setRequestId(requestId)
                        .setPacketId(packet.packetId)
                        .setUserId(user)
                        .setGroupId(GROUP)
                        .build()));
        if (grabbed == null || grabbed.getResult() != GrabResult.GRAB_RESULT_GRANTED) {
            return;
        }
        OpenRequest request = OpenRequest.newBuilder()
                .setRequestId(requestId)
                .setPacketId(packet.packetId)
                .setUserId(user)
                .setGroupId(GROUP)
                .setTicket(grabbed.getTicket())
                .build();
        persistently(Step.OPEN, packet.set, () -> {
            long askedAtNanos = System.nanoTime();
            OpenResponse answer = calls.open(request);
            answersOf.apply(packet.packetId).add(request, answer, askedAtNanos, System.nanoTime());
            return answer;
        });
    }

    /**
     * Calls until there is an answer, and records every try.
     *
     * @param set empty if the answer tells it
     * @return null if the load ends first, or the error is final
     */
    private <T> @Nullable T persistently(Step step, String set, Supplier<T> call) throws InterruptedException {
        while (true) {
            long askedAtNanos = System.nanoTime();
            try {
                T answer = call.get();
                long answeredAtNanos = System.nanoTime();
                String place =
                        answer instanceof CreatePacketResponse wrapped ? setOf.apply(wrapped.getPacketId()) : set;
                window.done(step, place, answeredAtNanos - askedAtNanos);
                lastDoneNanos.put(new Place(step, place), answeredAtNanos);
                return answer;
            } catch (StatusRuntimeException failure) {
                CallFailure error = CallFailure.of(failure);
                String place = set.isEmpty() ? error.metadata().getOrDefault("set", "any") : set;
                String reason = error.word();
                window.failed(step, place, reason, System.nanoTime() - askedAtNanos);
                if (stopping || !error.retryable()) {
                    return null;
                }
            }
            Thread.sleep(RETRY_PAUSE);
        }
    }

    private void untilAnswered(Runnable call) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + WARM_UP_MAX.toNanos();
        while (true) {
            try {
                call.run();
                return;
            } catch (StatusRuntimeException failure) {
                if (!CallFailure.of(failure).retryable() || System.nanoTime() > deadlineNanos) {
                    throw failure;
                }
            }
            Thread.sleep(RETRY_PAUSE);
        }
    }
}
