package io.hongbao.send.payment;

import io.grpc.Deadline;
import io.hongbao.core.id.PacketId;
import io.hongbao.orders.OrderStores;
import io.hongbao.send.SendMetrics;
import io.hongbao.send.publish.Publication;
import io.hongbao.send.wallet.Wallet;
import io.hongbao.v1.Payment;
import io.hongbao.v1.PaymentState;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.CompletableFuture;
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
    public CompletableFuture<PaymentState> ask(PacketId id, Deadline deadline) {
        return wallet.payment(id, deadline).thenCompose(found -> {
            PaymentState state = found.map(Payment::getState).orElse(PaymentState.PAYMENT_STATE_PENDING);
            return switch (state) {
                case PAYMENT_STATE_CONFIRMED ->
                    publication
                            .publishConfirmed(id, found.orElseThrow(), deadline)
                            .thenApply(published -> state);
                case PAYMENT_STATE_CLOSED -> closeOrder(id).thenApply(closed -> state);
                case PAYMENT_STATE_PENDING, PAYMENT_STATE_UNSPECIFIED, UNRECOGNIZED ->
                    CompletableFuture.completedFuture(PaymentState.PAYMENT_STATE_PENDING);
            };
        });
    }

    /** Closes payment and order, unless the payment was confirmed first: then publishes the order. */
    public CompletableFuture<Closing> close(PacketId id, Deadline deadline) {
        return wallet.closePayment(id, deadline).thenCompose(payment -> switch (payment.getState()) {
            case PAYMENT_STATE_CONFIRMED ->
                publication.publishConfirmed(id, payment, deadline).handle((published, failure) -> {
                    if (failure != null) {
                        // The sweep does it again; that the order is paid stays true.
                        LOG.warnf("Paid packet is not published yet packet_id=%s cause=%s", id, failure);
                    }
                    return new Closing(PaymentState.PAYMENT_STATE_CONFIRMED, false);
                });
            case PAYMENT_STATE_CLOSED ->
                closeOrder(id).thenApply(closed -> new Closing(PaymentState.PAYMENT_STATE_CLOSED, closed));
            case PAYMENT_STATE_PENDING, PAYMENT_STATE_UNSPECIFIED, UNRECOGNIZED ->
                CompletableFuture.failedFuture(
                        new IllegalStateException("closing the payment of " + id + " left it " + payment.getState()));
        });
    }

    /** Only after its payment is closed, or if it never had one. @return whether this call closed it */
    public CompletableFuture<Boolean> closeOrder(PacketId id) {
        return stores.of(id).close(id).toCompletionStage().toCompletableFuture().thenApply(closed -> {
            if (closed) {
                metrics.closed();
            }
            return closed;
        });
    }
}
