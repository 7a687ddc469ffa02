package io.hongbao.stock;

import static org.awaitility.Awaitility.await;

import io.hongbao.core.id.PacketId;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.time.Instant;

/** The client under test on a Redis whose clock the test sets: the library's one look at the time is redirected. */
final class TestStock implements AutoCloseable {
    static final String GROUP = "group-1";
    static final Duration LEASE = Duration.ofSeconds(60);
    static final Duration LIFE = Duration.ofHours(24);
    private static final Duration WAIT_MAX = Duration.ofSeconds(10);

    final StockClient client;
    private final LocalRedis redis;
    /** The real time when the test began, so that Redis' own expiry of keys, which goes by its real clock, stays away. */
    long nowMillis = System.currentTimeMillis();

    private int packetCount;

    TestStock(LocalRedis redis) {
        this.redis = redis;
        String library = StockLibrary.TEXT.replace("redis.call('TIME')", "redis.call('LRANGE', 'test:clock', 0, 1)");
        if (library.equals(StockLibrary.TEXT)) {
            throw new IllegalStateException("the library's clock is not where the test looks for it");
        }
        redis.send(Command.FLUSHALL);
        setClock();
        client = new StockClient(redis.vertx, redis.newRedis(), Duration.ofSeconds(2), library);
        await().atMost(WAIT_MAX).until(client::available);
    }

    void advance(Duration by) {
        nowMillis += by.toMillis();
        setClock();
    }

    PacketId newPacketId() {
        return PacketId.of(PacketId.NORTH, 2_500, 1, packetCount++, 7);
    }

    PacketId published(int shareCount) {
        return published(shareCount, "");
    }

    PacketId published(int shareCount, String exclusiveUserId) {
        PacketId id = newPacketId();
        run(client.publish(Stock.ofNew(id, GROUP, exclusiveUserId, shareCount, expiry())));
        return id;
    }

    Instant expiry() {
        return Instant.ofEpochMilli(nowMillis).plus(LIFE);
    }

    GrabAnswer grab(PacketId id, String user) {
        return run(client.grab(id, user, GROUP, LEASE));
    }

    <T> T run(Uni<T> call) {
        return call.await().atMost(WAIT_MAX);
    }

    private void setClock() {
        redis.send(Command.DEL, "test:clock");
        redis.send(Command.RPUSH, "test:clock", nowMillis / 1000, nowMillis % 1000 * 1000);
    }

    @Override
    public void close() {
        client.close();
    }
}
