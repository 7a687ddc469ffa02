package io.hongbao.stock;

import static io.hongbao.stock.GrabAnswer.Denied.UNKNOWN_PACKET;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.core.id.PacketId;
import io.hongbao.stock.StockUnavailableException.Cause;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What callers see while Redis is killed, hung, wiped or full. */
class StockClientFaultTest {
    private static final Duration WAIT_MAX = Duration.ofSeconds(15);
    private static final Duration TIMEOUT = Duration.ofMillis(200);
    private static final PacketId PACKET = PacketId.of(PacketId.NORTH, 2_500, 1, 1, 7);

    private LocalRedis redis;
    private StockClient client;

    @BeforeEach
    void start() throws Exception {
        redis = new LocalRedis();
        client = new StockClient(redis.vertx, redis.newRedis(), TIMEOUT);
        await().atMost(WAIT_MAX).until(client::available);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        redis.close();
    }

    private GrabAnswer grab() {
        return client.grab(PACKET, "alice", "group-1", Duration.ofSeconds(60))
                .await()
                .atMost(WAIT_MAX);
    }

    private StockUnavailableException failedGrab() {
        return assertThrows(StockUnavailableException.class, this::grab);
    }

    @Test
    void shouldGoOnWhenRedisForgotTheFunctions() {
        redis.send(Command.FUNCTION, "FLUSH");

        assertEquals(UNKNOWN_PACKET, grab());
    }

    @Test
    void shouldComeBackWithTheLibraryWhenRedisRestartsEmpty() throws Exception {
        redis.stop();
        await().atMost(WAIT_MAX).until(() -> !client.available());
        assertEquals(Cause.AWAY, failedGrab().reason());

        redis.start();

        await().atMost(WAIT_MAX).until(client::available);
        assertEquals(UNKNOWN_PACKET, grab());
    }

    @Test
    void shouldTimeOutOnceAndThenFailAtOnceWhileRedisHangs() {
        redis.send(Command.CLIENT, "PAUSE", 3_000, "ALL");

        assertEquals(Cause.TIMEOUT, failedGrab().reason());
        long startNanos = System.nanoTime();
        assertEquals(Cause.AWAY, failedGrab().reason());
        assertTrue(Duration.ofNanos(System.nanoTime() - startNanos).compareTo(TIMEOUT) < 0);

        await().atMost(WAIT_MAX).until(client::available);
        assertEquals(UNKNOWN_PACKET, grab());
    }

    @Test
    void shouldNoticeAHungRedisWithoutTraffic() {
        redis.send(Command.CLIENT, "PAUSE", 3_000, "ALL");

        await().atMost(WAIT_MAX).until(() -> !client.available());
        await().atMost(WAIT_MAX).until(client::available);
    }

    @Test
    void shouldTellThatRedisRefusesWhenItIsFull() {
        redis.send(Command.CONFIG, "SET", "maxmemory", "1");
        var stock = Stock.ofNew(PACKET, "group-1", "", 1, Instant.now().plusSeconds(60));

        assertThrows(
                StockUnavailableException.class,
                () -> client.publish(stock).await().atMost(WAIT_MAX));

        redis.send(Command.CONFIG, "SET", "maxmemory", "0");
        await().atMost(WAIT_MAX).until(client::available);
        assertTrue(client.publish(stock).await().atMost(WAIT_MAX));
        assertFalse(client.publish(stock).await().atMost(WAIT_MAX));
    }

    @Test
    void shouldFailEveryCallOfABatchAndThoseThatWaitWhenRedisHangs() {
        redis.send(Command.CLIENT, "PAUSE", 3_000, "ALL");
        var crowd = IntStream.range(0, 1_000)
                .mapToObj(user -> client.grab(PACKET, "user-" + user, "group-1", Duration.ofSeconds(60))
                        .map(Object.class::cast)
                        .onFailure(StockUnavailableException.class)
                        .recoverWithItem(failure -> ((StockUnavailableException) failure).reason()))
                .toList();

        List<Object> answers = Uni.join().all(crowd).andFailFast().await().atMost(WAIT_MAX);

        assertEquals(Set.of(Cause.TIMEOUT), Set.copyOf(answers));
    }

    @Test
    void shouldBoundTheCallsThatWait() {
        redis.send(Command.CLIENT, "PAUSE", 3_000, "ALL");
        var crowd = IntStream.range(0, StockClient.WAITING_MAX + 1_000)
                .mapToObj(user -> client.grab(PACKET, "user-" + user, "group-1", Duration.ofSeconds(60))
                        .map(Object.class::cast)
                        .onFailure(StockUnavailableException.class)
                        .recoverWithItem(failure -> ((StockUnavailableException) failure).reason()))
                .toList();

        List<Object> answers = Uni.join().all(crowd).andFailFast().await().atMost(WAIT_MAX);

        assertTrue(answers.contains(Cause.BUSY), "more than may wait");
    }

    @Test
    void shouldStartWhileRedisIsAway() throws Exception {
        redis.stop();
        try (var early = new StockClient(redis.vertx, redis.newRedis(), TIMEOUT)) {
            assertFalse(early.available());

            redis.start();

            await().atMost(WAIT_MAX).until(early::available);
        }
    }
}
