package io.hongbao.send;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_NEW_ORDERS_OFF;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PAYMENT_ID_INVALID;

import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.util.Timestamps;
import io.grpc.Deadline;
import io.hongbao.control.Control;
import io.hongbao.control.Switch;
import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Input;
import io.hongbao.kit.Refusal;
import io.hongbao.orders.PacketRow;
import io.hongbao.send.payment.Orders;
import io.hongbao.send.publish.Publication;
import io.hongbao.send.wallet.PaymentId;
import io.hongbao.send.wrap.Wrapping;
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
import java.time.Duration;
import java.util.function.Function;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The gRPC face: checks what came in, and puts answers and failures into the contract's words. */
@GrpcService
public class SendApi implements SendService {
    private final int region;
    private final Wrapping wrapping;
    private final Publication publication;
    private final Orders orders;
    private final Control control;
    private final SendMetrics metrics;

    SendApi(
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
    public Uni<CreatePacketResponse> createPacket(CreatePacketRequest request) {
        return answer(
                "CreatePacket",
                deadline -> wrap(request, deadline)
                        .map(wrapped -> CreatePacketResponse.newBuilder()
                                .setPacketId(wrapped.packetId().value())
                                .setPaymentId(wrapped.paymentId())
                                .setSeedHash(UnsafeByteOperations.unsafeWrap(wrapped.commitment()))
                                .setPaymentDueAt(timestamp(wrapped.paymentDueAtMicros()))
                                .setReplay(wrapped.replay())
                                .build()));
    }

    /** With new orders off a replay is refused, too: only the payment side could tell it from a new one. */
    private Uni<Wrapping.Wrapped> wrap(CreatePacketRequest request, Deadline deadline) {
        if (control.now().isOff(Switch.NEW_ORDERS)) {
            throw Refusal.of(ERROR_REASON_NEW_ORDERS_OFF, "this region takes no new orders for a while")
                    .with("region", Integer.toString(region));
        }
        return wrapping.wrap(request, deadline);
    }

    @Override
    public Uni<GetPaymentStatusResponse> getPaymentStatus(GetPaymentStatusRequest request) {
        return answer("GetPaymentStatus", deadline -> {
            PacketId id = Input.packetIdOfRegion(request.getPacketId(), region);
            return orders.status(id, deadline).map(row -> {
                var response = GetPaymentStatusResponse.newBuilder()
                        .setState(state(row))
                        .setPaymentId(PaymentId.of(id));
                if (row.published()) {
                    response.setPublishedAt(timestamp(row.publishedAtMicros()))
                            .setExpiresAt(timestamp(row.dueAtMicros()));
                }
                return response.build();
            });
        });
    }

    @Override
    public Uni<CancelPacketResponse> cancelPacket(CancelPacketRequest request) {
        return answer("CancelPacket", deadline -> {
            Input.requestId(request.getRequestId());
            PacketId id = Input.packetIdOfRegion(request.getPacketId(), region);
            String senderId = Input.userId(request.getSenderId());
            return orders.cancel(id, senderId, deadline)
                    .map(replay -> CancelPacketResponse.newBuilder()
                            .setState(PacketState.PACKET_STATE_CLOSED)
                            .setReplay(replay)
                            .build());
        });
    }

    @Override
    public Uni<PublishPacketResponse> publishPacket(PublishPacketRequest request) {
        return answer("PublishPacket", deadline -> {
            PacketId id = Input.packetIdOfRegion(request.getPacketId(), region);
            if (!request.getPaymentId().equals(PaymentId.of(id))) {
                throw Refusal.of(ERROR_REASON_PAYMENT_ID_INVALID, "payment_id is not that of the packet's payment");
            }
            return publication
                    .publish(id, deadline)
                    .map(row -> PublishPacketResponse.newBuilder()
                            .setState(state(row))
                            .setPublishedAt(timestamp(row.publishedAtMicros()))
                            .setExpiresAt(timestamp(row.dueAtMicros()))
                            .build());
        });
    }

    private <T> Uni<T> answer(String method, Function<Deadline, Uni<T>> work) {
        Deadline deadline = Patience.ofCall();
        long begin = System.nanoTime();
        return Uni.createFrom()
                .deferred(() -> {
                    Patience.check(deadline);
                    return work.apply(deadline);
                })
                .onFailure()
                .transform(Failures::toCaller)
                .onFailure()
                .invoke(failure ->
                        metrics.refused(method, Failures.reasonOf(failure).orElse("INTERNAL")))
                .onTermination()
                .invoke(() -> metrics.answered(method, Duration.ofNanos(System.nanoTime() - begin)));
    }

    private static PacketState state(PacketRow row) {
        return PacketState.forNumber(row.state().code());
    }

    private static Timestamp timestamp(long micros) {
        return Timestamps.fromMicros(micros);
    }
}
