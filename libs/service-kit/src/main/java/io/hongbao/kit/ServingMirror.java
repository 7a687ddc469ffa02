package io.hongbao.kit;

import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.health.SmallRyeHealth;
import io.smallrye.health.SmallRyeHealthReporter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.json.JsonObject;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Lets the gRPC health service say what readiness says, so that both kinds of probe see the same pod. */
@ApplicationScoped
public class ServingMirror {
    private static final Logger LOG = Logger.getLogger(ServingMirror.class);

    /** As often as a load balancer may ask; a look is a few pings. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    /** The name of the check that tells MicroProfile Health of the gRPC health service. */
    private static final String OWN_ECHO = "gRPC Server";

    private final Vertx vertx;
    private final SmallRyeHealthReporter reporter;
    private final GrpcHealthStorage grpcHealth;
    private volatile ServingStatus told = ServingStatus.UNKNOWN;
    private volatile boolean draining;

    ServingMirror(Vertx vertx, SmallRyeHealthReporter reporter, GrpcHealthStorage grpcHealth) {
        this.vertx = vertx;
        this.reporter = reporter;
        this.grpcHealth = grpcHealth;
    }

    /** Follows readiness from now on, for the server as a whole and for each of the named gRPC services. */
    public void follow(String... services) {
        // Until the first look has an answer nobody is sent here.
        tell(ServingStatus.NOT_SERVING, services);
        look(services);
        vertx.setPeriodic(LOOK_EVERY.toMillis(), tick -> look(services));
    }

    /** The pod is leaving: NOT_SERVING for good. */
    public void leave(String... services) {
        draining = true;
        tell(ServingStatus.NOT_SERVING, services);
    }

    private void look(String... services) {
        // Checks that read entities insist on a context of their own, as each request has one.
        Context context = VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext());
        VertxContextSafetyToggle.setContextSafe(context, true);
        context.runOnContext(nothing -> reporter.getReadinessAsync()
                .subscribe()
                .with(health -> tell(statusOf(health), services), failure -> {
                    LOG.warnf("Readiness could not be looked at error=%s", failure.getMessage());
                    tell(ServingStatus.NOT_SERVING, services);
                }));
    }

    /** UP if every check is, but for the one that repeats what we told: it would hold a pod that was once away for ever. */
    private static ServingStatus statusOf(SmallRyeHealth health) {
        boolean up = health.getPayload().getJsonArray("checks").getValuesAs(JsonObject.class).stream()
                .filter(check -> !check.getString("name").equals(OWN_ECHO))
                .allMatch(check -> check.getString("status").equals("UP"));
        return up ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    }

    private void tell(ServingStatus status, String... services) {
        ServingStatus now = draining ? ServingStatus.NOT_SERVING : status;
        if (now != told) {
            LOG.infof("Serving status changed status=%s", now);
            told = now;
        }
        grpcHealth.setStatus(GrpcHealthStorage.DEFAULT_SERVICE_NAME, now);
        for (String service : services) {
            grpcHealth.setStatus(service, now);
        }
    }
}
