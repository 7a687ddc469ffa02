package io.hongbao.cli.stack;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Asks a service through the standard gRPC health protocol how it is. */
public final class HealthProbe implements AutoCloseable {
    /** A health answer needs no look-up; a service that takes longer is not well. */
    private static final long ANSWER_MILLIS_MAX = 2_000;

    /** What a service says, or does not. */
    public enum Health {
        SERVING,
        /** Up, but something it needs is away. */
        NOT_SERVING,
        /** Nobody answers. */
        UNREACHABLE
    }

    private final ManagedChannel channel;

    /** @param address {@code host:port}, in plain text */
    public HealthProbe(String address) {
        this(address, InsecureChannelCredentials.create());
    }

    /** @param certificates of the stack, where it has any: the question is an operator's */
    public HealthProbe(String address, Service service, Optional<Path> certificates) {
        this(address, StackCertificates.operator(service, certificates));
    }

    private HealthProbe(String address, ChannelCredentials credentials) {
        channel = Grpc.newChannelBuilder(address, credentials).build();
    }

    public Health ask() {
        // Without this a channel that was refused once waits a second and more before it tries again.
        channel.resetConnectBackoff();
        try {
            ServingStatus status = HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(ANSWER_MILLIS_MAX, TimeUnit.MILLISECONDS)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
            return status == ServingStatus.SERVING ? Health.SERVING : Health.NOT_SERVING;
        } catch (StatusRuntimeException noAnswer) {
            return Health.UNREACHABLE;
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
