package io.hongbao.send.set;

import io.hongbao.control.Control;
import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.hongbao.send.SendMetrics;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Gives the service its one view of the SETs' health. */
@ApplicationScoped
public class SetProducer {
    @Produces
    @Singleton
    SetHealth setHealth(OrderStores stores, SendMetrics metrics) {
        var health = new SetHealth(stores.all().stream().map(OrderStore::name).toList(), System::nanoTime);
        metrics.watchSets(health);
        stores.all().forEach(store -> metrics.watchSet(store.name(), store::answering));
        return health;
    }

    @Produces
    @Singleton
    SuffixChoice suffixChoice(OrderStores stores, SetHealth health, Control control, SendMetrics metrics) {
        var choice = new SuffixChoice(stores.sets(), health, () -> control.now().masks());
        metrics.watchChoice(stores.sets(), choice);
        return choice;
    }
}
