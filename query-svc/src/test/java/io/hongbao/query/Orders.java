package io.hongbao.query;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.LivePacket;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Terms;
import io.hongbao.core.split.Seed;
import io.hongbao.orders.DayMove;
import io.hongbao.orders.NewPacket;
import io.hongbao.orders.OpenBatch;
import io.hongbao.orders.OrderStore;
import io.hongbao.orders.OrderStores;
import io.hongbao.orders.PaidOrder;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Makes orders in the SETs, as the other services would. */
@ApplicationScoped
public class Orders {
    static final Duration TIME_TO_LIVE = Duration.ofHours(24);
    static final int COLD_AFTER_DAYS = 3;
    private static final byte[] NO_EVENTS = {};
    private static final int RELAY_MAX = 1_000;
    private static final AtomicInteger COUNTER = new AtomicInteger();

    private final OrderStores stores;

    Orders(OrderStores stores) {
        this.stores = stores;
        stores.all().forEach(store -> await(store.makeDays(1)));
    }

    /** A number nobody has yet. @param suffix XXY */
    static PacketId newId(int suffix) {
        return newId(suffix, LocalDate.now(PacketId.ZONE));
    }

    private static PacketId newId(int suffix, LocalDate day) {
        return PacketId.of(PacketId.NORTH, PacketId.dayOf(day), 7, COUNTER.incrementAndGet(), suffix);
    }

    /** An order that awaits its payment. */
    PacketId wrap(int suffix, PacketKind kind, long totalFen, int shareCount) {
        return wrap(suffix, kind, totalFen, shareCount, id -> "恭喜发财");
    }

    /** @param greeting what send-svc would store for this packet */
    PacketId wrap(int suffix, PacketKind kind, long totalFen, int shareCount, Function<PacketId, String> greeting) {
        return wrap(newId(suffix), kind, totalFen, shareCount, greeting);
    }

    /** An order that was never paid, of a day that has left for the cold store. The day's tables must be there. */
    PacketId cold(int suffix, LocalDate day, Function<PacketId, String> greeting) {
        PacketId id = wrap(newId(suffix, day), PacketKind.LUCKY, 100, 3, greeting);
        OrderStore store = store(id);
        await(store.close(id));
        await(store.relay(RELAY_MAX, told -> Future.succeededFuture()));
        var move = new DayMove(store, stores.cold().orElseThrow(), PacketId.NORTH, COLD_AFTER_DAYS, Duration.ZERO);
        DayMove.Outcome outcome = await(move.move(new DayMove.Unit(id.database(), PacketId.dayOf(day))));
        if (outcome != DayMove.Outcome.MOVED) {
            throw new IllegalStateException("the day has not moved: " + outcome);
        }
        return id;
    }

    private PacketId wrap(
            PacketId id, PacketKind kind, long totalFen, int shareCount, Function<PacketId, String> greeting) {
        byte[] seed = new byte[Seed.BYTES];
        seed[0] = (byte) id.counter();
        LivePacket.Facts facts = new LivePacket.Facts(
                id, new Terms(kind, totalFen, shareCount, 20_000), new Seed(seed), "sender", "group", "");
        await(store(id)
                .insert(
                        List.of(new NewPacket(facts, TIME_TO_LIVE.toMillis(), "440300", greeting.apply(id))),
                        Duration.ofMinutes(15)));
        return id;
    }

    /** A packet that may be opened. */
    PacketId publish(int suffix, PacketKind kind, long totalFen, int shareCount) {
        PacketId id = wrap(suffix, kind, totalFen, shareCount);
        await(store(id).publish(List.of(new PaidOrder(id, totalFen, "sender")), orders -> NO_EVENTS));
        return id;
    }

    /** Opens the next shares, in this order, by {@code user-<sequence>}. */
    void open(PacketId id, long... amountsFen) {
        for (long amountFen : amountsFen) {
            var row = await(store(id).find(id)).orElseThrow();
            int surplusCount = row.state().surplusCount() - 1;
            int sequence = row.facts().terms().shareCount() - surplusCount;
            OpenBatch batch = new OpenBatch();
            batch.packet(
                    id.value(),
                    row.version(),
                    row.state().surplusFen() - amountFen,
                    surplusCount,
                    surplusCount == 0 ? PacketState.Finished.CODE : PacketState.Open.CODE,
                    0,
                    false);
            batch.share(id.value(), "user-" + sequence, amountFen, sequence);
            await(store(id).commit(id.dayTable(), batch, NO_EVENTS, 1));
        }
    }

    /** Refunds what is left. */
    void expire(PacketId id) {
        var row = await(store(id).find(id)).orElseThrow();
        OpenBatch batch = new OpenBatch();
        batch.packet(
                id.value(),
                row.version(),
                0,
                0,
                PacketState.Expired.CODE,
                row.state().surplusFen(),
                false);
        await(store(id).commit(id.dayTable(), batch, NO_EVENTS, 1));
    }

    void settle(PacketId id, String... userIds) {
        await(store(id)
                .settle(
                        id.dayTable(),
                        List.of(userIds).stream().map(user -> id.value()).toList(),
                        List.of(userIds)));
    }

    OrderStore store(PacketId id) {
        return stores.of(id);
    }

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }
}
