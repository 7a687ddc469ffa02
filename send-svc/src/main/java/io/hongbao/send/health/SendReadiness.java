package io.hongbao.send.health;

import io.hongbao.kit.ServingMirror;
import io.hongbao.send.number.ControlBlocks;
import io.hongbao.send.number.OrderNumbers;
import io.hongbao.send.publish.StockLoader;
import io.hongbao.send.set.SetHealth;
import io.hongbao.send.wallet.Wallet;
import io.hongbao.v1.SendServiceGrpc;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Names everything that send-svc needs and whether it answers. The pod is ready while there is an order number at hand
 * and at least one SET takes orders; gRPC health says the same.
 *
 * <p>A Redis that is away does not count, since packets are published without it. wallet-bridge does not count either,
 * although no order is finished without it: it is away for all pods alike, so that taking them all out of service would
 * only turn a clear error ("the payment side does not answer") into a refused connection.
 */
@Readiness
@ApplicationScoped
public class SendReadiness implements HealthCheck {
    private final OrderNumbers numbers;
    private final ControlBlocks control;
    private final StockLoader redis;
    private final Wallet wallet;
    private final SetHealth sets;
    private final ServingMirror mirror;

    SendReadiness(
            OrderNumbers numbers,
            ControlBlocks control,
            StockLoader redis,
            Wallet wallet,
            SetHealth sets,
            ServingMirror mirror) {
        this.numbers = numbers;
        this.control = control;
        this.redis = redis;
        this.wallet = wallet;
        this.sets = sets;
        this.mirror = mirror;
    }

    void begin(@Observes StartupEvent startup) {
        mirror.follow(SendServiceGrpc.SERVICE_NAME);
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("send-svc")
                .status(numbers.ready() && sets.all().containsValue(true))
                .withData("control", word(control.available()))
                .withData("redis", word(redis.available()))
                .withData("wallet", word(wallet.available()));
        sets.all().forEach((set, usable) -> response.withData("set." + set, word(usable)));
        return response.build();
    }

    private static String word(boolean up) {
        return up ? "UP" : "DOWN";
    }
}
