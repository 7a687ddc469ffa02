package io.hongbao.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.hongbao.cli.call.Clients;
import io.hongbao.client.CallError;
import io.hongbao.client.Endpoints;
import io.hongbao.client.Errors;
import io.hongbao.client.HongbaoClient;
import io.hongbao.client.region.RegionWeights;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.ErrorReason;
import io.hongbao.v1.GetPacketRequest;
import io.hongbao.v1.OpenRequest;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the Java client and the services of one region say to each other about the other one. */
@OnRunningStack
class RegionsTest {
    private static final int ORDER_COUNT = 20;
    private static final Endpoints NOWHERE = new Endpoints(
            "hongbao-static:///127.0.0.1:1",
            "hongbao-static:///127.0.0.1:1",
            "hongbao-static:///127.0.0.1:1",
            "hongbao-static:///127.0.0.1:1",
            "hongbao-static:///127.0.0.1:1");
    private static final long SOUTHERN =
            PacketId.of(PacketId.SOUTH, 2500, 7, 1, 17).value();

    private final World world;

    RegionsTest(World world) {
        this.world = world;
    }

    @Test
    void shouldMakeEveryOrderWhereOrdersAreTaken() {
        String sender = world.sender(100);
        try (var client = client(NOWHERE)) {
            for (int i = 0; i < ORDER_COUNT; i++) {
                long packet = client.newOrders()
                        .createPacket(world.lucky(sender, 100, 2).build())
                        .getPacketId();
                assertEquals(PacketId.NORTH, new PacketId(packet).region());
            }
        }
    }

    @Test
    void shouldSayUnavailableOfAPacketWhoseRegionIsGone() {
        try (var client = client(NOWHERE)) {
            var request = GetPacketRequest.newBuilder().setPacketId(SOUTHERN).build();

            var error = assertThrows(
                    StatusRuntimeException.class,
                    () -> client.forPacket(SOUTHERN).query().blocking().getPacket(request));

            assertEquals(Status.Code.UNAVAILABLE, error.getStatus().getCode());
        }
    }

    @Test
    void shouldReportAWrongRegionAndNotFollowIt() {
        // given endpoints that are mixed up: the north's, under the name of the south
        try (var client = client(Clients.endpoints(world.stack().addresses()))) {
            var request = OpenRequest.newBuilder()
                    .setRequestId("open")
                    .setPacketId(SOUTHERN)
                    .setUserId("somebody")
                    .setGroupId(World.GROUP)
                    .build();

            var failure = assertThrows(
                    StatusRuntimeException.class,
                    () -> client.forPacket(SOUTHERN).open().blocking().open(request));

            CallError error = Errors.read(failure);
            assertEquals(Status.Code.FAILED_PRECONDITION, error.code());
            assertEquals(Optional.of(ErrorReason.ERROR_REASON_WRONG_REGION), error.reason());
            assertEquals("2", error.metadata().get("home_region"));
        }
    }

    private HongbaoClient client(Endpoints south) {
        return HongbaoClient.builder()
                .region(PacketId.NORTH, Clients.endpoints(world.stack().addresses()))
                .region(PacketId.SOUTH, south)
                .weights(RegionWeights.of(Map.of(PacketId.NORTH, 1, PacketId.SOUTH, 1)))
                .deadline(Clients.DEADLINE)
                .build();
    }
}
