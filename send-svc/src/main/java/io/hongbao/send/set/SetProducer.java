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
        var health =
                new SetHealth(() -> stores.all().stream().map(OrderStore::name).toList(), System::nanoTime);
        stores.each(store -> metrics.watchSet(store.name(), store::answering, () -> health.usable(store.name())));
        return health;
    }

    @Produces
    @Singleton
    SuffixChoice suffixChoice(OrderStores stores, SetHealth health, Control control, SendMetrics metrics) {
        var choice = new SuffixChoice(stores::sets, health, () -> control.now().masks(), System::nanoTime);
        stores.each(store -> metrics.watchDatabases(store.name(), () -> choice.databaseCount(store.name())));
        return choice;
    }
}
