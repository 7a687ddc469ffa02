package io.hongbao.client;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.hongbao.client.region.RegionWeights;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.SendServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NewOrdersTest {
    private static final int NORTH = PacketId.NORTH;
    private static final int SOUTH = PacketId.SOUTH;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final RegionWeights weights = RegionWeights.of(Map.of(NORTH, 1, SOUTH, 1));
    private final AtomicInteger requestCount = new AtomicInteger();
    private Sends north;
    private Sends south;
    private HongbaoClient client;

    @BeforeEach
    void startBoth() throws IOException {
        north = new Sends(NORTH);
        south = new Sends(SOUTH);
        client = HongbaoClient.builder()
                .region(NORTH, endpoints(north.port))
                .region(SOUTH, endpoints(south.port))
                .weights(weights)
                .build();
    }

    @AfterEach
    void end() {
        client.close();
        north.end();
        south.end();
    }

    @Test
    void shouldSpreadOrdersAndTurnTheValveAtRunTime() {
        // given
        assertEquals(Map.of(NORTH, true, SOUTH, true), Map.of(NORTH, hits(NORTH, 40) > 5, SOUTH, hits(SOUTH, 40) > 5));

        // when
        weights.set(NORTH, 0);

        // then
        assertEquals(40, hits(SOUTH, 40));
    }

    @Test
    void shouldMakeEveryOrderInTheOtherRegionWhenOneIsGone() {
        south.end();

        assertEquals(200, hits(NORTH, 200));
        assertFalse(client.newOrders().takes(SOUTH));
    }

    @Test
    void shouldMakeOrdersElsewhereWhileARegionTakesNone() {
        south.refuses = Status.UNAVAILABLE;

        assertEquals(200, hits(NORTH, 200));
        // Three, and one a second that tries.
        assertTrue(south.orderCount.get() < 20, south.orderCount + " orders were tried");
    }

    @Test
    void shouldBringARegionBackByItself() throws IOException {
        // given
        south.end();
        hits(NORTH, 50);

        // when
        south = new Sends(SOUTH, south.port);

        // then
        await().atMost(PATIENCE).until(() -> hits(SOUTH, 10) > 0);
        assertTrue(client.newOrders().takes(SOUTH));
    }

    @Test
    void shouldNotAskTheNextRegionAboutAnOrderThatIsWrong() {
        north.refuses = Status.INVALID_ARGUMENT;
        south.refuses = Status.INVALID_ARGUMENT;

        var error = assertThrows(
                StatusRuntimeException.class, () -> client.newOrders().createPacket(request()));

        assertEquals(Status.Code.INVALID_ARGUMENT, error.getStatus().getCode());
        assertEquals(1, north.orderCount.get() + south.orderCount.get());
    }

    @Test
    void shouldNeverUseARegionWhoseValveIsClosed() {
        weights.set(Map.of(NORTH, 1));
        north.end();

        var error = assertThrows(
                StatusRuntimeException.class, () -> client.newOrders().createPacket(request()));

        assertEquals(Status.Code.UNAVAILABLE, error.getStatus().getCode());
        assertEquals(0, south.orderCount.get());
    }

    @Test
    void shouldFailOpensOfALostRegionFastAndSendThemNowhereElse() throws IOException {
        // A network that swallows everything: connections are accepted by the kernel and never answered.
        var kept = new ArrayList<Socket>();
        try (var hole = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
                HongbaoClient lost = HongbaoClient.builder()
                        .region(NORTH, endpoints(north.port))
                        .region(SOUTH, endpoints(hole.getLocalPort()))
                        .deadline(Duration.ofMillis(1_200))
                        .build()) {
            Thread.ofVirtual().start(() -> acceptAll(hole, kept));
            var open = OpenRequest.newBuilder()
                    .setPacketId(PacketId.of(SOUTH, 2500, 7, 1, 123).value())
                    .build();

            // when
            await().atMost(PATIENCE).until(() -> codeOf(lost, open) == Status.Code.UNAVAILABLE);

            // then
            long begunNanos = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                assertEquals(Status.Code.UNAVAILABLE, codeOf(lost, open));
            }
            long millis = (System.nanoTime() - begunNanos) / 1_000_000;
            assertTrue(millis < 1_000, "20 refusals took " + millis + " ms");
        }
    }

    private static void acceptAll(ServerSocket hole, ArrayList<Socket> kept) {
        try {
            while (true) {
                kept.add(hole.accept());
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private static Status.Code codeOf(HongbaoClient client, OpenRequest open) {
        return assertThrows(
                        StatusRuntimeException.class,
                        () -> client.forPacket(open.getPacketId())
                                .open()
                                .blocking()
                                .open(open))
                .getStatus()
                .getCode();
    }

    /** How many of so many orders went to a region; none may fail. */
    private int hits(int region, int orderCount) {
        int hits = 0;
        for (int i = 0; i < orderCount; i++) {
            long packet = client.newOrders().createPacket(request()).getPacketId();
            if (new PacketId(packet).region() == region) {
                hits++;
            }
        }
        return hits;
    }

    private CreatePacketRequest request() {
        return CreatePacketRequest.newBuilder()
                .setRequestId("request-" + requestCount.incrementAndGet())
                .build();
    }

    private static Endpoints endpoints(int port) {
        String target = "hongbao-static:///127.0.0.1:" + port;
        return new Endpoints(target, target, target, target, target);
    }

    /** A send-svc of one region. */
    private static final class Sends {
        final AtomicInteger orderCount = new AtomicInteger();
        final int port;
        volatile Status refuses = Status.OK;
        private final Server server;

        Sends(int region) throws IOException {
            this(region, 0);
        }

        Sends(int region, int wantedPort) throws IOException {
            server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", wantedPort))
                    .addService(new SendServiceGrpc.SendServiceImplBase() {
                        @Override
                        public void createPacket(
                                CreatePacketRequest request, StreamObserver<CreatePacketResponse> answer) {
                            int count = orderCount.incrementAndGet();
                            if (!refuses.isOk()) {
                                answer.onError(refuses.asRuntimeException());
                                return;
                            }
                            answer.onNext(CreatePacketResponse.newBuilder()
                                    .setPacketId(PacketId.of(region, 2500, 7, count, 123)
                                            .value())
                                    .build());
                            answer.onCompleted();
                        }
                    })
                    .build()
                    .start();
            port = server.getPort();
        }

        void end() {
            try {
                server.shutdownNow().awaitTermination();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
