package io.hongbao.send.job;

import io.hongbao.core.id.PacketId;
import io.hongbao.orders.Awaiting;
import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.hongbao.send.Failures;
import io.hongbao.send.Patience;
import io.hongbao.send.SendMetrics;
import io.hongbao.send.limits.LimitsConfig;
import io.hongbao.send.payment.AwaitedPayments;
import io.hongbao.send.set.SetHealth;
import io.hongbao.v1.PaymentState;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Makes up for what got lost between wallet-bridge and here. Each run looks, in every SET, at
 *
 * <ol>
 *   <li>orders whose time to pay is over, by the database's clock: their payment is closed and then they are, unless it
 *       was confirmed in the last moment
 *   <li>a page of those that still wait, where the run before stopped: confirmed ones are published. At the end of the
 *       list it starts over, so that every order is asked about again and again, however many never pay.
 * </ol>
 *
 * Several pods may do it at once; every step is guarded by its row.
 */
@ApplicationScoped
public class PaymentSweep {
    /** Orders asked about at once, per SET: enough to keep wallet-bridge busy, not enough to crowd out its payers. */
    private static final int CONCURRENT_MAX = 16;

    private static final Logger LOG = Logger.getLogger(PaymentSweep.class);

    private final OrderStores stores;
    private final AwaitedPayments awaited;
    private final JobsConfig config;
    private final Duration ahead;
    private final SetHealth health;
    private final SendMetrics metrics;
    private final Map<String, Awaiting> places = new ConcurrentHashMap<>();

    PaymentSweep(
            OrderStores stores,
            AwaitedPayments awaited,
            SetHealth health,
            JobsConfig config,
            LimitsConfig limits,
            SendMetrics metrics) {
        this.stores = stores;
        this.awaited = awaited;
        this.health = health;
        this.config = config;
        this.ahead = limits.timeToPay().minus(config.sweepAfter());
        this.metrics = metrics;
    }

    @Scheduled(every = "2s", delayed = "2s", concurrentExecution = ConcurrentExecution.SKIP, identity = "payment-sweep")
    Uni<Void> sweep() {
        return Outcomes.sum(stores.all().stream().map(this::sweep).toList())
                .invoke(outcomes -> outcomes.report("payment-sweep", metrics))
                .replaceWithVoid();
    }

    private Uni<Outcomes> sweep(OrderStore store) {
        if (!health.usable(store.name())) {
            // Known and logged already; the probe says when it is back.
            return Uni.createFrom().item(new Outcomes(0, 1));
        }
        return closeOverdue(store)
                .flatMap(closed -> askWaiting(store).map(closed::plus))
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.warnf("Payments are not swept set=%s cause=%s", store.name(), failure.getMessage());
                    return new Outcomes(0, 1);
                });
    }

    private Uni<Outcomes> closeOverdue(OrderStore store) {
        return page(store, Duration.ZERO, Awaiting.START)
                .flatMap(orders ->
                        each(orders, id -> awaited.close(id, Patience.ofCall()).thenApply(closing -> true)));
    }

    private Uni<Outcomes> askWaiting(OrderStore store) {
        Awaiting place = places.getOrDefault(store.name(), Awaiting.START);
        return page(store, ahead, place).flatMap(orders -> {
            boolean atEnd = orders.size() < config.sweepPage();
            places.put(store.name(), atEnd ? Awaiting.START : orders.getLast());
            return each(
                    orders,
                    id -> awaited.ask(id, Patience.ofCall())
                            .thenApply(payment -> payment != PaymentState.PAYMENT_STATE_PENDING));
        });
    }

    private Uni<List<Awaiting>> page(OrderStore store, Duration within, Awaiting after) {
        return Uni.createFrom()
                .completionStage(() ->
                        store.awaitingPayment(within, after, config.sweepPage()).toCompletionStage());
    }

    /** One order that fails stops no other; it comes again. */
    private Uni<Outcomes> each(List<Awaiting> orders, Function<PacketId, CompletionStage<Boolean>> step) {
        return Multi.createFrom()
                .iterable(orders)
                .onItem()
                .transformToUni(order -> {
                    var id = new PacketId(order.packetId());
                    return Outcomes.of(Uni.createFrom()
                            .completionStage(() -> step.apply(id))
                            .onFailure()
                            .invoke(failure -> LOG.debugf(
                                    "Order is left to the next sweep packet_id=%s cause=%s",
                                    id, Failures.toCaller(failure))));
                })
                .merge(CONCURRENT_MAX)
                .collect()
                .in(() -> new Outcomes[] {Outcomes.NONE}, (sum, one) -> sum[0] = sum[0].plus(one))
                .map(sum -> sum[0]);
    }
}
