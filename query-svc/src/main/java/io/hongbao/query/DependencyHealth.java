package io.hongbao.query;

import io.hongbao.kit.ServingMirror;
import io.hongbao.orders.ColdStore;
import io.hongbao.orders.OrderStores;
import io.hongbao.query.records.RecordsDatabase;
import io.hongbao.v1.QueryServiceGrpc;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.health.HealthReport;
import io.smallrye.reactive.messaging.kafka.KafkaConnector;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;
import org.jboss.logging.Logger;

/**
 * Who of the others answers: each SET, the user records, Kafka. A look every second tells the readiness check
 * and the metrics.
 *
 * <p>This pod is ready as long as it can answer anything: without the user records it still answers for packets, without
 * a SET for the other ones, without Kafka for everything up to then. All pods share these dependencies, so taking pods
 * out of service for one of them would only make it worse. What is away is told by name.
 */
@Readiness
@ApplicationScoped
public class DependencyHealth implements HealthCheck {
    private static final Logger LOG = Logger.getLogger(DependencyHealth.class);

    private static final String RECORDS = "records";
    private static final String KAFKA = "kafka";
    /** Without a SET or the user records these answer nobody. */
    private static final Set<String> NOT_ANSWERING = Set.of(KAFKA, ColdStore.NAME);
    /** Shorter than the pause between two looks. */
    private static final Duration ANSWER_TIME_MAX = Duration.ofMillis(800);

    private final OrderStores stores;
    private final RecordsDatabase records;
    private final KafkaConnector kafka;
    private final ServingMirror mirror;
    private final QueryMetrics metrics;
    private final ConcurrentMap<String, Boolean> answering = new ConcurrentHashMap<>();

    public DependencyHealth(
            OrderStores stores,
            RecordsDatabase records,
            @Connector("smallrye-kafka") KafkaConnector kafka,
            ServingMirror mirror,
            QueryMetrics metrics) {
        this.stores = stores;
        this.records = records;
        this.kafka = kafka;
        this.mirror = mirror;
        this.metrics = metrics;
    }

    void begin(@Observes StartupEvent startup) {
        mirror.follow(QueryServiceGrpc.SERVICE_NAME);
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response =
                HealthCheckResponse.named("dependencies").status(isReady());
        new TreeMap<>(answering).forEach(response::withData);
        return response.build();
    }

    @Scheduled(every = "1s", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> look() {
        Uni<Void> sets = Uni.join()
                .all(stores.all().stream()
                        .map(store -> look(store.name(), store::ping))
                        .toList())
                .andCollectFailures()
                .replaceWithVoid();
        Uni<Void> database =
                records.answers().invoke(answers -> tell(RECORDS, answers)).replaceWithVoid();
        Uni<Void> cold = stores.cold()
                .map(store -> look(ColdStore.NAME, store::ping))
                .orElseGet(() -> Uni.createFrom().voidItem());
        return Uni.join()
                .all(sets, database, cold)
                .andCollectFailures()
                .invoke(() -> tell(KAFKA, kafkaAnswers()))
                .replaceWithVoid();
    }

    private Uni<Void> look(String dependency, Supplier<Future<Void>> ping) {
        return Uni.createFrom()
                .completionStage(() -> ping.get().toCompletionStage())
                .map(done -> true)
                .ifNoItem()
                .after(ANSWER_TIME_MAX)
                .fail()
                .onFailure()
                .recoverWithItem(false)
                .invoke(answers -> tell(dependency, answers))
                .replaceWithVoid();
    }

    private boolean kafkaAnswers() {
        HealthReport report = kafka.getReadiness();
        return report.getChannels().stream().allMatch(HealthReport.ChannelInfo::isOk);
    }

    private boolean isReady() {
        return answering.entrySet().stream()
                .filter(dependency -> !NOT_ANSWERING.contains(dependency.getKey()))
                .anyMatch(Map.Entry::getValue);
    }

    private void tell(String dependency, boolean answers) {
        metrics.dependency(dependency, answers);
        Boolean before = answering.put(dependency, answers);
        if (before == null ? !answers : before != answers) {
            LOG.warnf("Dependency changed dependency=%s answers=%s", dependency, answers);
        }
    }
}
