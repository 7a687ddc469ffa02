package io.hongbao.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.hongbao.core.assertion.Asker;
import io.hongbao.core.assertion.AssertionSigner;
import io.hongbao.core.assertion.AssertionVerifier;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.OpenRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HongbaoClientTest {
    @Test
    void shouldSendEveryPacketToItsRegionAndItsPod() throws Exception {
        try (OpenServers north = OpenServers.start(3);
                OpenServers south = OpenServers.start(1);
                HongbaoClient client = HongbaoClient.builder()
                        .region(PacketId.NORTH, onlyOpen(north.target()))
                        .region(PacketId.SOUTH, onlyOpen(south.target()))
                        .build()) {
            // given
            var northern = new HashSet<Integer>();
            var southern = new HashSet<Integer>();

            // when
            for (int counter = 0; counter < 100; counter++) {
                long id = PacketId.of(PacketId.NORTH, 2500, 7, counter, 123).value();
                int owner = open(client, id);
                northern.add(owner);
                assertEquals(owner, open(client, id));
                assertEquals(
                        owner,
                        client.forPacket(id)
                                .open()
                                .future()
                                .open(request(id))
                                .get(5, TimeUnit.SECONDS)
                                .getSequence());
                southern.add(open(
                        client,
                        PacketId.of(PacketId.SOUTH, 2500, 7, counter, 123).value()));
            }

            // then
            assertEquals(3, northern.size());
            assertEquals(1, southern.size());
        }
    }

    @Test
    void shouldGiveEveryCallADeadline() throws Exception {
        try (OpenServers servers = OpenServers.start(1);
                HongbaoClient client = HongbaoClient.builder()
                        .region(PacketId.NORTH, onlyOpen(servers.target()))
                        .deadline(Duration.ofMillis(300))
                        .build()) {
            // given
            long id = PacketId.of(PacketId.NORTH, 2500, 7, 1, 123).value();
            open(client, id);

            // when
            var error = assertThrows(
                    StatusRuntimeException.class,
                    () -> client.forPacket(id)
                            .open()
                            .blocking()
                            .open(request(id).toBuilder()
                                    .setUserId(OpenServers.HELD)
                                    .build()));

            // then
            assertEquals(Status.Code.DEADLINE_EXCEEDED, error.getStatus().getCode());
        }
    }

    @Test
    void shouldRefuseARegionWithoutEndpoints() {
        try (HongbaoClient client = HongbaoClient.builder()
                .region(PacketId.NORTH, onlyOpen("hongbao-static:///127.0.0.1:1"))
                .build()) {
            long southern = PacketId.of(PacketId.SOUTH, 2500, 7, 1, 123).value();
            var error = assertThrows(IllegalArgumentException.class, () -> client.forPacket(southern));
            assertTrue(error.getMessage().contains("region 2"));
        }
    }

    @Test
    void shouldSayWhoAsksUnderASignature() throws Exception {
        // given
        byte[] secret = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        var asker = new Asker("li-na", "friends");
        var signer = new AssertionSigner(1, secret);
        long id = PacketId.of(PacketId.NORTH, 2500, 7, 1, 123).value();

        try (OpenServers servers = OpenServers.start(1);
                HongbaoClient client = HongbaoClient.builder()
                        .region(PacketId.NORTH, onlyOpen(servers.target()))
                        .build()) {
            // when
            var stub = client.forPacket(id).open().blocking();
            stub.withCallCredentials(AssertedUser.of(signer, asker)).open(request(id));
            stub.withCallCredentials(AssertedUser.of(signer.sign(asker))).open(request(id));
            stub.open(request(id));

            // then
            var verifier = new AssertionVerifier(Map.of(1, secret), Duration.ofMinutes(10));
            assertEquals(2, servers.assertions.size());
            for (byte[] assertion : servers.assertions) {
                assertEquals(
                        new AssertionVerifier.Genuine(asker), verifier.verify(assertion, System.currentTimeMillis()));
            }
        }
    }

    private static int open(HongbaoClient client, long id) {
        return client.forPacket(id).open().blocking().open(request(id)).getSequence();
    }

    private static OpenRequest request(long id) {
        return OpenRequest.newBuilder().setPacketId(id).build();
    }

    private static Endpoints onlyOpen(String target) {
        String nowhere = "hongbao-static:///127.0.0.1:1";
        return new Endpoints(nowhere, nowhere, target, nowhere, nowhere);
    }
}
