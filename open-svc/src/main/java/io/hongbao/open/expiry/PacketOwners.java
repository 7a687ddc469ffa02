package io.hongbao.open.expiry;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.stub.StreamObserver;
import io.hongbao.client.PacketIdAffinity;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketState;
import io.hongbao.kit.Refusal;
import io.hongbao.open.OpenMetrics;
import io.hongbao.open.lane.Command;
import io.hongbao.open.lane.Lanes;
import io.hongbao.v1.ExpirePacketRequest;
import io.hongbao.v1.ExpirePacketResponse;
import io.hongbao.v1.OpenServiceGrpc;
import io.hongbao.v1.OpenServiceGrpc.OpenServiceStub;
import io.quarkus.grpc.GrpcClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Closes packets in the pods that own them, found by the same hash as callers find them: a close in any other pod would
 * make the owner's next batch miss its guard. Where no owner answers the packet is closed here: the guard keeps that
 * right, and no packet waits for a pod that is gone.
 */
@ApplicationScoped
public class PacketOwners {
    private static final Logger LOG = Logger.getLogger(PacketOwners.class);

    /** Longer than a request may wait in a healthy lane; the money of an expired packet is in no greater hurry. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(3);

    private final OpenServiceStub owners;
    private final Consumer<Command> here;
    private final OpenMetrics metrics;

    @Inject
    PacketOwners(@GrpcClient("open") Channel owners, Lanes lanes, OpenMetrics metrics) {
        this(owners, command -> lanes.of(command.packetId()).submit(command), metrics);
    }

    /** @param here takes the close of a packet whose owner does not answer */
    PacketOwners(Channel owners, Consumer<Command> here, OpenMetrics metrics) {
        this.owners = OpenServiceGrpc.newStub(ClientInterceptors.intercept(owners, new PacketIdAffinity()));
        this.here = here;
        this.metrics = metrics;
    }

    /** Has a packet closed if it is due by the database's clock. @return ends when that is done, or was refused */
    Future<Void> close(PacketId id) {
        Promise<Void> asked = Promise.promise();
        owners.withDeadlineAfter(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS)
                .expirePacket(
                        ExpirePacketRequest.newBuilder().setPacketId(id.value()).build(), new StreamObserver<>() {
                            @Override
                            public void onNext(ExpirePacketResponse answer) {}

                            @Override
                            public void onError(Throwable failure) {
                                LOG.debugf(
                                        "Owner did not close the packet packet_id=%d error=%s",
                                        id.value(), failure.getMessage());
                                metrics.closedForOwner();
                                closeHere(id, asked);
                            }

                            @Override
                            public void onCompleted() {
                                asked.complete();
                            }
                        });
        return asked.future();
    }

    private void closeHere(PacketId id, Promise<Void> asked) {
        here.accept(new Command.Expire(id, null, null) {
            @Override
            public void done(PacketState state) {
                asked.complete();
            }

            @Override
            public void notDue() {
                asked.complete();
            }

            @Override
            public void refuse(Refusal refusal) {
                asked.complete();
            }
        });
    }
}
