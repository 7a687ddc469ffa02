package io.hongbao.send.health;

import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.hongbao.send.number.OrderNumbers;
import io.hongbao.send.set.SetHealth;
import io.hongbao.v1.SendServiceGrpc;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/**
 * Whether this pod can do its work, as told by the gRPC health service and by readiness alike: it can if there is an order
 * number at hand and at least one SET takes orders.
 *
 * <p>A Redis that is away does not count, since packets are published without it. wallet-bridge does not count either,
 * although no order is finished without it: it is away for all pods alike, so that taking them all out of service would
 * only turn a clear error ("the payment side does not answer") into a refused connection. The readiness answer names both.
 */
@ApplicationScoped
public class Serving {
    private static final Logger LOG = Logger.getLogger(Serving.class);

    private final OrderNumbers numbers;
    private final SetHealth sets;
    private final GrpcHealthStorage grpcHealth;
    private volatile boolean told = true;

    Serving(OrderNumbers numbers, SetHealth sets, GrpcHealthStorage grpcHealth) {
        this.numbers = numbers;
        this.sets = sets;
        this.grpcHealth = grpcHealth;
    }

    public boolean serves() {
        return numbers.ready() && sets.all().containsValue(true);
    }

    /** Tells the gRPC health service. */
    public void tell() {
        boolean serves = serves();
        if (serves != told) {
            LOG.infof("Service health changed serving=%s", serves);
            told = serves;
        }
        ServingStatus status = serves ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        grpcHealth.setStatus(GrpcHealthStorage.DEFAULT_SERVICE_NAME, status);
        grpcHealth.setStatus(SendServiceGrpc.SERVICE_NAME, status);
    }
}
