package io.hongbao.open;

import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Names every SET that does not answer. The pod is ready while at least one does: a SET that fails takes nobody else
 * down, and its own requests are refused one by one.
 */
@Readiness
@ApplicationScoped
public class OrderStoreHealth implements AsyncHealthCheck {
    private final OrderStores stores;

    OrderStoreHealth(OrderStores stores) {
        this.stores = stores;
    }

    private record Answer(String set, boolean up) {}

    @Override
    public Uni<HealthCheckResponse> call() {
        List<Uni<Answer>> pings =
                stores.all().stream().map(OrderStoreHealth::ping).toList();
        return Uni.join().all(pings).andFailFast().map(answers -> {
            HealthCheckResponseBuilder response = HealthCheckResponse.named("order-store");
            answers.forEach(answer -> response.withData(answer.set, answer.up ? "UP" : "DOWN"));
            return response.status(answers.stream().anyMatch(Answer::up)).build();
        });
    }

    private static Uni<Answer> ping(OrderStore store) {
        return Uni.createFrom()
                .completionStage(() -> store.ping().toCompletionStage())
                .replaceWith(new Answer(store.name(), true))
                .onFailure()
                .recoverWithItem(new Answer(store.name(), false));
    }
}
