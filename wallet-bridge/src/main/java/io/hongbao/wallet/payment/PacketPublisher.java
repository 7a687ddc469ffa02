package io.hongbao.wallet.payment;

import io.hongbao.core.id.PacketId;
import io.hongbao.v1.MutinySendServiceGrpc.MutinySendServiceStub;
import io.hongbao.v1.PublishPacketRequest;
import io.quarkus.grpc.GrpcClient;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Tells send-svc that a packet is paid. Best effort: the payment stands whatever becomes of this call, and send-svc asks
 * by itself for confirmations it missed.
 */
@ApplicationScoped
public class PacketPublisher {
    private static final Logger LOG = Logger.getLogger(PacketPublisher.class);

    /** The payer waits for it; a publication takes some milliseconds, and a missed one is made up for in seconds. */
    private static final long DEADLINE_MILLIS = 1_000;

    private final MutinySendServiceStub send;

    public PacketPublisher(@GrpcClient("send") MutinySendServiceStub send) {
        this.send = send;
    }

    /** @return whether the packet is published now; never fails */
    public Uni<Boolean> publish(PacketId packet) {
        return send.withDeadlineAfter(DEADLINE_MILLIS, TimeUnit.MILLISECONDS)
                .publishPacket(PublishPacketRequest.newBuilder()
                        .setPacketId(packet.value())
                        .setPaymentId(PaymentId.of(packet))
                        .build())
                .map(published -> true)
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.warnf("Paid packet is not published yet packet_id=%s cause=%s", packet, failure.getMessage());
                    return false;
                });
    }
}
