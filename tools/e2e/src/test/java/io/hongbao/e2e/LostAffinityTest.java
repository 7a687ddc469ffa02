package io.hongbao.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.hongbao.cli.call.CallFailure;
import io.hongbao.cli.promise.PromiseChecker.Moment;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.stack.RunningStack;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.ServiceProcess;
import io.hongbao.cli.stack.StackOptions;
import io.hongbao.core.ticket.TicketSigner;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenResult;
import io.hongbao.v1.OpenServiceGrpc;
import io.hongbao.v1.PacketState;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/**
 * Three open-svc. Calls that go to any of them: no packet has an owner, and only the guard in SQL keeps them apart. And
 * packets that are due, which every pod finds and their owner closes.
 */
@DisabledIfSystemProperty(named = "quick", matches = ".*", disabledReason = "a quick build starts no servers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class LostAffinityTest {
    private static final int PODS = 3;
    private static final int SHARES = 60;
    private static final int USERS = 90;
    private static final int PACKETS = 2;
    /** Enough that each pod owns some. */
    private static final int DUE_PACKETS = 9;

    private static final Duration EXPIRY_MAX = Duration.ofSeconds(30);
    /** Pods that keep taking a packet from each other refuse after a few attempts, and at the gate; a caller goes on. */
    private static final int CALLS_MAX = 50;

    private static final Set<Status.Code> TRY_ELSEWHERE =
            Set.of(Status.Code.UNAVAILABLE, Status.Code.RESOURCE_EXHAUSTED);

    private final List<ManagedChannel> pods = new ArrayList<>();
    private World world;

    @BeforeAll
    void start() throws Exception {
        var options = StackOptions.temporary(ProjectHome.find())
                .withOpenInstances(PODS)
                // Long enough for a few calls one after the other on a busy machine.
                .with("hongbao.lanes.pod-place-time", "15s")
                .with("hongbao.tickets.keys.\"1\"", HexFormat.of().formatHex(SharedStack.TICKET_SECRET));
        world = new World(RunningStack.start(options, line -> System.out.println("three pods: " + line)));
        for (ServiceProcess pod : world.stack().instances(Service.OPEN)) {
            pods.add(Grpc.newChannelBuilder(pod.address(), InsecureChannelCredentials.create())
                    .build());
        }
    }

    @AfterAll
    void stop() {
        pods.forEach(ManagedChannel::shutdownNow);
        if (world != null) {
            world.close();
        }
    }

    @Test
    void shouldGiveEveryShareOnceThoughThreePodsOpenThePacket() throws Exception {
        // given
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        var signer = new TicketSigner(1, Map.of(1, SharedStack.TICKET_SECRET));
        long leaseEndMillis = System.currentTimeMillis() + 120_000;
        List<Long> packets = new ArrayList<>();
        for (int i = 0; i < PACKETS; i++) {
            packets.add(world.publish(
                    world.lucky(world.sender(10_000), 10_000, SHARES).build()));
        }
        List<OpenRequest> requests = new ArrayList<>();
        for (long packetId : packets) {
            for (int i = 0; i < USERS; i++) {
                String user = world.fresh("user");
                requests.add(OpenRequest.newBuilder()
                        .setRequestId("open")
                        .setPacketId(packetId)
                        .setUserId(user)
                        .setGroupId(World.GROUP)
                        .setTicket(signer.sign(packetId, user, leaseEndMillis))
                        .build());
            }
        }
        Collections.shuffle(requests, random);

        // when every call goes to some pod, and is repeated at the next one if it fails
        Map<OpenRequest, OpenResponse> answers = new ConcurrentHashMap<>();
        var next = new AtomicInteger(random.nextInt(PODS));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Future<?>>();
            for (OpenRequest request : requests) {
                calls.add(threads.submit(() -> answers.put(request, open(request, next))));
            }
            for (Future<?> call : calls) {
                call.get();
            }
        }

        // then
        for (long packetId : packets) {
            List<OpenResponse> opened = answers.entrySet().stream()
                    .filter(answer -> answer.getKey().getPacketId() == packetId)
                    .map(Map.Entry::getValue)
                    .filter(answer -> answer.getResult() == OpenResult.OPEN_RESULT_OPENED)
                    .toList();
            assertEquals(SHARES, opened.size());
            assertEquals(
                    10_000,
                    opened.stream().mapToLong(OpenResponse::getAmountFen).sum());
        }
        // and each pod tells each user what the one that decided told him
        answers.forEach((request, answer) -> {
            for (int pod = 0; pod < PODS; pod++) {
                OpenResponse again = open(request, new AtomicInteger(pod));
                assertEquals(answer.getResult(), again.getResult());
                assertEquals(answer.getAmountFen(), again.getAmountFen());
            }
        });
        assertTrue(
                counted("hongbao_open_commit_failures_total") > 0,
                "the pods never met at a packet: the test proves nothing");
        world.assertPromises(Moment.SETTLED);
    }

    @Test
    void shouldRefuseAThirdPodAtAPacketThatTwoOpen() throws Exception {
        // given a packet that each pod has in memory
        long packetId =
                world.publish(world.lucky(world.sender(10_000), 10_000, SHARES).build());
        for (int pod = 0; pod < PODS; pod++) {
            openAt(pod, packetId);
        }

        // when each finds in turn that another one has changed it
        openAt(0, packetId);
        openAt(1, packetId);
        var refused = assertThrows(StatusRuntimeException.class, () -> openAt(2, packetId));

        // then two go on with it and the third does not
        assertEquals("PACKET_CONTENDED", CallFailure.of(refused).reason());
        openAt(0, packetId);
        assertTrue(counted("hongbao_open_shed_total") > 0);
    }

    private void openAt(int pod, long packetId) {
        String user = world.fresh("user");
        var request = OpenRequest.newBuilder()
                .setRequestId("open")
                .setPacketId(packetId)
                .setUserId(user)
                .setGroupId(World.GROUP)
                .setTicket(new TicketSigner(1, Map.of(1, SharedStack.TICKET_SECRET))
                        .sign(packetId, user, System.currentTimeMillis() + 120_000))
                .build();
        long askedAtNanos = System.nanoTime();
        OpenResponse answer = OpenServiceGrpc.newBlockingStub(pods.get(pod))
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .open(request);
        world.answers().add(request, answer, askedAtNanos, System.nanoTime());
        assertEquals(OpenResult.OPEN_RESULT_OPENED, answer.getResult());
    }

    @Test
    void shouldCloseADuePacketInThePodThatOwnsIt() throws Exception {
        // given packets that their owners have in memory
        double missedBefore = counted("hongbao_open_commit_failures_total");
        double closedBefore = counted("hongbao_open_packets_expired_total");
        List<Long> packets = new ArrayList<>();
        for (int i = 0; i < DUE_PACKETS; i++) {
            long packetId = world.publish(world.lucky(world.sender(1_000), 1_000, 5)
                    .setTimeToLive(World.seconds(3))
                    .build());
            world.grabAndOpen(packetId, world.fresh("user"));
            packets.add(packetId);
        }

        // when they expire, and every pod finds them
        await("expiry")
                .atMost(EXPIRY_MAX)
                .until(() -> packets.stream()
                        .allMatch(packetId -> world.state(packetId) == PacketState.PACKET_STATE_EXPIRED));

        // then their owners closed them, and no pod's batch met another's
        assertEquals(0, counted("hongbao_open_expiry_unrouted_total"));
        assertEquals(DUE_PACKETS, counted("hongbao_open_packets_expired_total") - closedBefore);
        assertEquals(missedBefore, counted("hongbao_open_commit_failures_total"));
    }

    private OpenResponse open(OpenRequest request, AtomicInteger next) {
        for (int call = 1; ; call++) {
            ManagedChannel pod = pods.get(Math.floorMod(next.getAndIncrement(), PODS));
            long askedAtNanos = System.nanoTime();
            try {
                OpenResponse answer = OpenServiceGrpc.newBlockingStub(pod)
                        .withDeadlineAfter(10, TimeUnit.SECONDS)
                        .open(request);
                world.answers().add(request, answer, askedAtNanos, System.nanoTime());
                return answer;
            } catch (StatusRuntimeException e) {
                if (!TRY_ELSEWHERE.contains(e.getStatus().getCode()) || call == CALLS_MAX) {
                    throw e;
                }
            }
        }
    }

    /** What all pods count under this name. */
    private double counted(String name) throws Exception {
        double count = 0;
        try (var http = HttpClient.newHttpClient()) {
            for (ServiceProcess pod : world.stack().instances(Service.OPEN)) {
                var metrics = http.send(
                        HttpRequest.newBuilder(URI.create("http://" + pod.managementAddress() + "/q/metrics"))
                                .build(),
                        BodyHandlers.ofLines());
                count += metrics.body()
                        .filter(line -> line.startsWith(name))
                        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                        .sum();
            }
        }
        return count;
    }
}
