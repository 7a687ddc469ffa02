package io.hongbao.grab.health;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * DOWN while no Kafka broker answers. Grabs go on: what happens to packets is heard of later, which costs useless tries.
 */
@Readiness
@ApplicationScoped
public class KafkaCheck implements AsyncHealthCheck {
    /** For a broker's answer: a probe that waits longer is itself taken for dead. */
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final Map<String, Object> config;
    private final ExecutorService connector = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("kafka-health").factory());
    private Optional<Admin> admin = Optional.empty();

    KafkaCheck(@Identifier("default-kafka-broker") Map<String, Object> config) {
        this.config = new HashMap<>(config);
        this.config.keySet().retainAll(AdminClientConfig.configNames());
        this.config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
        this.config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return Uni.createFrom()
                .deferred(() -> Uni.createFrom()
                        .completionStage(connected().describeCluster().nodes().toCompletionStage()))
                .runSubscriptionOn(connector)
                .ifNoItem()
                .after(TIMEOUT)
                .fail()
                .map(nodes -> !nodes.isEmpty())
                .onFailure()
                .recoverWithItem(false)
                .map(available ->
                        HealthCheckResponse.named("kafka").status(available).build());
    }

    /** Made when first asked: a host name that does not resolve yet fails here, and must not keep the service down. */
    private Admin connected() throws KafkaException {
        if (admin.isEmpty()) {
            admin = Optional.of(Admin.create(config));
        }
        return admin.get();
    }

    @PreDestroy
    void close() {
        connector.execute(() -> admin.ifPresent(client -> client.close(Duration.ZERO)));
        connector.shutdown();
    }
}
