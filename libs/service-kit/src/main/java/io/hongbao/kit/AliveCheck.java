package io.hongbao.kit;

import io.quarkus.grpc.runtime.GrpcServer;
import io.smallrye.health.api.HealthGroup;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/**
 * UP as long as the gRPC server listens, at {@code /q/health/group/alive} of the management port. No store and no Kafka
 * counts: a restart heals none of them.
 */
@HealthGroup(AliveCheck.GROUP)
@ApplicationScoped
public class AliveCheck implements HealthCheck {
    static final String GROUP = "alive";

    private final GrpcServer server;

    AliveCheck(GrpcServer server) {
        this.server = server;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named(GROUP).status(server.getPort() >= 0).build();
    }
}
