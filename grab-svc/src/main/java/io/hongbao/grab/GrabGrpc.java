package io.hongbao.grab;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_OVERLOADED;

import io.grpc.stub.StreamObserver;
import io.hongbao.core.id.PacketId;
import io.hongbao.grab.ticket.GrabBrake;
import io.hongbao.kit.ErrorMapping;
import io.hongbao.kit.Input;
import io.hongbao.kit.Refusal;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.GrabServiceGrpc;
import io.quarkus.grpc.GrpcService;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The gRPC face: checks what came in, and asks the filter. Written against the plain gRPC stub, since no other call is
 * made as often.
 */
@GrpcService
public class GrabGrpc extends GrabServiceGrpc.GrabServiceImplBase {
    private final GrabFilter filter;
    private final GrabBrake brake;
    private final GrabMetrics metrics;
    private final int region;

    GrabGrpc(
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
    public void grab(GrabRequest request, StreamObserver<GrabResponse> answer) {
        try {
            Input.requestId(request.getRequestId());
            PacketId packetId = Input.packetIdOfRegion(request.getPacketId(), region);
            String userId = Input.userId(request.getUserId());
            String groupId = Input.groupId(request.getGroupId());
            if (!brake.lets()) {
                metrics.slowed();
                throw Refusal.of(ERROR_REASON_OVERLOADED, "grabs are slowed for a while, try again");
            }
            filter.grab(packetId, userId, groupId, answer);
        } catch (RuntimeException refusal) {
            answer.onError(ErrorMapping.toStatus(refusal));
        }
    }
}
