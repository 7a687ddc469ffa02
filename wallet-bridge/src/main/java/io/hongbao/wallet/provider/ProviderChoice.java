package io.hongbao.wallet.provider;

import io.hongbao.wallet.wechat.order.WeChatPayProvider;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The provider that configuration names. A name or a key that is wrong stops the service at its start. */
@ApplicationScoped
public class ProviderChoice {
    /** One of them for a whole deployment: pods that disagree would settle each other's bookings in two ways. */
    public enum Name {
        LEDGER,
        WECHATPAY
    }

    @Produces
    @Singleton
    @Startup
    PaymentProvider provider(
            @ConfigProperty(name = "hongbao.payment.provider", defaultValue = "ledger") Name name,
            Instance<LedgerProvider> ledger,
            Instance<WeChatPayProvider> weChatPay) {
        return switch (name) {
            case LEDGER -> ledger.get();
            case WECHATPAY -> weChatPay.get();
        };
    }
}
