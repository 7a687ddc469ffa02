package io.hongbao.orders;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.orders.StoreException.Effect;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.pgclient.PgConnectOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A breaker before a real server, with a tap in between that can be shut or hold everything back. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SetBreakerTest {
    /** What every pod is promised. */
    private static final Duration NOTICE_MAX = Duration.ofSeconds(1);
    /** A probe follows a probe within some hundred milliseconds, on a machine that builds other things. */
    private static final Duration WAIT_MAX = Duration.ofSeconds(10);

    private static EmbeddedPostgres postgres;
    private static Vertx vertx;

    private final List<NetSocket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean frozen;
    private NetServer tap;
    private SetBreaker breaker;

    @BeforeAll
    static void startServer() throws Exception {
        postgres = EmbeddedPostgres.start();
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stopServer() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get();
        postgres.close();
    }

    @BeforeEach
    void start() throws Exception {
        tap = vertx.createNetServer().connectHandler(this::connect);
        tap.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get();
        breaker = new SetBreaker(
                vertx,
                "set-a",
                new Primary(
                        vertx,
                        "set-a",
                        List.of(PgConnectOptions.fromUri("postgresql://127.0.0.1:" + tap.actualPort() + "/postgres")
                                .setUser("postgres")
                                .setPassword("postgres"))));
        breaker.start();
        await().atMost(WAIT_MAX).until(() -> !sockets.isEmpty());
    }

    @AfterEach
    void stop() throws Exception {
        breaker.stop();
        tap.close().toCompletionStage().toCompletableFuture().get();
        sockets.forEach(NetSocket::close);
    }

    private void connect(NetSocket client) {
        client.pause();
        vertx.createNetClient().connect(postgres.getPort(), "127.0.0.1").onSuccess(server -> {
            sockets.addAll(List.of(client, server));
            client.handler(server::write);
            server.handler(client::write);
            client.closeHandler(gone -> server.close());
            server.closeHandler(gone -> client.close());
            if (frozen) {
                server.pause();
            } else {
                client.resume();
            }
        });
    }

    private void freeze() {
        frozen = true;
        sockets.forEach(NetSocket::pause);
    }

    private void thaw() {
        frozen = false;
        sockets.forEach(NetSocket::resume);
    }

    private static Effect effectOf(Future<?> failed) {
        return StoreException.of("set-a", failed.cause()).effect();
    }

    @Test
    void shouldSendStatementsWhileTheServerAnswers() {
        Future<String> answer = breaker.guard(() -> Future.succeededFuture("done"));

        await().atMost(WAIT_MAX).until(answer::isComplete);
        assertEquals("done", answer.result());
        assertTrue(breaker.answering());
    }

    @Test
    void shouldRefuseAtOnceWhenTheServerIsFrozen() {
        // when
        freeze();
        long frozenAtNanos = System.nanoTime();
        await().atMost(WAIT_MAX).pollInterval(Duration.ofMillis(5)).until(() -> !breaker.answering());

        // then
        assertTrue(System.nanoTime() - frozenAtNanos < NOTICE_MAX.toNanos());
        Future<String> refused = breaker.guard(() -> {
            throw new AssertionError("a statement was sent to a server that is away");
        });
        assertTrue(refused.failed());
        assertEquals(Effect.NOT_SENT, effectOf(refused));
    }

    @Test
    void shouldNotKnowWhatBecameOfAStatementUnderWay() {
        // given a statement without an answer
        Promise<String> underWay = Promise.promise();
        Future<String> answer = breaker.guard(underWay::future);
        assertFalse(answer.isComplete());

        // when
        freeze();

        // then its caller need not wait for its time limit
        await().atMost(WAIT_MAX).until(answer::failed);
        assertEquals(Effect.UNKNOWN, effectOf(answer));
        // and an answer that comes later is too late
        underWay.complete("late");
        assertTrue(answer.failed());
    }

    @Test
    void shouldSendAgainOnceTheServerAnswersAgain() {
        // given
        freeze();
        await().atMost(WAIT_MAX).until(() -> !breaker.answering());

        // when
        thaw();

        // then
        await().atMost(WAIT_MAX).until(breaker::answering);
        Future<String> answer = breaker.guard(() -> Future.succeededFuture("done"));
        await().atMost(WAIT_MAX).until(answer::succeeded);
    }

    @Test
    void shouldNoticeAServerThatRefusesConnections() throws Exception {
        // when
        int port = tap.actualPort();
        tap.close().toCompletionStage().toCompletableFuture().get();
        sockets.forEach(NetSocket::close);
        sockets.clear();
        await().atMost(WAIT_MAX).until(() -> !breaker.answering());

        // then it is found again at the same place
        tap = vertx.createNetServer().connectHandler(this::connect);
        tap.listen(port, "127.0.0.1").toCompletionStage().toCompletableFuture().get();
        await().atMost(WAIT_MAX).until(breaker::answering);
    }
}
