package io.hongbao.stock;

import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Gives services the one {@link StockClient} they inject, on the Redis of {@code quarkus.redis.hosts}. */
@ApplicationScoped
public class StockProducer {
    /**
     * @param timeout {@code hongbao.stock.timeout}; 200 ms is {@link StockClient#TIMEOUT_DEFAULT}
     */
    @Produces
    @Singleton
    StockClient stockClient(
            Vertx vertx,
            Redis redis,
            @ConfigProperty(name = "hongbao.stock.timeout", defaultValue = "200ms") Duration timeout) {
        return new StockClient(vertx, redis, timeout);
    }

    void close(@Disposes StockClient client) {
        client.close();
    }
}
