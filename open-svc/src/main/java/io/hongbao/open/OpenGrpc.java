package io.hongbao.open;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_NOT_IN_GROUP;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_CLOSED;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_FROZEN;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_NOT_PAID;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_TICKET_EXPIRED;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_TICKET_INVALID;

import com.google.protobuf.Timestamp;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.Decision;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.ticket.TicketSigner;
import io.hongbao.kit.ErrorMapping;
import io.hongbao.kit.Input;
import io.hongbao.kit.Refusal;
import io.hongbao.kit.ShortPath;
import io.hongbao.open.lane.Command;
import io.hongbao.open.lane.Lanes;
import io.hongbao.v1.ExpirePacketRequest;
import io.hongbao.v1.ExpirePacketResponse;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenResult;
import io.hongbao.v1.OpenServiceGrpc;
import io.micrometer.core.instrument.Counter;
import io.quarkus.grpc.GrpcService;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The face of the lanes: checks what a caller sends, queues it, and writes the answer. Written against the plain gRPC
 * stub, since this is the path that 760,000 calls a second take.
 */
@GrpcService
public class OpenGrpc extends OpenServiceGrpc.OpenServiceImplBase {
    private static final Map<Decision.Refused, OpenResponse> RESULTS = new EnumMap<>(Map.of(
            Decision.Refused.SOLD_OUT, result(OpenResult.OPEN_RESULT_SOLD_OUT),
            Decision.Refused.EXPIRED, result(OpenResult.OPEN_RESULT_EXPIRED),
            Decision.Refused.NOT_FOR_YOU, result(OpenResult.OPEN_RESULT_NOT_FOR_YOU)));

    private final Lanes lanes;
    private final TicketSigner tickets;
    private final int region;
    private final Counter opened;
    private final Counter replayed;
    private final Map<Decision.Refused, Counter> refused = new EnumMap<>(Decision.Refused.class);
    private final Counter failed;

    OpenGrpc(
            Lanes lanes,
            TicketSigner tickets,
            OpenMetrics metrics,
            @ConfigProperty(name = "hongbao.region") int region) {
        this.lanes = lanes;
        this.tickets = tickets;
        this.region = region;
        this.opened = metrics.result("opened");
        this.replayed = metrics.result("replayed");
        this.failed = metrics.result("error");
        for (Decision.Refused reason : Decision.Refused.values()) {
            refused.put(reason, metrics.result(reason.name().toLowerCase(java.util.Locale.ROOT)));
        }
    }

    @Override
    public void open(OpenRequest request, StreamObserver<OpenResponse> answer) {
        try {
            Input.requestId(request.getRequestId());
            PacketId id = Input.packetIdOfRegion(request.getPacketId(), region);
            String userId = Input.userId(request.getUserId());
            String groupId = Input.groupId(request.getGroupId());
            checkTicket(request);
            lanes.of(id).submit(new Opening(id, userId, groupId, answer));
        } catch (RuntimeException refusal) {
            failed.increment();
            answer.onError(ErrorMapping.toStatus(refusal));
        }
    }

    @Override
    public void expirePacket(ExpirePacketRequest request, StreamObserver<ExpirePacketResponse> answer) {
        try {
            PacketId id = Input.packetIdOfRegion(request.getPacketId(), region);
            lanes.of(id).submit(new Expiring(id, answer));
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

    private static OpenResponse result(OpenResult result) {
        return OpenResponse.newBuilder().setResult(result).build();
    }

    /** The value of a key; the constructor made one for each. */
    private static <V> V known(Map<Decision.Refused, V> values, Decision.Refused reason) {
        return Objects.requireNonNull(values.get(reason), reason::name);
    }

    private static Timestamp timestamp(long micros) {
        return Timestamp.newBuilder()
                .setSeconds(Math.floorDiv(micros, 1_000_000L))
                .setNanos((int) Math.floorMod(micros, 1_000_000L) * 1_000)
                .build();
    }

    private final class Opening extends Command.Open {
        private final StreamObserver<OpenResponse> answer;

        Opening(PacketId id, String userId, String groupId, StreamObserver<OpenResponse> answer) {
            super(id, userId, groupId, Context.current().getDeadline(), ShortPath.eventLoop());
            this.answer = answer;
        }

        @Override
        public void opened(int sequence, long amountFen, long openedAtMicros, boolean replay) {
            (replay ? replayed : opened).increment();
            send(OpenResponse.newBuilder()
                    .setResult(OpenResult.OPEN_RESULT_OPENED)
                    .setAmountFen(amountFen)
                    .setSequence(sequence)
                    .setReplay(replay)
                    .setOpenedAt(timestamp(openedAtMicros))
                    .build());
        }

        @Override
        public void refused(Decision.Refused reason) {
            known(refused, reason).increment();
            switch (reason) {
                case SOLD_OUT, EXPIRED, NOT_FOR_YOU -> send(known(RESULTS, reason));
                case NOT_IN_GROUP ->
                    fail(Refusal.of(ERROR_REASON_NOT_IN_GROUP, "the packet was sent to another group"));
                case NOT_PAID -> fail(Refusal.of(ERROR_REASON_PACKET_NOT_PAID, "the packet is not paid yet"));
                case FROZEN ->
                    fail(Refusal.of(ERROR_REASON_PACKET_FROZEN, "the packet is frozen until it has been looked into"));
                case CLOSED -> fail(Refusal.of(ERROR_REASON_PACKET_CLOSED, "the order was closed unpaid"));
            }
        }

        @Override
        public void refuse(Refusal refusal) {
            failed.increment();
            fail(refusal);
        }

        private void send(OpenResponse response) {
            answer.onNext(response);
            answer.onCompleted();
        }

        private void fail(Refusal refusal) {
            answer.onError(refusal.toStatusException());
        }
    }

    private static final class Expiring extends Command.Expire {
        private final StreamObserver<ExpirePacketResponse> answer;

        Expiring(PacketId id, StreamObserver<ExpirePacketResponse> answer) {
            super(id, Context.current().getDeadline(), ShortPath.eventLoop());
            this.answer = answer;
        }

        @Override
        public void done(PacketState state) {
            send(state.code(), state.refundFen());
        }

        @Override
        public void notDue() {
            send(PacketState.Open.CODE, 0);
        }

        @Override
        public void refuse(Refusal refusal) {
            answer.onError(refusal.toStatusException());
        }

        private void send(int state, long refundFen) {
            answer.onNext(ExpirePacketResponse.newBuilder()
                    .setStateValue(state)
                    .setRefundFen(refundFen)
                    .build());
            answer.onCompleted();
        }
    }
}
