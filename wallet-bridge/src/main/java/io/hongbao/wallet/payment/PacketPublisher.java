package io.hongbao.wallet.payment;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.PublishPacketRequest;
import io.hongbao.v1.PublishPacketResponse;
import io.hongbao.v1.SendServiceGrpc;
import io.hongbao.v1.SendServiceGrpc.SendServiceStub;
import io.quarkus.grpc.GrpcClient;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
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

    private final SendServiceStub send;

    public PacketPublisher(@GrpcClient("send") Channel send) {
        // What follows an answer is one more message to the payer: it needs no thread of its own.
        this.send = SendServiceGrpc.newStub(send).withExecutor(Runnable::run);
    }

    /** @return whether the packet is published now; never fails */
    public Uni<Boolean> publish(PacketId packet) {
        var request = PublishPacketRequest.newBuilder()
                .setPacketId(packet.value())
                .setPaymentId(PaymentId.of(packet))
                .build();
        // Outside of the payer's call: if he goes now, his packet is published nevertheless.
        return Uni.createFrom()
                .emitter(emitter ->
                        Context.ROOT.run(() -> send.withDeadlineAfter(DEADLINE_MILLIS, TimeUnit.MILLISECONDS)
                                .publishPacket(request, new Answer(packet, emitter))));
    }

    private record Answer(PacketId packet, UniEmitter<? super Boolean> emitter)
            implements StreamObserver<PublishPacketResponse> {
        @Override
        public void onNext(PublishPacketResponse published) {
            emitter.complete(true);
        }

        @Override
        public void onError(Throwable failure) {
            LOG.warnf("Paid packet is not published yet packet_id=%s cause=%s", packet, failure.getMessage());
            emitter.complete(false);
        }

        @Override
        public void onCompleted() {
            // The answer came with onNext.
        }
    }
}
