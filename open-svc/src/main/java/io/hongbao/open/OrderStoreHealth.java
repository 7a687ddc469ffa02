package io.hongbao.open;

import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.health.HealthReport;
import io.smallrye.reactive.messaging.kafka.KafkaConnector;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;

/**
 * Names every SET that does not answer, and Kafka. The pod is ready while at least one SET answers: a SET that fails
 * takes nobody else down, and its own requests are refused one by one. Without Kafka opens go on and the outbox grows.
 */
@Readiness
@ApplicationScoped
public class OrderStoreHealth implements AsyncHealthCheck {
    /** The channel whose connection tells of Kafka: a consumer connects at once, a producer only when it has to send. */
    private static final String KAFKA_CHANNEL = "transfers";

    private final OrderStores stores;
    private final KafkaConnector kafka;

    OrderStoreHealth(OrderStores stores, @Connector("smallrye-kafka") KafkaConnector kafka, OpenMetrics metrics) {
        this.stores = stores;
        this.kafka = kafka;
        stores.each(store -> metrics.watchSet(store.name(), store::answering));
    }

    private record Answer(String set, boolean up) {}

    @Override
    public Uni<HealthCheckResponse> call() {
        List<Uni<Answer>> pings =
                stores.all().stream().map(OrderStoreHealth::ping).toList();
        return Uni.join().all(pings).andFailFast().map(answers -> {
            HealthCheckResponseBuilder response = HealthCheckResponse.named("order-store");
            answers.forEach(answer -> response.withData(answer.set, word(answer.up)));
            response.withData("kafka", word(kafkaAnswers()));
            return response.status(answers.stream().anyMatch(Answer::up)).build();
        });
    }

    private boolean kafkaAnswers() {
        return kafka.getReadiness().getChannels().stream()
                .filter(channel -> channel.getChannel().equals(KAFKA_CHANNEL))
                .allMatch(HealthReport.ChannelInfo::isOk);
    }

    private static String word(boolean up) {
        return up ? "UP" : "DOWN";
    }

    private static Uni<Answer> ping(OrderStore store) {
        return Uni.createFrom()
                .completionStage(() -> store.ping().toCompletionStage())
                .replaceWith(new Answer(store.name(), true))
                .onFailure()
                .recoverWithItem(new Answer(store.name(), false));
    }
}
