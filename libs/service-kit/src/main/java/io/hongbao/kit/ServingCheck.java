package io.hongbao.kit;

import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.smallrye.health.api.HealthGroup;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/**
 * The overall gRPC health once more, at {@code /q/health/group/serving} of the management port: for probes that cannot
 * speak mutual TLS, as the kubelet's. {@code /q/health/ready} is for people: it may be DOWN where a service goes on.
 */
@HealthGroup(ServingCheck.GROUP)
@ApplicationScoped
public class ServingCheck implements HealthCheck {
    static final String GROUP = "serving";

    private final GrpcHealthStorage grpcHealth;

    ServingCheck(GrpcHealthStorage grpcHealth) {
        this.grpcHealth = grpcHealth;
    }

    @Override
    public HealthCheckResponse call() {
        ServingStatus status = grpcHealth
                .statusForService(GrpcHealthStorage.DEFAULT_SERVICE_NAME)
                .getStatus();
        return HealthCheckResponse.named(GROUP)
                .status(status == ServingStatus.SERVING)
                .build();
    }
}
