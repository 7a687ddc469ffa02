package io.hongbao.query.packet;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_NOT_FOUND;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_SET_UNAVAILABLE;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketState;
import io.hongbao.kit.Refusal;
import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.hongbao.orders.ShareRow;
import io.hongbao.orders.StoreException;
import io.hongbao.query.QueryMetrics;
import io.hongbao.query.QueryMetrics.PacketSource;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Reads packets: those that can never change again from memory, all others from the primary server of their SET, after
 * the question was asked. So a user who has just opened a share sees it here, on any pod.
 */
@ApplicationScoped
public class PacketReader {
    /** Longest wait for a packet: a healthy SET answers in milliseconds, and a caller has better things to do. */
    public static final Duration ANSWER_TIME_MAX = Duration.ofSeconds(2);
    /**
     * Most that the cache holds, packets and shares counted together. One of either takes some 200 bytes: 40 MB in all,
     * the packets of the last minutes of a busy pod.
     */
    public static final long CACHE_WEIGHT_MAX = 200_000;

    private final OrderStores stores;
    private final QueryMetrics metrics;
    private final Cache<PacketId, PacketView> settled;
    private final FreshReads<PacketId, Optional<PacketView>> reads = new FreshReads<>(this::readFromSet);

    public PacketReader(OrderStores stores, QueryMetrics metrics) {
        this.stores = stores;
        this.metrics = metrics;
        this.settled = Caffeine.newBuilder()
                .maximumWeight(CACHE_WEIGHT_MAX)
                .weigher((PacketId id, PacketView packet) -> 1 + packet.shares().size())
                .build();
        metrics.packetCacheWeight(
                () -> settled.policy().eviction().orElseThrow().weightedSize().orElse(0));
    }

    /** Fails with a {@link Refusal}: PACKET_NOT_FOUND, SUFFIX_NOT_SERVED, SET_UNAVAILABLE. */
    public Uni<PacketView> read(PacketId id) {
        PacketView known = settled.getIfPresent(id);
        if (known != null) {
            metrics.packet(PacketSource.CACHE);
            return Uni.createFrom().item(known);
        }
        String set = stores.of(id).name();
        FreshReads.Promise<Optional<PacketView>> promise = reads.read(id);
        metrics.packet(promise.shared() ? PacketSource.SHARED_READ : PacketSource.SET);
        // Not Uni.completionStage: an asker who hangs up would cancel the answer of all others.
        return Uni.createFrom()
                .<Optional<PacketView>>emitter(asker -> promise.answer().whenComplete((found, failure) -> {
                    if (failure == null) {
                        asker.complete(found);
                    } else {
                        asker.fail(failure);
                    }
                }))
                .ifNoItem()
                .after(ANSWER_TIME_MAX)
                .failWith(() -> Refusal.of(ERROR_REASON_SET_UNAVAILABLE, "the SET of this order does not answer")
                        .with("set", set))
                .onFailure()
                .transform(PacketReader::told)
                .map(found -> found.orElseThrow(
                        () -> Refusal.of(ERROR_REASON_PACKET_NOT_FOUND, "no packet has this number")));
    }

    private CompletionStage<Optional<PacketView>> readFromSet(PacketId id) {
        OrderStore store = stores.of(id);
        return store.find(id)
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(Optional.<PacketView>empty())
                        // The row first: a row that says finished has all its shares then.
                        : (found.get().state() instanceof PacketState.AwaitingPayment
                                        ? Future.succeededFuture(List.<ShareRow>of())
                                        : store.shares(id))
                                .map(shares -> Optional.of(PacketView.of(found.get(), shares))))
                .onSuccess(read -> read.filter(PacketView::isSettled).ifPresent(packet -> settled.put(id, packet)))
                .toCompletionStage();
    }

    private static Throwable told(Throwable failure) {
        return switch (failure) {
            case StoreException store -> store.toRefusal();
            case CompletionException wrapper when wrapper.getCause() != null -> told(wrapper.getCause());
            default -> failure;
        };
    }
}
