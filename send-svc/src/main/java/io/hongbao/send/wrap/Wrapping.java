package io.hongbao.send.wrap;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_NOT_FOUND;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_SET_UNAVAILABLE;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.LivePacket.Facts;
import io.hongbao.core.split.Seed;
import io.hongbao.kit.Refusal;
import io.hongbao.orders.NewPacket;
import io.hongbao.orders.PacketRow;
import io.hongbao.orders.StoreException;
import io.hongbao.orders.StoreException.Effect;
import io.hongbao.send.Failures;
import io.hongbao.send.Patience;
import io.hongbao.send.SendMetrics;
import io.hongbao.send.batch.OrderBatches;
import io.hongbao.send.limits.Limits;
import io.hongbao.send.limits.LimitsConfig;
import io.hongbao.send.number.OrderNumbers;
import io.hongbao.send.payment.AwaitedPayments;
import io.hongbao.send.set.SetHealth;
import io.hongbao.send.set.SuffixChoice;
import io.hongbao.send.set.SuffixChoice.Place;
import io.hongbao.send.wallet.Wallet;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePaymentRequest;
import io.hongbao.v1.CreatePaymentResponse;
import io.hongbao.v1.Payment;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Wraps a packet:
 *
 * <pre>
 * check ─▶ order number ─▶ pick a SET ─▶ insert AWAITING_PAYMENT ─┬─ stored ─▶ ask for the payment ─┬─ new: answer
 *                             ▲                                   │                                └─ replay
 *                             └── the same number, other suffix ──┘ SET is away, or nobody knows
 * </pre>
 *
 * The suffix is changed before any payment is asked for, each SET is tried once, and a row that an insert of unknown
 * outcome left behind has no payment: the sweep closes it when its time to pay is over.
 *
 * <p>The request id is judged by wallet-bridge, which knows it together with the payment, in one row. On a replay the
 * order that was just made is superfluous: it is closed, and the answer is read from the earlier one.
 */
@ApplicationScoped
public class Wrapping {
    private static final Logger LOG = Logger.getLogger(Wrapping.class);

    /**
     * What the sender gets to know.
     *
     * @param commitment to the seed, 32 bytes
     * @param replay whether an earlier request made it
     */
    public record Wrapped(
            PacketId packetId, String paymentId, byte[] commitment, long paymentDueAtMicros, boolean replay) {}

    private record Stored(NewPacket packet, long storedAtMicros) {
        PacketId id() {
            return packet.facts().id();
        }
    }

    private final OrderNumbers numbers;
    private final SuffixChoice suffixes;
    private final SetHealth health;
    private final OrderBatches orders;
    private final Greetings greetings;
    private final Wallet wallet;
    private final AwaitedPayments awaited;
    private final SendMetrics metrics;
    private final Limits limits;
    private final Duration timeToPay;

    Wrapping(
            OrderNumbers numbers,
            SuffixChoice suffixes,
            SetHealth health,
            OrderBatches orders,
            Greetings greetings,
            Wallet wallet,
            AwaitedPayments awaited,
            SendMetrics metrics,
            LimitsConfig config) {
        this.numbers = numbers;
        this.suffixes = suffixes;
        this.health = health;
        this.orders = orders;
        this.greetings = greetings;
        this.wallet = wallet;
        this.awaited = awaited;
        this.metrics = metrics;
        this.limits = Limits.of(config);
        this.timeToPay = config.timeToPay();
    }

    /** Makes the order, or finds the one that this request made before. Fails with a reason of {@link OrderRules}, too. */
    public CompletableFuture<Wrapped> wrap(CreatePacketRequest request, Deadline deadline) {
        Order order = OrderRules.check(request, limits);
        Patience.check(deadline);
        return numbers.next()
                .thenCompose(number -> store(order, number, Seeds.next(), List.of(), deadline))
                .thenCompose(stored -> askForPayment(order, stored, deadline));
    }

    private CompletableFuture<Stored> store(
            Order order, PacketId number, Seed seed, List<String> tried, Deadline deadline) {
        Optional<Place> picked = suffixes.pick(tried, ThreadLocalRandom.current());
        if (picked.isEmpty()) {
            return CompletableFuture.failedFuture(Refusal.of(ERROR_REASON_SET_UNAVAILABLE, "no SET takes orders now")
                    .with("set", tried.isEmpty() ? "all" : tried.getLast()));
        }
        if (deadline.isExpired()) {
            return CompletableFuture.failedFuture(Patience.passed());
        }
        Place place = picked.get();
        PacketId id = number.withSuffix(place.suffix());
        var packet = new NewPacket(
                new Facts(id, order.terms(), seed, order.senderId(), order.groupId(), order.exclusiveUserId()),
                order.timeToLiveMillis(),
                order.cityCode(),
                greetings.stored(id, order.greeting()));
        return orders.insert(packet, deadline)
                .thenApply(storedAtMicros -> new Stored(packet, storedAtMicros))
                .exceptionallyCompose(failure -> {
                    if (!(Failures.cause(failure) instanceof StoreException store)) {
                        return CompletableFuture.failedFuture(failure);
                    }
                    if (store.effect() == Effect.DUPLICATE) {
                        // The database of numbers was set back: what we hold may be somebody else's. A retry gets
                        // others.
                        LOG.errorf("Order number is in use packet_id=%s", id);
                        numbers.discard();
                        return CompletableFuture.failedFuture(store);
                    }
                    suffixes.leave(place);
                    pass(place.set(), store.effect(), store);
                    List<String> triedNow = Stream.concat(tried.stream(), Stream.of(place.set()))
                            .toList();
                    return store(order, number, seed, triedNow, deadline);
                });
    }

    /** Notes that a SET did not take an order; whatever the cause, another one may. */
    private void pass(String set, Effect effect, Throwable failure) {
        boolean setIsToBlame = switch (effect) {
            case NOT_SENT, UNKNOWN, NO_TABLES -> true;
            case REJECTED, GUARD_MISSED, DUPLICATE, MOVING -> false;
        };
        metrics.repicked(set);
        if (setIsToBlame && health.failed(set)) {
            LOG.warnf("SET is passed over for new orders set=%s effect=%s cause=%s", set, effect, failure.getMessage());
        } else if (!setIsToBlame && effect != Effect.MOVING) {
            LOG.errorf("SET rejected an order set=%s effect=%s cause=%s", set, effect, failure.getMessage());
        }
    }

    private CompletableFuture<Wrapped> askForPayment(Order order, Stored stored, Deadline deadline) {
        var request = CreatePaymentRequest.newBuilder()
                .setRequestId(order.requestId())
                .setPacketId(stored.id().value())
                .setPayerId(order.senderId())
                .setAmountFen(order.terms().totalFen())
                .setParametersHash(UnsafeByteOperations.unsafeWrap(ParametersHash.of(order)))
                .build();
        return wallet.createPayment(request, deadline)
                .whenComplete((response, failure) -> {
                    if (failure instanceof StatusRuntimeException) {
                        // Refused for good: there is no payment, and there will be none. A payment side that is away
                        // may have made one, so then the order is left to the sweep.
                        closeSuperfluous(stored.id());
                    }
                })
                .thenCompose(response -> answer(stored, response, deadline));
    }

    private CompletableFuture<Wrapped> answer(Stored stored, CreatePaymentResponse response, Deadline deadline) {
        Payment payment = response.getPayment();
        if (payment.getPacketId() == stored.id().value()) {
            metrics.created();
            return CompletableFuture.completedFuture(new Wrapped(
                    stored.id(),
                    payment.getPaymentId(),
                    stored.packet().facts().seed().commitment(),
                    stored.storedAtMicros() + timeToPay.toMillis() * 1_000,
                    false));
        }
        metrics.replayed();
        closeSuperfluous(stored.id());
        return orders.find(new PacketId(payment.getPacketId()), deadline).thenApply(found -> {
            PacketRow row = found.orElseThrow(
                    () -> Refusal.of(ERROR_REASON_PACKET_NOT_FOUND, "the order of this request is gone"));
            return new Wrapped(
                    row.facts().id(),
                    payment.getPaymentId(),
                    row.facts().seed().commitment(),
                    paymentDueAtMicros(row),
                    true);
        });
    }

    /** The row of a published packet tells when it expires, and not any more when its payment was due. */
    private long paymentDueAtMicros(PacketRow row) {
        return row.published() ? row.createdAtMicros() + timeToPay.toMillis() * 1_000 : row.dueAtMicros();
    }

    /** Best effort, and nobody waits for it: the sweep closes what is left. */
    private void closeSuperfluous(PacketId id) {
        awaited.closeOrder(id).whenComplete((closed, failure) -> {
            if (failure == null) {
                LOG.debugf("Superfluous order is closed packet_id=%s", id);
            } else {
                LOG.debugf("Superfluous order is left to the sweep packet_id=%s cause=%s", id, failure);
            }
        });
    }
}
