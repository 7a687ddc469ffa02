package io.hongbao.open.gate;

import io.hongbao.core.id.PacketId;
import io.hongbao.open.OpenMetrics;
import io.hongbao.open.lane.LaneLimits;
import io.hongbao.stock.StockClient;
import io.quarkus.runtime.Startup;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;

/** The gate as a set of pods in Redis, each with the end of its place. Without Redis it is open: so it connects early. */
@Startup
@ApplicationScoped
public class RedisGate implements PacketGate {
    private final StockClient redis;
    private final LaneLimits limits;
    private final OpenMetrics metrics;
    private final String pod = UUID.randomUUID().toString();

    RedisGate(StockClient redis, LaneLimits limits, OpenMetrics metrics) {
        this.redis = redis;
        this.limits = limits;
        this.metrics = metrics;
    }

    @Override
    public Future<Boolean> enter(PacketId packetId) {
        Promise<Boolean> answer = Promise.promise();
        redis.enter(packetId, pod, limits.podPlaceTime(), limits.podsPerPacketMax())
                .subscribe()
                .with(
                        entered -> {
                            metrics.gate(entered ? OpenMetrics.Gate.ENTERED : OpenMetrics.Gate.FULL);
                            answer.complete(entered);
                        },
                        away -> {
                            metrics.gate(OpenMetrics.Gate.UNKNOWN);
                            answer.complete(true);
                        });
        return answer.future();
    }
}
