package io.hongbao.send.batch;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_NOT_FOUND;

import io.grpc.Deadline;
import io.hongbao.core.id.PacketId;
import io.hongbao.kit.GroupCommit;
import io.hongbao.kit.GroupCommit.Limits;
import io.hongbao.kit.Refusal;
import io.hongbao.kit.trace.Step;
import io.hongbao.kit.trace.Traces;
import io.hongbao.orders.NewPacket;
import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.hongbao.orders.PacketRow;
import io.hongbao.orders.PaidOrder;
import io.hongbao.orders.PublishedOrder;
import io.hongbao.orders.StoreException;
import io.hongbao.orders.StoreException.Effect;
import io.hongbao.send.SendMetrics;
import io.hongbao.send.limits.LimitsConfig;
import io.quarkus.runtime.Startup;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * What send-svc does to orders, many at once: the inserts, the reads and the publications of one SET and one day that
 * arrive while a statement is under way go into the next one. A statement costs the server nearly the same for one order
 * as for ten, and its fsync exactly the same.
 */
@Startup
@ApplicationScoped
public class OrderBatches {
    /**
     * A larger batch saves nothing more, and holds up its first caller. Two seconds of full load may wait: who comes
     * later would not be answered in time anyway. One lane: fewer, larger batches win on a small server.
     */
    private static final Limits LIMITS = new Limits(512, 8_192, 1);

    /** Orders in one batch lie on one server, in tables of one day. */
    private record Shelf(String set, int day) {}

    private final OrderStores stores;
    private final GroupCommit<Shelf, NewPacket, Long> inserts;
    private final GroupCommit<Shelf, PacketId, Optional<PacketRow>> reads;
    private final GroupCommit<Shelf, PaidOrder, Optional<PublishedOrder>> publications;

    OrderBatches(Vertx vertx, OrderStores stores, LimitsConfig limits, SendMetrics metrics, Traces traces) {
        this.stores = stores;
        // This bean is made at start-up, so this is no request's context: a batch belongs to none of its requests.
        Context context = vertx.getOrCreateContext();
        Executor starter = command -> context.runOnContext(started -> command.run());
        this.inserts = new GroupCommit<>(
                (shelf, packets) -> {
                    metrics.batch("insert", packets.size());
                    long begun = System.nanoTime();
                    return stores.named(shelf.set)
                            .insert(packets, limits.timeToPay())
                            .onComplete(inserted -> traces.done(
                                    Step.ORDERS_INSERT,
                                    shelf.set,
                                    () -> packets.stream()
                                            .mapToLong(packet ->
                                                    packet.facts().id().value()),
                                    begun,
                                    inserted.cause()))
                            .map(insertedAt -> Collections.nCopies(packets.size(), insertedAt))
                            .toCompletionStage();
                },
                OrderBatches::blamesOne,
                LIMITS,
                starter);
        this.reads = new GroupCommit<>(
                (shelf, ids) -> {
                    metrics.batch("read", ids.size());
                    return read(stores.named(shelf.set), ids);
                },
                OrderBatches::blamesOne,
                LIMITS,
                starter);
        this.publications = new GroupCommit<>(
                (shelf, paid) -> {
                    metrics.batch("publish", paid.size());
                    long begun = System.nanoTime();
                    return stores.named(shelf.set)
                            .publish(paid, PublishedEvents::of)
                            .onComplete(published -> traces.done(
                                    Step.ORDERS_PUBLISH,
                                    shelf.set,
                                    () -> paid.stream()
                                            .mapToLong(order -> order.id().value()),
                                    begun,
                                    published.cause()))
                            .map(published -> {
                                metrics.published(published.size());
                                return each(paid, published);
                            })
                            .toCompletionStage();
                },
                OrderBatches::blamesOne,
                LIMITS,
                starter);
        metrics.watchQueue("insert", inserts);
        metrics.watchQueue("read", reads);
        metrics.watchQueue("publish", publications);
    }

    /**
     * Stores an order that awaits its payment, unless the deadline passes before it is sent.
     *
     * @return when, microseconds since 1970; fails with StoreException, OVERLOADED or DEADLINE_PASSED
     */
    public CompletableFuture<Long> insert(NewPacket packet, Deadline deadline) {
        return inserts.submit(shelf(packet.facts().id()), packet, () -> !deadline.isExpired());
    }

    /** Reads an order; empty if there is none. Fails with StoreException, OVERLOADED or SUFFIX_NOT_SERVED. */
    public CompletableFuture<Optional<PacketRow>> find(PacketId id, Deadline deadline) {
        return reads.submit(shelf(id), id, () -> !deadline.isExpired());
    }

    /** Reads an order that has to be there. Fails like {@link #find}, and with PACKET_NOT_FOUND. */
    public CompletableFuture<PacketRow> get(PacketId id, Deadline deadline) {
        return find(id, deadline)
                .thenApply(found -> found.orElseThrow(
                        () -> Refusal.of(ERROR_REASON_PACKET_NOT_FOUND, "no packet has this number")));
    }

    /**
     * Publishes an order that is paid.
     *
     * @return empty if nothing was done: it does not await its payment, or this is not its payment; fails with
     *     StoreException or OVERLOADED
     */
    public CompletableFuture<Optional<PublishedOrder>> publish(PaidOrder order) {
        return publications.submit(shelf(order.id()), order, () -> true);
    }

    /** What became of each, in their order. */
    private static List<Optional<PublishedOrder>> each(List<PaidOrder> paid, List<PublishedOrder> published) {
        Map<PacketId, PublishedOrder> found = HashMap.newHashMap(published.size());
        published.forEach(order -> found.put(order.id(), order));
        return paid.stream()
                .map(order -> Optional.ofNullable(found.get(order.id())))
                .toList();
    }

    private Shelf shelf(PacketId id) {
        return new Shelf(stores.of(id).name(), id.day());
    }

    private static CompletionStage<List<Optional<PacketRow>>> read(OrderStore store, List<PacketId> ids) {
        return store.load(
                        ids.getFirst().dayTable(),
                        ids.stream().map(PacketId::value).distinct().toList())
                .map(rows -> ids.stream()
                        .map(id -> Optional.ofNullable(rows.get(id.value())))
                        .toList())
                .recover(failure -> failure instanceof StoreException refused && refused.effect() == Effect.NO_TABLES
                        ? Future.succeededFuture(Collections.nCopies(ids.size(), Optional.<PacketRow>empty()))
                        : Future.failedFuture(failure))
                .toCompletionStage();
    }

    /** Nothing was done, and it may be for the sake of one order. */
    private static boolean blamesOne(Throwable failure) {
        return failure instanceof StoreException store
                && switch (store.effect()) {
                    case GUARD_MISSED, DUPLICATE, REJECTED, MOVING -> true;
                    case NO_TABLES, NOT_SENT, UNKNOWN -> false;
                };
    }
}
