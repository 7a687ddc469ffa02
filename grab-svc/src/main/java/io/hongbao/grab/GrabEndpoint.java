package io.hongbao.grab;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_OVERLOADED;

import io.hongbao.core.id.PacketId;
import io.hongbao.grab.ticket.GrabBrake;
import io.hongbao.kit.Input;
import io.hongbao.kit.Refusal;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.GrabService;
import io.quarkus.grpc.GrpcService;
import io.smallrye.mutiny.Uni;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The gRPC face: checks what came in, and asks the filter. */
@GrpcService
public class GrabEndpoint implements GrabService {
    private final GrabFilter filter;
    private final GrabBrake brake;
    private final GrabMetrics metrics;
    private final int region;

    GrabEndpoint(
            GrabFilter filter,
            GrabBrake brake,
            GrabMetrics metrics,
            @ConfigProperty(name = "hongbao.region") int region) {
        this.filter = filter;
        this.brake = brake;
        this.metrics = metrics;
        this.region = region;
    }

    @Override
    public Uni<GrabResponse> grab(GrabRequest request) {
        Input.requestId(request.getRequestId());
        PacketId packetId = Input.packetIdOfRegion(request.getPacketId(), region);
        String userId = Input.userId(request.getUserId());
        String groupId = Input.groupId(request.getGroupId());
        if (!brake.lets()) {
            metrics.slowed();
            throw Refusal.of(ERROR_REASON_OVERLOADED, "grabs are slowed for a while, try again");
        }
        return filter.grab(packetId, userId, groupId);
    }
}
