package io.hongbao.wallet.ledger;

import io.hongbao.kit.ServingMirror;
import io.hongbao.v1.WalletServiceGrpc;
import io.hongbao.wallet.ledger.Ledger.Statement;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.health.HealthReport;
import io.smallrye.reactive.messaging.kafka.KafkaConnector;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;

/**
 * Whether the ledger answers: the readiness of this pod, over HTTP and over gRPC.
 * Kafka is named in the data and does not count: while it is away payments go on and credits wait in it.
 */
@Readiness
@ApplicationScoped
public class LedgerHealth implements AsyncHealthCheck {
    /** Shorter than the time a probe of the platform waits. */
    private static final Duration ANSWER_TIME_MAX = Duration.ofMillis(800);

    /** No user has this id, since it is not a valid one. */
    private static final String NOBODY = "";

    private static final Statement PROBE =
            new Statement("probe", ANSWER_TIME_MAX, "select 1 from account where account_id = 'external'");

    private final Ledger ledger;
    private final WalletReader wallets;
    private final KafkaConnector kafka;
    private final ServingMirror mirror;
    /** Whether entities were read once: the first read of each kind takes seconds on a busy machine, so no caller pays it. */
    private volatile boolean warm;

    public LedgerHealth(
            Ledger ledger,
            WalletReader wallets,
            @Connector("smallrye-kafka") KafkaConnector kafka,
            ServingMirror mirror) {
        this.ledger = ledger;
        this.wallets = wallets;
        this.kafka = kafka;
        this.mirror = mirror;
    }

    void begin(@Observes StartupEvent startup) {
        mirror.follow(WalletServiceGrpc.SERVICE_NAME);
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return answers()
                .map(answers -> HealthCheckResponse.named("ledger")
                        .status(answers && warm)
                        .withData("kafka", kafkaAnswers() ? "UP" : "DOWN")
                        .build());
    }

    /** As the settlement consumer sees it, which connects at once. */
    private boolean kafkaAnswers() {
        return kafka.getReadiness().getChannels().stream()
                .filter(channel -> channel.getChannel().equals("orders"))
                .allMatch(HealthReport.ChannelInfo::isOk);
    }

    @Scheduled(every = "1s", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> warmUp() {
        if (warm) {
            return Uni.createFrom().voidItem();
        }
        return wallets.balanceFen(NOBODY)
                .flatMap(balanceFen -> wallets.entries(NOBODY, Long.MAX_VALUE, 1))
                .invoke(entries -> warm = true)
                .replaceWithVoid()
                .onFailure()
                .recoverWithNull();
    }

    private Uni<Boolean> answers() {
        // A database that is up and not migrated yet is not ready either.
        return ledger.run(PROBE, Tuple.tuple())
                .map(rows -> rows.size() == 1)
                .onFailure()
                .recoverWithItem(false);
    }
}
