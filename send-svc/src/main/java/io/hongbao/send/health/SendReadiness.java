package io.hongbao.send.health;

import io.hongbao.send.number.ControlBlocks;
import io.hongbao.send.publish.StockLoader;
import io.hongbao.send.set.SetHealth;
import io.hongbao.send.wallet.Wallet;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Names everything that send-svc needs and whether it answers. UP as long as {@link Serving} says so: what is merely away
 * is DOWN in the data, not in the answer. Reads what is known, and waits for nobody.
 */
@Readiness
@ApplicationScoped
public class SendReadiness implements HealthCheck {
    private final Serving serving;
    private final ControlBlocks control;
    private final StockLoader redis;
    private final Wallet wallet;
    private final SetHealth sets;

    SendReadiness(Serving serving, ControlBlocks control, StockLoader redis, Wallet wallet, SetHealth sets) {
        this.serving = serving;
        this.control = control;
        this.redis = redis;
        this.wallet = wallet;
        this.sets = sets;
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("send-svc")
                .status(serving.serves())
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
