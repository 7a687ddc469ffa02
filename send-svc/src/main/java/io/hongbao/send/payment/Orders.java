package io.hongbao.send.payment;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_NOT_THE_SENDER;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_ALREADY_PAID;

import io.grpc.Deadline;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketState;
import io.hongbao.kit.Refusal;
import io.hongbao.orders.PacketRow;
import io.hongbao.send.batch.OrderBatches;
import io.hongbao.send.payment.AwaitedPayments.Closing;
import io.hongbao.v1.PaymentState;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.CompletableFuture;

/** What a sender may ask of an order: how its payment stands, and to cancel it. */
@ApplicationScoped
public class Orders {
    private final OrderBatches orders;
    private final AwaitedPayments awaited;

    Orders(OrderBatches orders, AwaitedPayments awaited) {
        this.orders = orders;
        this.awaited = awaited;
    }

    /** The order as it stands, after asking for its payment if it still awaits it. Fails with PACKET_NOT_FOUND. */
    public CompletableFuture<PacketRow> status(PacketId id, Deadline deadline) {
        return orders.get(id, deadline).thenCompose(row -> {
            if (!(row.state() instanceof PacketState.AwaitingPayment)) {
                return CompletableFuture.completedFuture(row);
            }
            return awaited.ask(id, deadline)
                    .thenCompose(payment -> payment == PaymentState.PAYMENT_STATE_PENDING
                            ? CompletableFuture.completedFuture(row)
                            : orders.get(id, deadline));
        });
    }

    /**
     * Closes an order that is not paid.
     *
     * @return whether it was closed before; fails with PACKET_NOT_FOUND, NOT_THE_SENDER, PACKET_ALREADY_PAID
     */
    public CompletableFuture<Boolean> cancel(PacketId id, String senderId, Deadline deadline) {
        return orders.get(id, deadline).thenCompose(row -> {
            if (!row.facts().senderId().equals(senderId)) {
                return CompletableFuture.failedFuture(
                        Refusal.of(ERROR_REASON_NOT_THE_SENDER, "only the sender may cancel a packet"));
            }
            return switch (row.state()) {
                case PacketState.Closed closed -> CompletableFuture.completedFuture(true);
                case PacketState.AwaitingPayment awaiting ->
                    awaited.close(id, deadline).thenApply(Orders::cancelled);
                case PacketState.Open open -> CompletableFuture.failedFuture(alreadyPaid());
                case PacketState.Frozen frozen -> CompletableFuture.failedFuture(alreadyPaid());
                case PacketState.Finished finished -> CompletableFuture.failedFuture(alreadyPaid());
                case PacketState.Expired expired -> CompletableFuture.failedFuture(alreadyPaid());
            };
        });
    }

    private static boolean cancelled(Closing closing) {
        if (closing.payment() == PaymentState.PAYMENT_STATE_CONFIRMED) {
            throw alreadyPaid();
        }
        return !closing.closedNow();
    }

    private static Refusal alreadyPaid() {
        return Refusal.of(ERROR_REASON_PACKET_ALREADY_PAID, "a paid packet cannot be cancelled");
    }
}
