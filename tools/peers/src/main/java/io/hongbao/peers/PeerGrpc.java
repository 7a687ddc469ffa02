package io.hongbao.peers;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_TICKET_EXPIRED;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_TICKET_INVALID;

import io.grpc.stub.StreamObserver;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.ticket.TicketSigner;
import io.hongbao.kit.ErrorMapping;
import io.hongbao.kit.Input;
import io.hongbao.kit.Refusal;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenServiceGrpc;
import io.quarkus.grpc.GrpcService;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The face of open-svc, with the same checks in the same order, before whichever mode is measured. */
@GrpcService
public class PeerGrpc extends OpenServiceGrpc.OpenServiceImplBase {
    private final Opener opener;
    private final TicketSigner tickets;
    private final int region;

    PeerGrpc(Modes modes, @ConfigProperty(name = "hongbao.region") int region) {
        this.opener = modes.opener();
        this.tickets = modes.tickets();
        this.region = region;
    }

    @Override
    public void open(OpenRequest request, StreamObserver<OpenResponse> answer) {
        try {
            Input.requestId(request.getRequestId());
            PacketId id = Input.packetIdOfRegion(request.getPacketId(), region);
            String userId = Input.userId(request.getUserId());
            String groupId = Input.groupId(request.getGroupId());
            checkTicket(request);
            opener.open(id, userId, groupId).onComplete(opened -> {
                if (opened.succeeded()) {
                    answer.onNext(opened.result());
                    answer.onCompleted();
                } else {
                    answer.onError(ErrorMapping.toStatus(opened.cause()));
                }
            });
        } catch (RuntimeException refusal) {
            answer.onError(ErrorMapping.toStatus(refusal));
        }
    }

    private void checkTicket(OpenRequest request) {
        switch (tickets.verify(
                request.getTicket(), request.getPacketId(), request.getUserId(), System.currentTimeMillis())) {
            case VALID -> {}
            case EXPIRED -> throw Refusal.of(ERROR_REASON_TICKET_EXPIRED, "the ticket's lease is over");
            case INVALID ->
                throw Refusal.of(ERROR_REASON_TICKET_INVALID, "the ticket is not one of this user and packet");
        }
    }
}
