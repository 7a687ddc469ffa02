package io.hongbao.cli.drill;

import io.grpc.StatusRuntimeException;
import io.hongbao.cli.call.CallFailure;
import io.hongbao.cli.call.Clients;
import io.hongbao.cli.promise.LedgerRows.TransferRow;
import io.hongbao.cli.promise.StoreReader;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.ExpirePacketRequest;
import io.hongbao.v1.GetPaymentStatusRequest;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.GrabResult;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenResult;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * 10,000 packets, each opened and closed in the same moment: around its end, with a jitter, a user opens and two callers
 * close it, beside the scan that does so by itself. Whoever wins, the money goes one way, once.
 */
final class RefundRace implements Drill {
    private static final int RACE_COUNT = 10_000;
    /** Packets that live at one time: as many as two cores make in a second. */
    private static final int WAVE_SIZE = 500;

    private static final long TIME_TO_LIVE_MILLIS = 1_000;
    /** Before and after the end by this clock; the database's decides, and is not the same to the millisecond. */
    private static final int JITTER_MILLIS = 60;

    private static final long TOTAL_FEN = 100;
    private static final int ATTEMPT_COUNT_MAX = 50;
    private static final Duration RETRY_PAUSE = Duration.ofMillis(100);
    private static final Duration EXPIRY_MAX = Duration.ofSeconds(60);
    private static final String SENDER = "race-sender";
    private static final String GROUP = "drill";

    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger late = new AtomicInteger();
    private final AtomicInteger refunds = new AtomicInteger();
    private final AtomicInteger raced = new AtomicInteger();

    @Override
    public String name() {
        return "refund-race";
    }

    @Override
    public String summary() {
        return "10,000 packets are opened and closed in the same moment: one refund each, or none";
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        DrillStack stack = drill.start();
        Clients clients = stack.clients();
        var random = new Random(stack.seed());
        call(() -> clients.wallet()
                .deposit(DepositRequest.newBuilder()
                        .setRequestId("race")
                        .setUserId(SENDER)
                        .setAmountFen(RACE_COUNT * TOTAL_FEN)
                        .build()));
        long begunNanos = System.nanoTime();
        for (int from = 0; from < RACE_COUNT; from += WAVE_SIZE) {
            wave(stack, from, random);
        }
        drill.figure("races", raced.get());
        drill.figure("seconds", (System.nanoTime() - begunNanos) / 1_000_000_000);
        drill.figure("opened", opened.get());
        drill.figure("too_late", late.get());
        drill.figure("closed_by_call", refunds.get());
        drill.require(
                raced.get() == RACE_COUNT, "only %d of %d packets were raced for".formatted(raced.get(), RACE_COUNT));
        drill.require(opened.get() > 0 && late.get() > 0, "one side won every race");
        long millis = drill.await("every packet to end and every refund to be booked", EXPIRY_MAX, () -> {
            StoreReader.Rows rows = StoreReader.read(stack.running().stores());
            return rows.orders().packets().stream()
                            .noneMatch(packet -> packet.state() == PacketState.PACKET_STATE_OPEN_VALUE)
                    && rows.orders().packets().stream()
                                    .filter(packet -> packet.refundFen() > 0)
                                    .count()
                            == refundCount(rows);
        });
        drill.figure("ended_ms", millis);
        StoreReader.Rows rows = StoreReader.read(stack.running().stores());
        drill.figure("refunds", refundCount(rows));
        drill.require(
                rows.ledger().transfers().stream()
                        .filter(RefundRace::isRefund)
                        .collect(Collectors.groupingBy(TransferRow::packetId, Collectors.counting()))
                        .values()
                        .stream()
                        .allMatch(count -> count == 1),
                "a packet was refunded twice");
    }

    private static long refundCount(StoreReader.Rows rows) {
        return rows.ledger().transfers().stream().filter(RefundRace::isRefund).count();
    }

    private static boolean isRefund(TransferRow transfer) {
        return transfer.kind().equals("REFUND");
    }

    private void wave(DrillStack stack, int from, Random random) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var races = new ArrayList<Future<?>>();
            for (int i = from; i < from + WAVE_SIZE; i++) {
                int number = i;
                int shareCount = 1 + random.nextInt(2);
                int[] jitters =
                        random.ints(3, -JITTER_MILLIS, JITTER_MILLIS + 1).toArray();
                races.add(threads.submit(() -> {
                    race(stack, number, shareCount, jitters);
                    return null;
                }));
            }
            for (Future<?> race : races) {
                race.get();
            }
        }
    }

    private void race(DrillStack stack, int number, int shareCount, int[] jitters) throws Exception {
        Clients clients = stack.clients();
        String requestId = "race-" + number;
        CreatePacketResponse order = call(() -> clients.send()
                .createPacket(CreatePacketRequest.newBuilder()
                        .setRequestId(requestId)
                        .setSenderId(SENDER)
                        .setGroupId(GROUP)
                        .setKind(PacketKind.PACKET_KIND_EQUAL)
                        .setTotalFen(TOTAL_FEN)
                        .setShareCount(shareCount)
                        .setTimeToLive(
                                com.google.protobuf.Duration.newBuilder().setSeconds(TIME_TO_LIVE_MILLIS / 1_000))
                        .build()));
        long packetId = order.getPacketId();
        var paid = call(() -> clients.wallet()
                .confirmPayment(ConfirmPaymentRequest.newBuilder()
                        .setRequestId(requestId)
                        .setPaymentId(order.getPaymentId())
                        .setPayerId(SENDER)
                        .setAmountFen(TOTAL_FEN)
                        .build()));
        if (!paid.getPublished()) {
            awaitPublished(clients, packetId);
        }
        long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIME_TO_LIVE_MILLIS);
        GrabResponse grabbed = call(() -> clients.grab()
                .grab(GrabRequest.newBuilder()
                        .setRequestId(requestId)
                        .setPacketId(packetId)
                        .setUserId("racer")
                        .setGroupId(GROUP)
                        .build()));
        raced.incrementAndGet();
        if (grabbed.getResult() != GrabResult.GRAB_RESULT_GRANTED) {
            // The machine was so busy that the packet's time was over: it is closed all the same.
            late.incrementAndGet();
            return;
        }
        OpenRequest open = OpenRequest.newBuilder()
                .setRequestId(requestId)
                .setPacketId(packetId)
                .setUserId("racer")
                .setGroupId(GROUP)
                .setTicket(grabbed.getTicket())
                .build();
        ExpirePacketRequest expire =
                ExpirePacketRequest.newBuilder().setPacketId(packetId).build();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 1; i < jitters.length; i++) {
                int jitter = jitters[i];
                threads.submit(() -> {
                    sleepUntil(endNanos, jitter);
                    if (call(() -> clients.open().expirePacket(expire)).getState()
                            == PacketState.PACKET_STATE_EXPIRED) {
                        refunds.incrementAndGet();
                    }
                    return null;
                });
            }
            sleepUntil(endNanos, jitters[0]);
            OpenResponse answer = call(() -> {
                long askedAtNanos = System.nanoTime();
                OpenResponse heard = clients.open().open(open);
                stack.answers().add(open, heard, askedAtNanos, System.nanoTime());
                return heard;
            });
            (answer.getResult() == OpenResult.OPEN_RESULT_OPENED ? opened : late).incrementAndGet();
        }
    }

    /** The sweep publishes what the payment's own call could not. */
    private static void awaitPublished(Clients clients, long packetId) throws InterruptedException {
        var status = GetPaymentStatusRequest.newBuilder().setPacketId(packetId).build();
        PacketState state = PacketState.PACKET_STATE_AWAITING_PAYMENT;
        while (state == PacketState.PACKET_STATE_AWAITING_PAYMENT) {
            Thread.sleep(RETRY_PAUSE);
            state = call(() -> clients.send().getPaymentStatus(status)).getState();
        }
    }

    private static void sleepUntil(long endNanos, int jitterMillis) throws InterruptedException {
        long left = endNanos + TimeUnit.MILLISECONDS.toNanos(jitterMillis) - System.nanoTime();
        if (left > 0) {
            TimeUnit.NANOSECONDS.sleep(left);
        }
    }

    /** Calls again, with the same request, while it is told to. */
    private static <T> T call(Supplier<T> call) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return call.get();
            } catch (StatusRuntimeException failure) {
                if (attempt == ATTEMPT_COUNT_MAX || !CallFailure.of(failure).retryable()) {
                    throw failure;
                }
            }
            Thread.sleep(RETRY_PAUSE);
        }
    }
}
