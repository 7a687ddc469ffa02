package io.hongbao.wallet;

import io.grpc.Status;
import io.hongbao.v1.CancelPacketRequest;
import io.hongbao.v1.CancelPacketResponse;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.GetPaymentStatusRequest;
import io.hongbao.v1.GetPaymentStatusResponse;
import io.hongbao.v1.PacketState;
import io.hongbao.v1.PublishPacketRequest;
import io.hongbao.v1.PublishPacketResponse;
import io.hongbao.v1.SendService;
import io.quarkus.grpc.GrpcService;
import io.smallrye.mutiny.Uni;

/** A send-svc that publishes, is away, or never answers, as a test wants it. */
@GrpcService
public class FakeSend implements SendService {
    enum Mood {
        PUBLISHES,
        AWAY,
        SILENT
    }

    static volatile Mood mood = Mood.PUBLISHES;

    @Override
    public Uni<PublishPacketResponse> publishPacket(PublishPacketRequest request) {
        return switch (mood) {
            case PUBLISHES ->
                Uni.createFrom()
                        .item(PublishPacketResponse.newBuilder()
                                .setState(PacketState.PACKET_STATE_OPEN)
                                .build());
            case AWAY -> Uni.createFrom().failure(Status.UNAVAILABLE.asRuntimeException());
            case SILENT -> Uni.createFrom().nothing();
        };
    }

    @Override
    public Uni<CreatePacketResponse> createPacket(CreatePacketRequest request) {
        throw new UnsupportedOperationException("no test asks for it");
    }

    @Override
    public Uni<GetPaymentStatusResponse> getPaymentStatus(GetPaymentStatusRequest request) {
        throw new UnsupportedOperationException("no test asks for it");
    }

    @Override
    public Uni<CancelPacketResponse> cancelPacket(CancelPacketRequest request) {
        throw new UnsupportedOperationException("no test asks for it");
    }
}
