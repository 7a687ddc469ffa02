package io.hongbao.wallet.ledger;

import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.hongbao.v1.WalletServiceGrpc;
import io.hongbao.wallet.ledger.Ledger.Statement;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;

/**
 * Whether the ledger answers: the readiness of this pod, over HTTP when asked and over gRPC from a look every second.
 * Kafka is no part of it: while it is away payments go on and credits wait in it.
 */
@Readiness
@ApplicationScoped
public class LedgerHealth implements AsyncHealthCheck {
    private static final Logger LOG = Logger.getLogger(LedgerHealth.class);

    /** Shorter than the time a probe of the platform waits. */
    private static final Duration ANSWER_TIME_MAX = Duration.ofMillis(800);

    /** No user has this id, since it is not a valid one. */
    private static final String NOBODY = "";

    private static final Statement PROBE =
            new Statement("probe", ANSWER_TIME_MAX, "select 1 from account where account_id = 'external'");

    private final Ledger ledger;
    private final WalletReader wallets;
    private final GrpcHealthStorage grpcHealth;
    private volatile boolean up = true;
    /** Whether entities were read once: the first read of each kind takes seconds on a busy machine, so no caller pays it. */
    private volatile boolean warm;

    public LedgerHealth(Ledger ledger, WalletReader wallets, GrpcHealthStorage grpcHealth) {
        this.ledger = ledger;
        this.wallets = wallets;
        this.grpcHealth = grpcHealth;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return answers()
                .map(answers -> HealthCheckResponse.named("ledger")
                        .status(answers && warm)
                        .build());
    }

    @Scheduled(every = "1s", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> look() {
        return answers()
                .flatMap(answers ->
                        answers && !warm ? warmUp() : Uni.createFrom().item(answers))
                .invoke(this::tell)
                .replaceWithVoid();
    }

    private Uni<Boolean> warmUp() {
        return wallets.balanceFen(NOBODY)
                .flatMap(balanceFen -> wallets.entries(NOBODY, Long.MAX_VALUE, 1))
                .map(entries -> warm = true)
                .onFailure()
                .recoverWithItem(false);
    }

    private Uni<Boolean> answers() {
        // A database that is up and not migrated yet is not ready either.
        return ledger.run(PROBE, Tuple.tuple())
                .map(rows -> rows.size() == 1)
                .onFailure()
                .recoverWithItem(false);
    }

    private void tell(boolean nowUp) {
        if (nowUp != up) {
            LOG.warnf("Ledger changed up=%s", nowUp);
            up = nowUp;
        }
        ServingStatus status = nowUp ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        grpcHealth.setStatus(GrpcHealthStorage.DEFAULT_SERVICE_NAME, status);
        grpcHealth.setStatus(WalletServiceGrpc.SERVICE_NAME, status);
    }
}
