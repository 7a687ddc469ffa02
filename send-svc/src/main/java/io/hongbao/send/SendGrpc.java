package io.hongbao.send;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_NEW_ORDERS_OFF;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PAYMENT_ID_INVALID;

import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.util.Timestamps;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.hongbao.control.Control;
import io.hongbao.control.Switch;
import io.hongbao.core.id.PacketId;
import io.hongbao.kit.ErrorMapping;
import io.hongbao.kit.Input;
import io.hongbao.kit.Refusal;
import io.hongbao.orders.PacketRow;
import io.hongbao.send.payment.Orders;
import io.hongbao.send.publish.Publication;
import io.hongbao.send.publish.Publication.Published;
import io.hongbao.send.wallet.PaymentId;
import io.hongbao.send.wrap.Wrapping;
import io.hongbao.send.wrap.Wrapping.Wrapped;
import io.hongbao.v1.CancelPacketRequest;
import io.hongbao.v1.CancelPacketResponse;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.GetPaymentStatusRequest;
import io.hongbao.v1.GetPaymentStatusResponse;
import io.hongbao.v1.PacketState;
import io.hongbao.v1.PublishPacketRequest;
import io.hongbao.v1.PublishPacketResponse;
import io.hongbao.v1.SendServiceGrpc;
import io.quarkus.grpc.GrpcService;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * The gRPC face: checks what came in, and puts answers and failures into the contract's words. Written against the plain gRPC
 * stub, for {@link SendShortPath}: nothing here blocks or needs a context of the framework.
 */
@GrpcService
public class SendGrpc extends SendServiceGrpc.SendServiceImplBase {
    private final int region;
    private final Wrapping wrapping;
    private final Publication publication;
    private final Orders orders;
    private final Control control;
    private final SendMetrics metrics;

    SendGrpc(
            @ConfigProperty(name = "hongbao.region") int region,
            Wrapping wrapping,
            Publication publication,
            Orders orders,
            Control control,
            SendMetrics metrics) {
        this.region = region;
        this.wrapping = wrapping;
        this.publication = publication;
        this.orders = orders;
        this.control = control;
        this.metrics = metrics;
    }

    @Override
    public void createPacket(CreatePacketRequest request, StreamObserver<CreatePacketResponse> answer) {
        answer(
                "CreatePacket",
                answer,
                deadline -> wrap(request, deadline)
                        .thenApply(wrapped -> CreatePacketResponse.newBuilder()
                                .setPacketId(wrapped.packetId().value())
                                .setPaymentId(wrapped.paymentId())
                                .setSeedHash(UnsafeByteOperations.unsafeWrap(wrapped.commitment()))
                                .setPaymentDueAt(timestamp(wrapped.paymentDueAtMicros()))
                                .setReplay(wrapped.replay())
                                .build()));
    }

    /** With new orders off a replay is refused, too: only the payment side could tell it from a new one. */
    private CompletableFuture<Wrapped> wrap(CreatePacketRequest request, Deadline deadline) {
        if (control.now().isOff(Switch.NEW_ORDERS)) {
            throw Refusal.of(ERROR_REASON_NEW_ORDERS_OFF, "this region takes no new orders for a while")
                    .with("region", Integer.toString(region));
        }
        return wrapping.wrap(request, deadline);
    }

    @Override
    public void getPaymentStatus(GetPaymentStatusRequest request, StreamObserver<GetPaymentStatusResponse> answer) {
        answer("GetPaymentStatus", answer, deadline -> {
            PacketId id = Input.packetIdOfRegion(request.getPacketId(), region);
            return orders.status(id, deadline).thenApply(row -> status(id, row));
        });
    }

    private static GetPaymentStatusResponse status(PacketId id, PacketRow row) {
        var response = GetPaymentStatusResponse.newBuilder()
                .setState(PacketState.forNumber(row.state().code()))
                .setPaymentId(PaymentId.of(id));
        if (row.published()) {
            response.setPublishedAt(timestamp(row.publishedAtMicros())).setExpiresAt(timestamp(row.dueAtMicros()));
        }
        return response.build();
    }

    @Override
    public void cancelPacket(CancelPacketRequest request, StreamObserver<CancelPacketResponse> answer) {
        answer("CancelPacket", answer, deadline -> {
            Input.requestId(request.getRequestId());
            PacketId id = Input.packetIdOfRegion(request.getPacketId(), region);
            String senderId = Input.userId(request.getSenderId());
            return orders.cancel(id, senderId, deadline)
                    .thenApply(replay -> CancelPacketResponse.newBuilder()
                            .setState(PacketState.PACKET_STATE_CLOSED)
                            .setReplay(replay)
                            .build());
        });
    }

    @Override
    public void publishPacket(PublishPacketRequest request, StreamObserver<PublishPacketResponse> answer) {
        answer("PublishPacket", answer, deadline -> {
            PacketId id = Input.packetIdOfRegion(request.getPacketId(), region);
            if (!request.getPaymentId().equals(PaymentId.of(id))) {
                throw Refusal.of(ERROR_REASON_PAYMENT_ID_INVALID, "payment_id is not that of the packet's payment");
            }
            return publication.publish(id, deadline).thenApply(SendGrpc::published);
        });
    }

    private static PublishPacketResponse published(Published packet) {
        return PublishPacketResponse.newBuilder()
                .setState(PacketState.forNumber(packet.state().code()))
                .setPublishedAt(timestamp(packet.publishedAtMicros()))
                .setExpiresAt(timestamp(packet.expiresAtMicros()))
                .build();
    }

    private <T> void answer(String method, StreamObserver<T> answer, Function<Deadline, CompletableFuture<T>> work) {
        if (answer instanceof ServerCallStreamObserver<T> call) {
            // With a handler, an answer to a caller who has gone is dropped; without one it is an exception.
            call.setOnCancelHandler(() -> {});
        }
        long beginNanos = System.nanoTime();
        Deadline deadline = Patience.ofCall();
        CompletableFuture<T> done;
        try {
            Patience.check(deadline);
            done = work.apply(deadline);
        } catch (RuntimeException failure) {
            done = CompletableFuture.failedFuture(failure);
        }
        done.whenComplete((response, failure) -> {
            metrics.answered(method, Duration.ofNanos(System.nanoTime() - beginNanos));
            tell(method, answer, response, failure);
        });
    }

    private <T> void tell(String method, StreamObserver<T> answer, T response, @Nullable Throwable failure) {
        if (failure == null) {
            answer.onNext(response);
            answer.onCompleted();
        } else {
            metrics.refused(method, Failures.reasonOf(failure).orElse("INTERNAL"));
            answer.onError(ErrorMapping.toStatus(Failures.toCaller(failure)));
        }
    }

    private static Timestamp timestamp(long micros) {
        return Timestamps.fromMicros(micros);
    }
}
