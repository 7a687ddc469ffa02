package io.hongbao.wallet.wechat.order;

import io.hongbao.wallet.provider.PaymentProvider;
import io.hongbao.wallet.wechat.api.WeChatPayConfig;
import io.hongbao.wallet.wechat.order.ProviderOrderStore.Due;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/**
 * Asks WeChat Pay about orders that nobody told of, and closes there what is closed here. An order is forgotten only when
 * WeChat Pay has no money for it and takes none any more: a notification that is lost loses nothing.
 */
@ApplicationScoped
class OrderSweep {
    private static final Logger LOG = Logger.getLogger(OrderSweep.class);

    /** Orders of one run: some seconds of calls. The rest comes with the next run, oldest first. */
    private static final int PAGE = 100;
    /** Calls at once: a background job leaves the connections to payers. */
    private static final int IN_FLIGHT_MAX = 8;

    private final PaymentProvider chosen;
    private final WeChatPayProvider provider;
    private final ProviderOrderStore orders;
    private final WeChatPayConfig config;

    OrderSweep(PaymentProvider chosen, WeChatPayProvider provider, ProviderOrderStore orders, WeChatPayConfig config) {
        this.chosen = chosen;
        this.provider = provider;
        this.orders = orders;
        this.config = config;
    }

    @Scheduled(every = "2s", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> sweep() {
        if (chosen.holdsWallets()) {
            return Uni.createFrom().voidItem();
        }
        return orders.due(PAGE, config.orderAskMin(), config.orderAskMax())
                .onItem()
                .transformToMulti(due -> Multi.createFrom().iterable(due))
                .onItem()
                .transformToUni(this::look)
                .merge(IN_FLIGHT_MAX)
                .collect()
                .last()
                .replaceWithVoid()
                .onFailure()
                .invoke(failure -> LOG.warnf("Orders were not asked about cause=%s", failure.getMessage()))
                .onFailure()
                .recoverWithNull();
    }

    private Uni<Void> look(Due due) {
        return provider.ask(due.packet())
                .flatMap(standing -> switch (standing) {
                    case PAID -> Uni.createFrom().voidItem();
                    case GONE ->
                        // Before it expires it may still be made there: a prepare may be under way.
                        due.expired()
                                ? orders.close(due.packet())
                                : Uni.createFrom().voidItem();
                    case UNPAID ->
                        due.closed() || due.expired()
                                ? provider.close(due.packet())
                                : Uni.createFrom().voidItem();
                })
                .onFailure()
                .invoke(failure -> LOG.infof(
                        "Order is asked about later packet_id=%s cause=%s", due.packet(), failure.getMessage()))
                .onFailure()
                .recoverWithNull();
    }
}
