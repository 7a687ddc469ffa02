package io.hongbao.client.balance;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.hongbao.client.OpenServers;
import io.hongbao.client.PacketIdAffinity;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenServiceGrpc;
import io.hongbao.v1.OpenServiceGrpc.OpenServiceBlockingStub;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RendezvousLoadBalancerTest {
    private static final int PACKET_COUNT = 600;
    private static final long SEED = 20260101L;

    private final List<Long> packets = new Random(SEED)
            .ints(PACKET_COUNT, 0, PacketId.COUNTER_MAX)
            .mapToObj(counter -> PacketId.of(1, 2500, 7, counter, 123).value())
            .distinct()
            .toList();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private OpenServers servers;

    @BeforeEach
    void startServers() throws Exception {
        System.out.println("seed=" + SEED);
        servers = OpenServers.start(3);
    }

    @AfterEach
    void stopServers() {
        channels.forEach(ManagedChannel::shutdownNow);
        servers.close();
    }

    @Test
    void shouldBringEveryCallOfAPacketToOneServerFromEveryClient() {
        // given
        Map<Long, Integer> owners = owners(stub(channel(servers.target())));

        // when
        Map<Long, Integer> ownersOfAnotherClient = owners(stub(channel(servers.target())));

        // then
        assertEquals(owners, ownersOfAnotherClient);
        assertEquals(3, new HashSet<>(owners.values()).size());
    }

    @Test
    void shouldMoveOnlyTheKeysOfACrashedServerAndGiveThemBack() throws Exception {
        // given
        ManagedChannel channel = channel(servers.target());
        OpenServiceBlockingStub stub = stub(channel);
        Map<Long, Integer> before = owners(stub);
        long packetOfTheCrashed =
                packets.stream().filter(id -> before.get(id) == 1).findFirst().orElseThrow();

        // when: a call that meets the dying connection may fail; it tells the client that the server has gone
        servers.crash(1);
        await().ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                .until(() -> ownerOf(stub, packetOfTheCrashed) != 1);
        Map<Long, Integer> during = owners(stub);
        servers.restart(1);
        channel.resetConnectBackoff();
        await().until(() -> ownerOf(stub, packetOfTheCrashed) == 1);
        Map<Long, Integer> after = owners(stub);

        // then
        before.forEach((packet, owner) -> {
            if (owner == 1) {
                assertNotEquals(1, during.get(packet));
            } else {
                assertEquals(owner, during.get(packet));
            }
        });
        assertEquals(before, after);
    }

    @Test
    void shouldFailOnlyTheCallsInFlightWhenAServerCrashes() throws Exception {
        // given
        ManagedChannel channel = channel(servers.target());
        Map<Long, Integer> owners = owners(stub(channel));
        var future = OpenServiceGrpc.newFutureStub(ClientInterceptors.intercept(channel, new PacketIdAffinity()))
                .withDeadlineAfter(20, TimeUnit.SECONDS);
        List<Long> owned = packets.stream().filter(id -> owners.get(id) == 2).toList();
        var held = new ArrayList<ListenableFuture<OpenResponse>>();
        for (long packet : owned.subList(0, 50)) {
            held.add(future.open(
                    request(packet).toBuilder().setUserId(OpenServers.HELD).build()));
        }
        await().until(() -> servers.heldCount.get() == 50);

        // when: the calls that were lost tell the client that the connection is gone
        servers.crash(2);
        for (var call : held) {
            assertThrows(ExecutionException.class, () -> call.get(5, TimeUnit.SECONDS));
        }
        var later = owned.stream().map(packet -> future.open(request(packet))).toList();

        // then
        for (var call : later) {
            assertNotEquals(2, call.get(5, TimeUnit.SECONDS).getSequence());
        }
    }

    @Test
    void shouldGiveUpWaitingForAServerThatNeverFinishesConnecting() throws Exception {
        try (var mute = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            // given
            String target = servers.target() + ",127.0.0.1:" + mute.getLocalPort();
            OpenServiceBlockingStub stub = stub(channel(target));

            // when
            long startedAt = System.nanoTime();
            Map<Long, Integer> owners = owners(stub);
            long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt);

            // then
            assertEquals(packets.size(), owners.size());
            assertTrue(tookMs < 5 * RendezvousLoadBalancer.CONNECT_GRACE.toMillis(), "took " + tookMs + " ms");
        }
    }

    @Test
    void shouldTakeTheKeyFromTheHeader() {
        // given
        ManagedChannel channel = channel(servers.target());
        Map<Long, Integer> owners = owners(stub(channel));

        // when
        var byHeader = new TreeMap<Long, Integer>();
        for (long packet : packets) {
            var headers = new Metadata();
            headers.put(PacketIdAffinity.HEADER, Long.toString(packet));
            var stub = OpenServiceGrpc.newBlockingStub(
                            ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)))
                    .withDeadlineAfter(5, TimeUnit.SECONDS);
            byHeader.put(packet, ownerOf(stub, packet));
        }

        // then
        assertEquals(owners, byHeader);
    }

    @Test
    void shouldSpreadCallsWithoutAKey() {
        // given
        ManagedChannel channel = channel(servers.target());
        owners(stub(channel));
        var withoutKey = OpenServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
        var counts = new int[3];

        // when
        packets.forEach(packet -> counts[ownerOf(withoutKey, packet)]++);

        // then: 200 each, with a standard deviation below 12
        for (int count : counts) {
            assertTrue(Math.abs(count - packets.size() / 3) < 75, () -> Arrays.toString(counts));
        }
    }

    @Test
    void shouldTellWhyWhenNoServerIsThere() throws Exception {
        // given
        for (int i = 0; i < 3; i++) {
            servers.crash(i);
        }
        OpenServiceBlockingStub stub = stub(channel(servers.target()));

        // when
        var error = assertThrows(StatusRuntimeException.class, () -> ownerOf(stub, packets.getFirst()));

        // then
        assertEquals(Status.Code.UNAVAILABLE, error.getStatus().getCode());
    }

    private ManagedChannel channel(String target) {
        ManagedChannel channel = ManagedChannelBuilder.forTarget(target)
                .usePlaintext()
                .defaultLoadBalancingPolicy(RendezvousLoadBalancerProvider.POLICY)
                .build();
        channels.add(channel);
        return channel;
    }

    private static OpenServiceBlockingStub stub(ManagedChannel channel) {
        return OpenServiceGrpc.newBlockingStub(ClientInterceptors.intercept(channel, new PacketIdAffinity()))
                .withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private Map<Long, Integer> owners(OpenServiceBlockingStub stub) {
        var owners = new TreeMap<Long, Integer>();
        packets.forEach(packet -> owners.put(packet, ownerOf(stub, packet)));
        return owners;
    }

    private static int ownerOf(OpenServiceBlockingStub stub, long packet) {
        return stub.open(request(packet)).getSequence();
    }

    private static OpenRequest request(long packet) {
        return OpenRequest.newBuilder().setPacketId(packet).build();
    }
}
