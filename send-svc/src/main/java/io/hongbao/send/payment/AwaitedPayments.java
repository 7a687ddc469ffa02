package io.hongbao.send.payment;

import io.grpc.Deadline;
import io.hongbao.core.id.PacketId;
import io.hongbao.orders.OrderStores;
import io.hongbao.send.SendMetrics;
import io.hongbao.send.publish.Publication;
import io.hongbao.send.wallet.Wallet;
import io.hongbao.v1.Payment;
import io.hongbao.v1.PaymentState;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/**
 * Brings an order that awaits its payment to where its payment stands. Whether an order is paid or closed is decided in
 * one place, by the row of the payment: an order is never closed before its payment is, and published only if its payment
 * is confirmed.
 */
@ApplicationScoped
public class AwaitedPayments {
    private static final Logger LOG = Logger.getLogger(AwaitedPayments.class);

    /**
     * @param payment CONFIRMED or CLOSED
     * @param closedNow whether this call closed the order
     */
    public record Closing(PaymentState payment, boolean closedNow) {}

    private final Wallet wallet;
    private final Publication publication;
    private final OrderStores stores;
    private final SendMetrics metrics;

    AwaitedPayments(Wallet wallet, Publication publication, OrderStores stores, SendMetrics metrics) {
        this.wallet = wallet;
        this.publication = publication;
        this.stores = stores;
        this.metrics = metrics;
    }

    /** Asks how the payment stands, and publishes or closes the order if that is decided. @return how it stands */
    public Uni<PaymentState> ask(PacketId id, Deadline deadline) {
        return wallet.payment(id, deadline).flatMap(found -> {
            PaymentState state = found.map(Payment::getState).orElse(PaymentState.PAYMENT_STATE_PENDING);
            return switch (state) {
                case PAYMENT_STATE_CONFIRMED ->
                    publication
                            .publishConfirmed(id, found.orElseThrow(), deadline)
                            .replaceWith(state);
                case PAYMENT_STATE_CLOSED -> closeOrder(id).replaceWith(state);
                case PAYMENT_STATE_PENDING, PAYMENT_STATE_UNSPECIFIED, UNRECOGNIZED ->
                    Uni.createFrom().item(PaymentState.PAYMENT_STATE_PENDING);
            };
        });
    }

    /** Closes payment and order, unless the payment was confirmed first: then publishes the order. */
    public Uni<Closing> close(PacketId id, Deadline deadline) {
        return wallet.closePayment(id, deadline).flatMap(payment -> switch (payment.getState()) {
            case PAYMENT_STATE_CONFIRMED ->
                publication
                        .publishConfirmed(id, payment, deadline)
                        .replaceWithVoid()
                        .onFailure()
                        .recoverWithUni(failure -> {
                            // The sweep does it again; that the order is paid stays true.
                            LOG.warnf("Paid packet is not published yet packet_id=%s cause=%s", id, failure);
                            return Uni.createFrom().voidItem();
                        })
                        .replaceWith(new Closing(PaymentState.PAYMENT_STATE_CONFIRMED, false));
            case PAYMENT_STATE_CLOSED ->
                closeOrder(id).map(closed -> new Closing(PaymentState.PAYMENT_STATE_CLOSED, closed));
            case PAYMENT_STATE_PENDING, PAYMENT_STATE_UNSPECIFIED, UNRECOGNIZED ->
                Uni.createFrom()
                        .failure(new IllegalStateException(
                                "closing the payment of " + id + " left it " + payment.getState()));
        });
    }

    /** Only after its payment is closed, or if it never had one. @return whether this call closed it */
    public Uni<Boolean> closeOrder(PacketId id) {
        return Uni.createFrom()
                .completionStage(() -> stores.of(id).close(id).toCompletionStage())
                .invoke(closed -> {
                    if (closed) {
                        metrics.closed();
                    }
                });
    }
}
