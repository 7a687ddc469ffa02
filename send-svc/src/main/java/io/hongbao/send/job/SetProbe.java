package io.hongbao.send.job;

import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.hongbao.send.SendMetrics;
import io.hongbao.send.number.OrderNumbers;
import io.hongbao.send.set.SetHealth;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/**
 * Asks every SET whether it is there: finds one that is away before an order does, and brings it back when it answers.
 * Then makes sure that there are order numbers, and tells the world whether this pod can serve.
 */
@ApplicationScoped
public class SetProbe {
    private static final Logger LOG = Logger.getLogger(SetProbe.class);

    private final OrderStores stores;
    private final SetHealth health;
    private final OrderNumbers numbers;
    private final SendMetrics metrics;

    SetProbe(OrderStores stores, SetHealth health, OrderNumbers numbers, SendMetrics metrics) {
        this.stores = stores;
        this.health = health;
        this.numbers = numbers;
        this.metrics = metrics;
    }

    @Scheduled(every = "1s", concurrentExecution = ConcurrentExecution.SKIP, identity = "set-probe")
    Uni<Void> probe() {
        return Outcomes.of(stores.all().stream().map(this::probe).toList())
                .invoke(outcomes -> outcomes.report("set-probe", metrics))
                .flatMap(outcomes -> fetchNumbers());
    }

    private Uni<Boolean> probe(OrderStore store) {
        return Uni.createFrom()
                .completionStage(() -> store.ping().toCompletionStage())
                .map(answered -> {
                    boolean back = health.answered(store.name());
                    if (back) {
                        LOG.infof("SET gets new orders again set=%s", store.name());
                    }
                    return back;
                })
                .onFailure()
                .invoke(failure -> {
                    if (health.failed(store.name())) {
                        LOG.warnf("SET does not answer set=%s cause=%s", store.name(), failure.getMessage());
                    }
                });
    }

    /** At the start, and after midnight on an idle pod, the first order need not wait for a block. */
    private Uni<Void> fetchNumbers() {
        return numbers.ready()
                ? Uni.createFrom().voidItem()
                : Uni.createFrom()
                        .completionStage(numbers::next)
                        .replaceWithVoid()
                        .onFailure()
                        .recoverWithItem(failure -> null);
    }
}
