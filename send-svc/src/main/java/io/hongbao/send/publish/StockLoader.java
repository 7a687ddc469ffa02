package io.hongbao.send.publish;

import io.hongbao.core.packet.LivePacket.Facts;
import io.hongbao.core.packet.PacketState;
import io.hongbao.orders.PacketRow;
import io.hongbao.orders.PublishedOrder;
import io.hongbao.send.SendMetrics;
import io.hongbao.stock.Stock;
import io.hongbao.stock.StockClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Tells Redis what may be grabbed. Redis only makes grabs fast, so its failure is counted and logged, and the publication
 * stands: grab-svc lets users through without it, and the stock is healed from the order store.
 */
@ApplicationScoped
public class StockLoader {
    /** A dead Redis fails every packet; one line in this time tells as much as thousands. */
    private static final Duration LOG_PAUSE = Duration.ofSeconds(5);

    private static final Logger LOG = Logger.getLogger(StockLoader.class);

    private final StockClient redis;
    private final SendMetrics metrics;
    private final AtomicLong logNotBeforeNanos = new AtomicLong(System.nanoTime());

    StockLoader(StockClient redis, SendMetrics metrics) {
        this.redis = redis;
        this.metrics = metrics;
    }

    /** Loads the stock of a packet that was published just now. Never fails. @return whether Redis knows it */
    public CompletableFuture<Boolean> load(PublishedOrder order) {
        return load(new Stock(
                order.id(),
                order.groupId(),
                order.exclusiveUserId(),
                order.shareCount(),
                order.shareCount(),
                Instant.EPOCH.plus(order.dueAtMicros(), ChronoUnit.MICROS)));
    }

    /** Loads the stock of a packet that is open; does nothing for any other. Never fails. @return whether Redis knows it */
    public CompletableFuture<Boolean> load(PacketRow row) {
        if (!(row.state() instanceof PacketState.Open open)) {
            return CompletableFuture.completedFuture(false);
        }
        Facts facts = row.facts();
        return load(new Stock(
                facts.id(),
                facts.groupId(),
                facts.exclusiveUserId(),
                facts.terms().shareCount(),
                open.surplusCount(),
                Instant.EPOCH.plus(row.dueAtMicros(), ChronoUnit.MICROS)));
    }

    private CompletableFuture<Boolean> load(Stock stock) {
        return redis.publish(stock).subscribeAsCompletionStage().handle((isNew, failure) -> {
            if (failure == null) {
                return true;
            }
            metrics.stockLoadFailed();
            long now = System.nanoTime();
            long notBefore = logNotBeforeNanos.get();
            if (now - notBefore >= 0 && logNotBeforeNanos.compareAndSet(notBefore, now + LOG_PAUSE.toNanos())) {
                LOG.warnf("Stock is not loaded packet_id=%s cause=%s", stock.packetId(), failure.getMessage());
            }
            return false;
        });
    }

    /** Whether Redis answers, as far as is known. */
    public boolean available() {
        return redis.available();
    }
}
