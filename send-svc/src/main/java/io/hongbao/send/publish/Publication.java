package io.hongbao.send.publish;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_CLOSED;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_NOT_FOUND;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_NOT_PAID;

import io.grpc.Deadline;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.LivePacket.Facts;
import io.hongbao.core.packet.PacketState;
import io.hongbao.kit.Refusal;
import io.hongbao.orders.PacketRow;
import io.hongbao.orders.StoreException;
import io.hongbao.orders.StoreException.Effect;
import io.hongbao.send.SendMetrics;
import io.hongbao.send.batch.OrderBatches;
import io.hongbao.send.wallet.Wallet;
import io.hongbao.v1.Payment;
import io.hongbao.v1.PaymentState;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Opens a packet once its payment is confirmed:
 *
 * <pre>
 * read the row ─▶ ask wallet-bridge ─▶ row OPEN and packet.published, in one statement ─▶ load the stock
 *      │                 │                              │
 *      │ published: done │ not confirmed: refused       └─ somebody else was first, or unknown: read again
 *      └ closed: refused
 * </pre>
 *
 * Nobody's word counts for the payment but wallet-bridge's own answer. Every step may be repeated, by any number of pods.
 */
@ApplicationScoped
public class Publication {
    private static final Logger LOG = Logger.getLogger(Publication.class);

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
    public Uni<PacketRow> publish(PacketId id, Deadline deadline) {
        return row(id, deadline).flatMap(row -> {
            if (!(row.state() instanceof PacketState.AwaitingPayment)) {
                return publishedBefore(row);
            }
            return wallet.payment(id, deadline).flatMap(payment -> publishRow(row, payment, deadline));
        });
    }

    /** The same, for a payment that wallet-bridge has just told of. */
    public Uni<PacketRow> publishConfirmed(PacketId id, Payment payment, Deadline deadline) {
        return row(id, deadline)
                .flatMap(row -> row.state() instanceof PacketState.AwaitingPayment
                        ? publishRow(row, Optional.of(payment), deadline)
                        : publishedBefore(row));
    }

    private Uni<PacketRow> row(PacketId id, Deadline deadline) {
        return orders.find(id, deadline)
                .map(found -> found.orElseThrow(
                        () -> Refusal.of(ERROR_REASON_PACKET_NOT_FOUND, "no packet has this number")));
    }

    private Uni<PacketRow> publishRow(PacketRow row, Optional<Payment> payment, Deadline deadline) {
        if (!pays(payment, row)) {
            return Uni.createFrom().failure(Refusal.of(ERROR_REASON_PACKET_NOT_PAID, "the packet is not paid"));
        }
        return orders.publish(row)
                .map(publishedAtMicros -> {
                    metrics.published();
                    return opened(row, publishedAtMicros);
                })
                .onFailure(Publication::mayBePublished)
                .recoverWithUni(failure -> row(row.facts().id(), deadline).flatMap(now -> {
                    // Still waiting: the commit of unknown outcome did not happen. The sweep will try again.
                    return now.state() instanceof PacketState.AwaitingPayment
                            ? Uni.createFrom().failure(failure)
                            : publishedBefore(now);
                }))
                .flatMap(stock::load);
    }

    private Uni<PacketRow> publishedBefore(PacketRow row) {
        if (row.published()) {
            // Redis may have missed it the first time; a stock that is there is not touched.
            return stock.load(row);
        }
        metrics.paidButClosed();
        // Cannot be: an order is closed after its payment is, and a closed payment is never confirmed.
        LOG.errorf("Order to be published is closed packet_id=%s", row.facts().id());
        return Uni.createFrom().failure(Refusal.of(ERROR_REASON_PACKET_CLOSED, "the order was closed unpaid"));
    }

    private static boolean pays(Optional<Payment> found, PacketRow row) {
        if (found.isEmpty() || found.get().getState() != PaymentState.PAYMENT_STATE_CONFIRMED) {
            return false;
        }
        Payment payment = found.get();
        Facts facts = row.facts();
        boolean same = payment.getPacketId() == facts.id().value()
                && payment.getAmountFen() == facts.terms().totalFen()
                && payment.getPayerId().equals(facts.senderId());
        if (!same) {
            LOG.errorf(
                    "Confirmed payment does not fit its order packet_id=%s payment_packet_id=%d amount_fen=%d total_fen=%d",
                    facts.id(),
                    payment.getPacketId(),
                    payment.getAmountFen(),
                    facts.terms().totalFen());
        }
        return same;
    }

    private static boolean mayBePublished(Throwable failure) {
        return failure instanceof StoreException store
                && (store.effect() == Effect.GUARD_MISSED || store.effect() == Effect.UNKNOWN);
    }

    /** The row as the statement left it. */
    private static PacketRow opened(PacketRow row, long publishedAtMicros) {
        return new PacketRow(
                row.facts(),
                new PacketState.AwaitingPayment().publish(row.facts().terms()),
                row.version() + 1,
                row.createdAtMicros(),
                publishedAtMicros + row.timeToLiveMillis() * 1_000,
                row.timeToLiveMillis(),
                row.cityCode(),
                row.greeting());
    }
}
