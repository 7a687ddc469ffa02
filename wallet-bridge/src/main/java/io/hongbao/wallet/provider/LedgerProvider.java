package io.hongbao.wallet.provider;

import io.hongbao.core.id.PacketId;
import io.hongbao.wallet.payment.PaymentRecord.Asked;
import io.hongbao.wallet.payment.Payments;
import io.hongbao.wallet.payout.PayoutChannel;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Typed;
import java.util.Optional;

/** The built-in one: payers and receivers have wallets in the ledger, and a payment is a booking. */
@ApplicationScoped
@Typed(LedgerProvider.class)
public class LedgerProvider implements PaymentProvider {
    private final Payments payments;

    public LedgerProvider(Payments payments) {
        this.payments = payments;
    }

    @Override
    public Optional<PayoutChannel> payouts() {
        return Optional.empty();
    }

    @Override
    public Uni<PaymentWay> prepare(Asked payment, Scene scene) {
        return Uni.createFrom().item(new PaymentWay.Wallet());
    }

    @Override
    public Uni<Payments.Result> confirm(PacketId packet, String payerId, long amountFen) {
        return payments.confirm(packet, payerId, amountFen);
    }
}
