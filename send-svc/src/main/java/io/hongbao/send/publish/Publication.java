package io.hongbao.send.publish;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_CLOSED;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_NOT_PAID;

import io.grpc.Deadline;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketState;
import io.hongbao.kit.Refusal;
import io.hongbao.orders.PacketRow;
import io.hongbao.orders.PaidOrder;
import io.hongbao.orders.PublishedOrder;
import io.hongbao.orders.StoreException;
import io.hongbao.send.Failures;
import io.hongbao.send.SendMetrics;
import io.hongbao.send.batch.OrderBatches;
import io.hongbao.send.wallet.Wallet;
import io.hongbao.v1.Payment;
import io.hongbao.v1.PaymentState;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Opens a packet once its payment is confirmed:
 *
 * <pre>
 * ask wallet-bridge ─▶ row OPEN and packet.published, in one transaction ─▶ load the stock
 *         │                       │
 *         │ not confirmed         │ nothing done: somebody else was first; or unknown
 *         └───────────┬───────────┘
 *                     ▼
 *                read the row ─▶ published: done · closed: refused · awaits its payment: refused
 * </pre>
 *
 * Nobody's word counts for the payment but wallet-bridge's own answer, and the row says whether it fits the order. Every step
 * may be repeated, by any number of pods.
 */
@ApplicationScoped
public class Publication {
    private static final Logger LOG = Logger.getLogger(Publication.class);

    /**
     * A packet that is published, now or before.
     *
     * @param publishedAtMicros microseconds since 1970
     * @param expiresAtMicros microseconds since 1970
     */
    public record Published(PacketState state, long publishedAtMicros, long expiresAtMicros) {
        private static Published now(PublishedOrder order) {
            return new Published(
                    new PacketState.Open(order.totalFen(), order.shareCount()),
                    order.publishedAtMicros(),
                    order.dueAtMicros());
        }

        private static Published before(PacketRow row) {
            return new Published(row.state(), row.publishedAtMicros(), row.dueAtMicros());
        }
    }

    private final OrderBatches orders;
    private final Wallet wallet;
    private final StockLoader stock;
    private final SendMetrics metrics;

    Publication(OrderBatches orders, Wallet wallet, StockLoader stock, SendMetrics metrics) {
        this.orders = orders;
        this.wallet = wallet;
        this.stock = stock;
        this.metrics = metrics;
    }

    /**
     * Publishes a packet if its payment is confirmed.
     *
     * @return the packet, published now or before; fails with PACKET_NOT_FOUND, PACKET_NOT_PAID, PACKET_CLOSED
     */
    public CompletableFuture<Published> publish(PacketId id, Deadline deadline) {
        return wallet.payment(id, deadline)
                .handle((payment, failure) -> failure == null && isConfirmed(payment)
                        ? publishConfirmed(id, payment.orElseThrow(), deadline)
                        : asItStands(id, failure == null ? notPaid() : failure, deadline))
                .thenCompose(Function.identity());
    }

    /** The same, after wallet-bridge has just said that the payment is confirmed. */
    public CompletableFuture<Published> publishConfirmed(PacketId id, Payment payment, Deadline deadline) {
        if (payment.getPacketId() != id.value()) {
            return CompletableFuture.failedFuture(doesNotFit(id, payment));
        }
        return orders.publish(new PaidOrder(id, payment.getAmountFen(), payment.getPayerId()))
                .handle((published, failure) -> {
                    if (failure == null && published.isPresent()) {
                        PublishedOrder order = published.get();
                        return stock.load(order).thenApply(loaded -> Published.now(order));
                    }
                    return failure == null || mayBePublished(failure)
                            ? afterAll(id, payment, failure, deadline)
                            : CompletableFuture.<Published>failedFuture(failure);
                })
                .thenCompose(Function.identity());
    }

    /** Nothing is published on this; what is published stays so. */
    private CompletableFuture<Published> asItStands(PacketId id, Throwable otherwise, Deadline deadline) {
        return orders.get(id, deadline).thenCompose(row -> {
            if (row.published()) {
                return publishedBefore(row);
            }
            return CompletableFuture.failedFuture(row.state() instanceof PacketState.Closed ? closed() : otherwise);
        });
    }

    /** The payment is confirmed, and the order was not published just now, as far as is known. */
    private CompletableFuture<Published> afterAll(
            PacketId id, Payment payment, @Nullable Throwable failure, Deadline deadline) {
        return orders.get(id, deadline).thenCompose(row -> {
            if (row.published()) {
                return publishedBefore(row);
            }
            if (row.state() instanceof PacketState.Closed) {
                metrics.paidButClosed();
                // Cannot be: an order is closed after its payment is, and a closed payment is never confirmed.
                LOG.errorf("Order to be published is closed packet_id=%s", id);
                return CompletableFuture.failedFuture(closed());
            }
            // After an unknown outcome: the commit did not happen, and the sweep will try again.
            return CompletableFuture.failedFuture(failure == null ? doesNotFit(id, payment) : failure);
        });
    }

    /** Redis may have missed it the first time; a stock that is there is not touched. */
    private CompletableFuture<Published> publishedBefore(PacketRow row) {
        return stock.load(row).thenApply(loaded -> Published.before(row));
    }

    private static boolean isConfirmed(Optional<Payment> payment) {
        return payment.isPresent() && payment.get().getState() == PaymentState.PAYMENT_STATE_CONFIRMED;
    }

    private static Refusal doesNotFit(PacketId id, Payment payment) {
        LOG.errorf(
                "Confirmed payment does not fit its order packet_id=%s payment_packet_id=%d amount_fen=%d",
                id, payment.getPacketId(), payment.getAmountFen());
        return notPaid();
    }

    private static Refusal notPaid() {
        return Refusal.of(ERROR_REASON_PACKET_NOT_PAID, "the packet is not paid");
    }

    private static Refusal closed() {
        return Refusal.of(ERROR_REASON_PACKET_CLOSED, "the order was closed unpaid");
    }

    /** Unknown, or its tables have left for the cold store. */
    private static boolean mayBePublished(Throwable failure) {
        return Failures.cause(failure) instanceof StoreException store
                && switch (store.effect()) {
                    case UNKNOWN, NO_TABLES -> true;
                    case GUARD_MISSED, DUPLICATE, REJECTED, MOVING, NOT_SENT -> false;
                };
    }
}
