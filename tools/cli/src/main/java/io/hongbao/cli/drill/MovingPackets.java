package io.hongbao.cli.drill;

import io.grpc.StatusRuntimeException;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.call.CallFailure;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.GetPaymentStatusRequest;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenResult;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Opens and publications of one logical database, at an even pace from before its move to after it. All of its orders are
 * made before, as new ones avoid a database that moves: published ones with many shares, and unpaid ones. Whoever is
 * refused comes back, with the same request, until he is answered.
 */
final class MovingPackets {
    private static final String SENDER = "moving-sender";
    private static final String GROUP = "moving";
    /** The most that an order may have: opens of a minute need few packets. */
    private static final int SHARE_COUNT = 500;

    private static final long TOTAL_FEN = 2 * SHARE_COUNT;
    private static final int PUBLISHED_COUNT = 24;
    private static final int UNPAID_COUNT = 400;
    private static final int WRAPPER_COUNT = 8;
    private static final Duration STOCK_MAX = Duration.ofSeconds(90);

    private static final int OPENER_COUNT = 4;
    /** With what an open takes itself, a hundred opens a second: two minutes' worth of shares. */
    private static final Duration OPENER_REST = Duration.ofMillis(30);
    /** A minute's worth of orders. */
    private static final Duration PAYER_REST = Duration.ofMillis(150);

    private static final Duration RETRY_PAUSE = Duration.ofMillis(50);
    /** No call is refused for longer: the fence, the switch, a mover that is begun again, and the sweep of publications. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

    private final DrillStack stack;
    private final int database;
    private final List<Long> published = new ArrayList<>();
    private final ConcurrentLinkedQueue<CreatePacketResponse> unpaid = new ConcurrentLinkedQueue<>();
    private final AtomicInteger requestCount = new AtomicInteger();
    private final AtomicInteger userCount = new AtomicInteger();
    private final List<Thread> clients = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> problems = new ConcurrentLinkedQueue<>();

    private final LongAdder openCount = new LongAdder();
    private final LongAdder publishedCount = new LongAdder();
    private final LongAdder refusedOpenCount = new LongAdder();
    private final LongAdder latePublicationCount = new LongAdder();
    private final AtomicLong longestRefusalMillis = new AtomicLong();
    private final AtomicLong longestOpenMillis = new AtomicLong();
    private final AtomicLong longestPublicationMillis = new AtomicLong();
    private volatile boolean stopping;

    MovingPackets(DrillStack stack, int database) {
        this.stack = stack;
        this.database = database;
    }

    /** Wraps until the database has enough orders, and pays for those that are to be opened. */
    void stockUp() throws InterruptedException {
        stack.clients()
                .wallet()
                .deposit(DepositRequest.newBuilder()
                        .setRequestId("deposit")
                        .setUserId(SENDER)
                        .setAmountFen(TOTAL_FEN * (PUBLISHED_COUNT + UNPAID_COUNT))
                        .build());
        long deadlineNanos = System.nanoTime() + STOCK_MAX.toNanos();
        var wrappers = new ArrayList<Thread>();
        for (int i = 0; i < WRAPPER_COUNT; i++) {
            wrappers.add(Thread.ofVirtual().start(() -> wrap(deadlineNanos)));
        }
        for (Thread wrapper : wrappers) {
            wrapper.join();
        }
        if (unpaid.size() < PUBLISHED_COUNT + UNPAID_COUNT) {
            throw new CommandFailure("db_%02d has got only %d orders".formatted(database, unpaid.size()));
        }
        while (published.size() < PUBLISHED_COUNT) {
            CreatePacketResponse order = unpaid.remove();
            publish(order);
            published.add(order.getPacketId());
        }
    }

    private void wrap(long deadlineNanos) {
        while (unpaid.size() < PUBLISHED_COUNT + UNPAID_COUNT && System.nanoTime() < deadlineNanos) {
            try {
                CreatePacketResponse order = stack.clients()
                        .send()
                        .createPacket(CreatePacketRequest.newBuilder()
                                .setRequestId("moving-" + requestCount.incrementAndGet())
                                .setSenderId(SENDER)
                                .setGroupId(GROUP)
                                .setKind(PacketKind.PACKET_KIND_LUCKY)
                                .setTotalFen(TOTAL_FEN)
                                .setShareCount(SHARE_COUNT)
                                .build());
                if (new PacketId(order.getPacketId()).database() == database) {
                    unpaid.add(order);
                }
            } catch (StatusRuntimeException refused) {
                // One order less; there is time for others.
            }
        }
    }

    /** Begins to open and to pay. */
    void begin() {
        for (int i = 0; i < OPENER_COUNT; i++) {
            start(this::openOne, OPENER_REST);
        }
        start(this::publishOne, PAYER_REST);
    }

    /** Ends when every call that was begun is answered. */
    void end() throws InterruptedException {
        stopping = true;
        for (Thread client : clients) {
            client.join();
        }
    }

    private void start(Client client, Duration rest) {
        clients.add(Thread.ofVirtual().start(() -> {
            try {
                while (!stopping) {
                    client.once();
                    Thread.sleep(rest);
                }
            } catch (InterruptedException abandoned) {
                // The drill is over.
            } catch (CommandFailure | StatusRuntimeException lost) {
                problems.add(String.valueOf(lost.getMessage()));
            }
        }));
    }

    @FunctionalInterface
    private interface Client {
        void once() throws InterruptedException;
    }

    private void openOne() throws InterruptedException {
        int number = userCount.getAndIncrement();
        if (number >= PUBLISHED_COUNT * SHARE_COUNT) {
            throw new CommandFailure("the stock of shares did not last");
        }
        long packetId = published.get(number % PUBLISHED_COUNT);
        String user = "moving-user-" + number;
        String ticket = untilAnswered(
                        new LongAdder(),
                        () -> stack.clients()
                                .grab()
                                .grab(GrabRequest.newBuilder()
                                        .setRequestId("grab")
                                        .setPacketId(packetId)
                                        .setUserId(user)
                                        .setGroupId(GROUP)
                                        .build()))
                .getTicket();
        var request = OpenRequest.newBuilder()
                .setRequestId("open")
                .setPacketId(packetId)
                .setUserId(user)
                .setGroupId(GROUP)
                .setTicket(ticket)
                .build();
        long begunNanos = System.nanoTime();
        OpenResponse answer = untilAnswered(refusedOpenCount, () -> {
            long askedAtNanos = System.nanoTime();
            OpenResponse heard = stack.clients().open().open(request);
            stack.answers().add(request, heard, askedAtNanos, System.nanoTime());
            return heard;
        });
        longestOpenMillis.accumulateAndGet((System.nanoTime() - begunNanos) / 1_000_000, Math::max);
        if (answer.getResult() != OpenResult.OPEN_RESULT_OPENED) {
            throw new CommandFailure("an open of packet " + packetId + " ended as " + answer.getResult());
        }
        openCount.increment();
    }

    private void publishOne() throws InterruptedException {
        CreatePacketResponse order = unpaid.poll();
        if (order == null) {
            throw new CommandFailure("the stock of orders did not last");
        }
        long begunNanos = System.nanoTime();
        publish(order);
        longestPublicationMillis.accumulateAndGet((System.nanoTime() - begunNanos) / 1_000_000, Math::max);
        publishedCount.increment();
    }

    /** Pays, and waits until the packet may be opened. */
    private void publish(CreatePacketResponse order) throws InterruptedException {
        var payment = ConfirmPaymentRequest.newBuilder()
                .setRequestId("pay-" + order.getPacketId())
                .setPaymentId(order.getPaymentId())
                .setPayerId(SENDER)
                .setAmountFen(TOTAL_FEN)
                .build();
        if (untilAnswered(new LongAdder(), () -> stack.clients().wallet().confirmPayment(payment))
                .getPublished()) {
            return;
        }
        latePublicationCount.increment();
        var question = GetPaymentStatusRequest.newBuilder()
                .setPacketId(order.getPacketId())
                .build();
        long deadlineNanos = System.nanoTime() + ANSWER_MAX.toNanos();
        while (untilAnswered(new LongAdder(), () -> stack.clients().send().getPaymentStatus(question))
                        .getState()
                != PacketState.PACKET_STATE_OPEN) {
            if (System.nanoTime() > deadlineNanos) {
                throw new CommandFailure("packet " + order.getPacketId() + " is paid and not published");
            }
            Thread.sleep(RETRY_PAUSE);
        }
    }

    /** @param refusedCount counts refusals of this kind of call */
    private <T> T untilAnswered(LongAdder refusedCount, Supplier<T> call) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + ANSWER_MAX.toNanos();
        while (true) {
            long askedAtNanos = System.nanoTime();
            try {
                return call.get();
            } catch (StatusRuntimeException refused) {
                longestRefusalMillis.accumulateAndGet((System.nanoTime() - askedAtNanos) / 1_000_000, Math::max);
                if (!CallFailure.of(refused).retryable() || System.nanoTime() > deadlineNanos) {
                    throw refused;
                }
                refusedCount.increment();
            }
            Thread.sleep(RETRY_PAUSE);
        }
    }

    /** What it came to. */
    void report(DrillContext drill, Duration openMax) {
        drill.figure("moving_opens", openCount.sum());
        drill.figure("moving_publications", publishedCount.sum());
        drill.figure("moving_opens_refused", refusedOpenCount.sum());
        drill.figure("moving_publications_late", latePublicationCount.sum());
        drill.figure("moving_refusal_max_ms", longestRefusalMillis.get());
        drill.figure("moving_open_max_ms", longestOpenMillis.get());
        drill.figure("moving_publication_max_ms", longestPublicationMillis.get());
        problems.forEach(problem -> drill.require(false, problem));
        drill.require(refusedOpenCount.sum() > 0, "no open met the fence");
        drill.require(publishedCount.sum() > 0, "no packet was published meanwhile");
        drill.require(
                longestOpenMillis.get() < openMax.toMillis(),
                "an open waited %d ms for its answer".formatted(longestOpenMillis.get()));
    }
}
