package io.hongbao.stock;

import io.hongbao.stackprocess.FreePorts;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import redis.embedded.RedisServer;

/** A real Redis 7 on a free port of loopback, that can be stopped and started again on the same port. */
final class LocalRedis implements AutoCloseable {
    private static final int WAIT_SECONDS_MAX = 10;

    final Vertx vertx = Vertx.vertx();
    final int port;
    private final Redis direct;
    private RedisServer server;

    LocalRedis() throws IOException {
        port = FreePorts.next();
        start();
        direct = newRedis();
    }

    void start() throws IOException {
        server = RedisServer.builder()
                .port(port)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .build();
        server.start();
    }

    void stop() throws IOException {
        server.stop();
    }

    Redis newRedis() {
        return Redis.createClient(
                vertx,
                new RedisOptions()
                        .setConnectionString("redis://127.0.0.1:" + port)
                        .setPoolCleanerInterval(100));
    }

    /** Sends one command past the client under test. */
    Response send(Command command, Object... arguments) {
        var request = Request.cmd(command);
        for (Object argument : arguments) {
            request.arg(argument.toString());
        }
        try {
            return direct.send(request)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    @Override
    public void close() throws IOException {
        direct.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        server.stop();
    }
}
