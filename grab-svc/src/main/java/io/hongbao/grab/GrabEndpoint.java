package io.hongbao.grab;

import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Input;
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
    private final int region;

    GrabEndpoint(GrabFilter filter, @ConfigProperty(name = "hongbao.region") int region) {
        this.filter = filter;
        this.region = region;
    }

    @Override
    public Uni<GrabResponse> grab(GrabRequest request) {
        Input.requestId(request.getRequestId());
        PacketId packetId = Input.packetIdOfRegion(request.getPacketId(), region);
        String userId = Input.userId(request.getUserId());
        String groupId = Input.groupId(request.getGroupId());
        return filter.grab(packetId, userId, groupId);
    }
}
