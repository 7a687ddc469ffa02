package io.hongbao.cli.demo;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingLong;

import com.google.protobuf.util.Durations;
import io.grpc.StatusRuntimeException;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.call.CallFailure;
import io.hongbao.cli.call.Clients;
import io.hongbao.cli.call.PacketView;
import io.hongbao.cli.promise.AnswerLog;
import io.hongbao.cli.promise.OrderRows.PacketRow;
import io.hongbao.cli.promise.PromiseChecker;
import io.hongbao.cli.promise.PromiseChecker.Moment;
import io.hongbao.cli.promise.StoreReader;
import io.hongbao.cli.promise.Verdict;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.cli.verify.FairnessProof;
import io.hongbao.cli.wechat.WeChatPay;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.GetBalanceRequest;
import io.hongbao.v1.GetPacketRequest;
import io.hongbao.v1.GetPaymentStatusRequest;
import io.hongbao.v1.PacketState;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/** The whole life of some packets, through the services' own interfaces; then the stores are asked whether all is true. */
final class Demo {
    static final String GROUP = "family";
    /** What each sender keeps when everything is sent. */
    private static final long POCKET_MONEY_FEN = 10_000;
    /** Packets under way at once. */
    private static final int PACKETS_AT_ONCE_MAX = 16;
    /** A missed publication is caught up with by a sweep that runs every few seconds. */
    private static final Duration PUBLISH_MAX = Duration.ofSeconds(20);
    /** Expiry is found by a scan that runs every few seconds; after that the packet's queue is short. */
    private static final Duration EXPIRY_MAX = Duration.ofSeconds(30);
    /** Events go through the outbox, Kafka and the ledger, and back: two polls, some batches. */
    private static final Duration SETTLE_MAX = Duration.ofSeconds(60);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

    private final Clients clients;
    private final StoreAddresses stores;
    /** Where the money comes from and goes to; empty for the wallets of the built-in ledger. */
    private final Optional<WeChatPay> weChatPay;

    private final AnswerLog answers = new AnswerLog();
    private final Rush rush;
    private final List<String> problems = java.util.Collections.synchronizedList(new ArrayList<>());

    /** @param balances of the senders, before and after */
    record Story(
            List<PacketStory> packets, Map<String, Long> depositsFen, Map<String, Long> balancesFen, String unpaid) {}

    record Ending(Story story, DemoResult result) {}

    Demo(Clients clients, StoreAddresses stores, Optional<WeChatPay> weChatPay) {
        this.clients = clients;
        this.stores = stores;
        this.weChatPay = weChatPay;
        this.rush = new Rush(clients, answers, GROUP);
    }

    Ending run(Scale scale) throws InterruptedException, SQLException {
        List<PacketPlan> plans = PacketPlan.of(scale);
        Map<String, Long> depositsFen = weChatPay.isPresent() ? Map.of() : deposit(plans);
        String unpaid = tryUnpaid(plans.getFirst());
        List<PacketStory> packets = inParallel(plans.stream()
                .map(plan -> (Callable<PacketStory>) () -> tell(plan))
                .toList());
        StoreReader.Rows rows = awaitSettlement();
        weChatPay
                .map(there -> there.difference(rows.ledger()))
                .filter(difference -> !difference.isEmpty())
                .ifPresent(problems::add);
        Verdict verdict = PromiseChecker.check(rows, answers.answers(), Moment.SETTLED);
        // The money has moved: now the wallets and the shares' states are those of the end.
        var told = new ArrayList<PacketStory>();
        for (PacketStory packet : packets) {
            told.add(atTheEnd(packet));
        }
        for (PacketStory story : told) {
            if (!(story.proof() instanceof FairnessProof.Matching)) {
                problems.add("packet " + story.packetId() + ": the fairness proof fails: " + story.proof());
            }
        }
        var story = new Story(told, depositsFen, balances(plans), unpaid);
        long lateRefusals = told.stream()
                .filter(packet -> packet.late() instanceof Outcome.Refused)
                .count();
        return new Ending(
                story,
                new DemoResult(
                        (int) rows.orders().packets().stream()
                                .filter(PacketRow::paid)
                                .count(),
                        rows.orders().shares().size(),
                        told.stream()
                                        .mapToInt(packet -> packet.refused().size())
                                        .sum()
                                + (int) lateRefusals,
                        rows.orders().packets().stream()
                                .mapToLong(PacketRow::refundFen)
                                .sum(),
                        rows.orders().packets().stream()
                                .mapToLong(PacketRow::paidFen)
                                .sum(),
                        verdict,
                        List.copyOf(problems)));
    }

    private Map<String, Long> deposit(List<PacketPlan> plans) throws InterruptedException {
        Map<String, Long> neededFen = plans.stream()
                .collect(groupingBy(PacketPlan::senderId, LinkedHashMap::new, summingLong(PacketPlan::totalFen)));
        neededFen.replaceAll((sender, fen) -> fen + POCKET_MONEY_FEN);
        for (Map.Entry<String, Long> deposit : neededFen.entrySet()) {
            Patience.repeat(() -> clients.wallet()
                    .deposit(DepositRequest.newBuilder()
                            .setRequestId("demo-deposit")
                            .setUserId(deposit.getKey())
                            .setAmountFen(deposit.getValue())
                            .build()));
        }
        return neededFen;
    }

    /** A packet that is never paid: nobody may get anything. @return what the first one heard */
    private String tryUnpaid(PacketPlan plan) throws InterruptedException {
        CreatePacketResponse wrapped = wrap(plan, "demo-unpaid");
        return switch (rush.one(wrapped.getPacketId(), plan.crowd().getFirst())) {
            case Outcome.Opened opened -> {
                problems.add("packet " + wrapped.getPacketId() + " was opened unpaid");
                yield "opened";
            }
            case Outcome.Refused refused -> refused.why();
            case Outcome.Failed failed -> failed.error().reason();
        };
    }

    private CreatePacketResponse wrap(PacketPlan plan, String requestId) throws InterruptedException {
        var request = CreatePacketRequest.newBuilder()
                .setRequestId(requestId)
                .setSenderId(plan.senderId())
                .setGroupId(GROUP)
                .setKind(plan.kind())
                .setTotalFen(plan.totalFen())
                .setShareCount(plan.shareCount())
                .setExclusiveUserId(plan.exclusiveUserId())
                .setGreeting(plan.greeting());
        plan.timeToLive().ifPresent(life -> request.setTimeToLive(Durations.fromMillis(life.toMillis())));
        return Patience.repeat(() -> clients.send().createPacket(request.build()));
    }

    private PacketStory tell(PacketPlan plan) throws InterruptedException {
        String requestId = "demo-" + plan.index();
        CreatePacketResponse wrapped = wrap(plan, requestId);
        long packetId = wrapped.getPacketId();
        if (weChatPay.isPresent()) {
            WeChatPay there = weChatPay.get();
            Patience.repeat(() -> there.pay(clients, plan.senderId(), wrapped.getPaymentId()));
        } else {
            Patience.repeat(() -> clients.wallet()
                    .confirmPayment(ConfirmPaymentRequest.newBuilder()
                            .setRequestId(requestId)
                            .setPaymentId(wrapped.getPaymentId())
                            .setPayerId(plan.senderId())
                            .setAmountFen(plan.totalFen())
                            .build()));
        }
        await(
                "packet " + packetId + " to be published",
                PUBLISH_MAX,
                () -> clients.send()
                                .getPaymentStatus(GetPaymentStatusRequest.newBuilder()
                                        .setPacketId(packetId)
                                        .build())
                                .getState()
                        != PacketState.PACKET_STATE_AWAITING_PAYMENT);

        List<Outcome> outcomes = rush.run(packetId, plan.crowd());
        for (Outcome outcome : outcomes) {
            if (outcome instanceof Outcome.Failed failed) {
                problems.add("packet " + packetId + ": a user's call failed: " + failed.error());
            }
        }
        repeatFirstOpen(packetId, outcomes);
        if (plan.expires()) {
            Duration max = plan.timeToLive().orElseThrow().plus(EXPIRY_MAX);
            await("packet " + packetId + " to expire", max, () -> isFinal(packetId));
        }
        Outcome late = rush.one(packetId, plan.latecomer());
        if (late instanceof Outcome.Failed failed) {
            problems.add("packet " + packetId + ": the latecomer's call failed: " + failed.error());
        }
        return new PacketStory(
                plan,
                packetId,
                outcomes,
                late,
                Patience.repeat(() -> PacketView.of(clients, packetId)),
                new FairnessProof.NotRevealed());
    }

    /** The same request again must hear the same amount. */
    private void repeatFirstOpen(long packetId, List<Outcome> outcomes) throws InterruptedException {
        for (Outcome outcome : outcomes) {
            if (outcome instanceof Outcome.Opened first) {
                if (!first.equals(rush.open(first.request()))) {
                    problems.add("packet " + packetId + ": the same open came to something else the second time");
                }
                return;
            }
        }
    }

    private boolean isFinal(long packetId) {
        PacketState state = clients.query()
                .getPacket(GetPacketRequest.newBuilder().setPacketId(packetId).build())
                .getPacket()
                .getState();
        return state == PacketState.PACKET_STATE_EXPIRED || state == PacketState.PACKET_STATE_FINISHED;
    }

    private PacketStory atTheEnd(PacketStory story) throws InterruptedException {
        PacketView view = Patience.repeat(() -> PacketView.of(clients, story.packetId()));
        return new PacketStory(
                story.plan(),
                story.packetId(),
                story.outcomes(),
                story.late(),
                view,
                FairnessProof.of(view.packet(), view.shares()));
    }

    private Map<String, Long> balances(List<PacketPlan> plans) {
        var balances = new LinkedHashMap<String, Long>();
        plans.stream().map(PacketPlan::senderId).distinct().forEach(user -> balances.put(user, balanceFen(user)));
        plans.stream()
                .flatMap(plan -> plan.crowd().stream())
                .distinct()
                .limit(StoryTeller.WALLETS_MAX)
                .forEach(user -> balances.put(user, balanceFen(user)));
        return balances;
    }

    private long balanceFen(String user) {
        return clients.wallet()
                .getBalance(GetBalanceRequest.newBuilder().setUserId(user).build())
                .getBalanceFen();
    }

    /** Waits until every share is credited and marked, and every refund booked. @return the last rows read */
    private StoreReader.Rows awaitSettlement() throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + SETTLE_MAX.toNanos();
        while (true) {
            StoreReader.Rows rows = StoreReader.read(stores);
            long waiting = waitingCount(rows) + (weChatPay.isPresent() ? notPaidOutCount(rows) : 0);
            if (waiting == 0) {
                return rows;
            }
            if (System.nanoTime() > deadline) {
                problems.add(waiting + " movements are not settled after " + SETTLE_MAX.toSeconds() + " s");
                return rows;
            }
            Thread.sleep(POLL_INTERVAL);
        }
    }

    /** Credits and refunds that are booked and not yet with their owners. */
    private static long notPaidOutCount(StoreReader.Rows rows) {
        return rows.ledger().transfers().stream()
                .mapToLong(transfer -> switch (transfer.kind()) {
                    case "CREDIT", "REFUND" -> 1;
                    case "PAYOUT" -> -1;
                    default -> 0;
                })
                .sum();
    }

    private static long waitingCount(StoreReader.Rows rows) {
        long open = rows.orders().shares().stream()
                .filter(share -> !share.settled())
                .count();
        long credits = rows.ledger().transfers().stream()
                .filter(transfer -> transfer.kind().equals("CREDIT"))
                .count();
        long refunds = rows.ledger().transfers().stream()
                .filter(transfer -> transfer.kind().equals("REFUND"))
                .count();
        long refundsDue = rows.orders().packets().stream()
                .filter(packet -> packet.refundFen() > 0)
                .count();
        return open
                + Math.max(0, rows.orders().shares().size() - credits)
                + Math.max(0, refundsDue - refunds)
                + rows.orders().outboxRowCount();
    }

    private static void await(String what, Duration max, BooleanSupplier done) throws InterruptedException {
        long deadline = System.nanoTime() + max.toNanos();
        CallFailure last = null;
        while (true) {
            try {
                if (done.getAsBoolean()) {
                    return;
                }
            } catch (StatusRuntimeException failure) {
                last = CallFailure.of(failure);
                if (!last.retryable()) {
                    throw new CommandFailure("waiting for " + what + ": " + last, failure);
                }
            }
            if (System.nanoTime() > deadline) {
                throw new CommandFailure("waited " + max.toSeconds() + " s in vain for " + what
                        + (last == null ? "" : "; last error: " + last));
            }
            Thread.sleep(POLL_INTERVAL);
        }
    }

    private static <T> List<T> inParallel(List<Callable<T>> jobs) throws InterruptedException {
        var permits = new Semaphore(PACKETS_AT_ONCE_MAX);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = new ArrayList<Future<T>>();
            for (Callable<T> job : jobs) {
                futures.add(threads.submit(() -> {
                    permits.acquire();
                    try {
                        return job.call();
                    } finally {
                        permits.release();
                    }
                }));
            }
            var results = new ArrayList<T>();
            for (Future<T> future : futures) {
                try {
                    results.add(future.get());
                } catch (ExecutionException e) {
                    threads.shutdownNow();
                    throw switch (Objects.requireNonNull(e.getCause())) {
                        case StatusRuntimeException failure ->
                            new CommandFailure(CallFailure.of(failure).toString(), failure);
                        case RuntimeException failure -> failure;
                        default -> new IllegalStateException(e.getCause());
                    };
                }
            }
            return results;
        }
    }
}
