package io.hongbao.grab.health;

import io.hongbao.stock.StockClient;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * DOWN while Redis is away. The service goes on all the same, with tickets at a bounded rate; so what routes traffic to
 * pods asks gRPC health, which stays SERVING, and what tells people asks here.
 */
@Readiness
@ApplicationScoped
public class RedisCheck implements HealthCheck {
    private final StockClient stock;

    RedisCheck(StockClient stock) {
        this.stock = stock;
    }

    @Override
    public HealthCheckResponse call() {
        boolean available = stock.available();
        return HealthCheckResponse.named("redis")
                .status(available)
                .withData("grabs", available ? "checked" : "unchecked, at a bounded rate")
                .build();
    }
}
