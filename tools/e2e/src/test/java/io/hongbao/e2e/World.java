package io.hongbao.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.Durations;
import io.hongbao.cli.call.Clients;
import io.hongbao.cli.call.PacketView;
import io.hongbao.cli.promise.AnswerLog;
import io.hongbao.cli.promise.OpenAnswer;
import io.hongbao.cli.promise.PromiseChecker;
import io.hongbao.cli.promise.PromiseChecker.Moment;
import io.hongbao.cli.promise.StoreReader;
import io.hongbao.cli.promise.Verdict;
import io.hongbao.cli.stack.RunningStack;
import io.hongbao.client.RetryPolicy;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.GetBalanceRequest;
import io.hongbao.v1.GetPaymentStatusRequest;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.GrabResult;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketState;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The running back end, and what every test does with it. */
final class World implements AutoCloseable {
    static final String GROUP = "e2e-group";
    /** Outbox, Kafka, ledger and back, on a machine that builds other things at the same time. */
    static final Duration SETTLE_MAX = Duration.ofSeconds(60);

    private static final Duration PUBLISH_MAX = Duration.ofSeconds(20);
    private static final RetryPolicy RETRY = new RetryPolicy(RetryPolicy.ATTEMPT_COUNT_LIMIT, new Random());

    private final RunningStack stack;
    private final Clients clients;
    private final AnswerLog answers = new AnswerLog();
    private final AtomicInteger names = new AtomicInteger();

    World(RunningStack stack) {
        this.stack = stack;
        this.clients = new Clients(stack.addresses());
    }

    RunningStack stack() {
        return stack;
    }

    Clients clients() {
        return clients;
    }

    AnswerLog answers() {
        return answers;
    }

    /** A name nobody else has. */
    String fresh(String prefix) {
        return prefix + "-" + names.incrementAndGet();
    }

    /** A new user with money. */
    String sender(long balanceFen) {
        String sender = fresh("sender");
        var request = DepositRequest.newBuilder()
                .setRequestId("first")
                .setUserId(sender)
                .setAmountFen(balanceFen)
                .build();
        patiently(() -> clients.wallet().deposit(request));
        return sender;
    }

    /** As access layers call: a store that is slow for a moment on a busy machine is no finding, unless a test is about it. */
    private static <T> T patiently(Supplier<T> call) {
        return RETRY.call(call);
    }

    long balanceFen(String user) {
        return clients.wallet()
                .getBalance(GetBalanceRequest.newBuilder().setUserId(user).build())
                .getBalanceFen();
    }

    /** A request that is right in every field; tests change what they are about. */
    CreatePacketRequest.Builder lucky(String sender, long totalFen, int shareCount) {
        return CreatePacketRequest.newBuilder()
                .setRequestId(fresh("request"))
                .setSenderId(sender)
                .setGroupId(GROUP)
                .setKind(PacketKind.PACKET_KIND_LUCKY)
                .setTotalFen(totalFen)
                .setShareCount(shareCount)
                .setGreeting("恭喜发财");
    }

    /** Wraps, pays, and waits until the packet may be opened. @return its number */
    long publish(CreatePacketRequest request) {
        CreatePacketResponse wrapped = patiently(() -> clients.send().createPacket(request));
        pay(wrapped, request);
        return wrapped.getPacketId();
    }

    void pay(CreatePacketResponse wrapped, CreatePacketRequest request) {
        var confirmation = ConfirmPaymentRequest.newBuilder()
                .setRequestId(request.getRequestId())
                .setPaymentId(wrapped.getPaymentId())
                .setPayerId(request.getSenderId())
                .setAmountFen(request.getTotalFen())
                .build();
        patiently(() -> clients.wallet().confirmPayment(confirmation));
        await("publication")
                .atMost(PUBLISH_MAX)
                .until(() -> state(wrapped.getPacketId()) == PacketState.PACKET_STATE_OPEN);
    }

    PacketState state(long packetId) {
        return clients.send()
                .getPaymentStatus(GetPaymentStatusRequest.newBuilder()
                        .setPacketId(packetId)
                        .build())
                .getState();
    }

    GrabResponse grab(long packetId, String user) {
        return clients.grab()
                .grab(GrabRequest.newBuilder()
                        .setRequestId("grab")
                        .setPacketId(packetId)
                        .setUserId(user)
                        .setGroupId(GROUP)
                        .build());
    }

    /** An open with a ticket that was grabbed for it. */
    OpenRequest ticketed(long packetId, String user) {
        GrabResponse grabbed = grab(packetId, user);
        assertEquals(GrabResult.GRAB_RESULT_GRANTED, grabbed.getResult());
        return OpenRequest.newBuilder()
                .setRequestId("open")
                .setPacketId(packetId)
                .setUserId(user)
                .setGroupId(GROUP)
                .setTicket(grabbed.getTicket())
                .build();
    }

    OpenResponse open(OpenRequest request) {
        long askedAtNanos = System.nanoTime();
        OpenResponse response = clients.open().open(request);
        answers.add(request, response, askedAtNanos, System.nanoTime());
        return response;
    }

    OpenResponse grabAndOpen(long packetId, String user) {
        return open(ticketed(packetId, user));
    }

    PacketView view(long packetId) {
        return PacketView.of(clients, packetId);
    }

    void awaitBalance(String user, long balanceFen) {
        await("the wallet's balance")
                .atMost(SETTLE_MAX)
                .untilAsserted(() -> assertEquals(balanceFen, balanceFen(user)));
    }

    StoreReader.Rows rows() {
        try {
            return StoreReader.read(stack.stores());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads every row and every answer. With {@link Moment#SETTLED} money that is on its way is waited for. */
    void assertPromises(Moment moment) {
        List<OpenAnswer> heard = answers.answers();
        if (moment == Moment.SETTLED) {
            await("settlement").atMost(SETTLE_MAX).untilAsserted(() -> assertAllHold(verdict(heard, moment)));
        } else {
            assertAllHold(verdict(heard, moment));
        }
    }

    private Verdict verdict(List<OpenAnswer> heard, Moment moment) {
        StoreReader.Rows rows = rows();
        return PromiseChecker.check(rows, heard, moment);
    }

    private static void assertAllHold(Verdict verdict) {
        assertTrue(verdict.allHold(), () -> verdict.breaches().toString());
    }

    static com.google.protobuf.Duration seconds(long seconds) {
        return Durations.fromSeconds(seconds);
    }

    @Override
    public void close() {
        clients.close();
        stack.close();
    }
}
