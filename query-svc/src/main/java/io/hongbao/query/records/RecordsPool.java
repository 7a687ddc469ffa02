package io.hongbao.query.records;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The pool of the user records, with the time-outs that configuration has no words for. Waiting for a connection has none
 * here: who waits is bounded in number and time by {@link RecordsDatabase}, and this version of the pool fails a wait
 * twice when the connection is refused first, which ends in the log as an uncaught exception.
 */
@Singleton
class RecordsPool implements PgPoolCreator {
    /** A server that is there accepts a connection in milliseconds. */
    private static final Duration CONNECT_TIME_MAX = Duration.ofSeconds(1);
    /**
     * A connection that says nothing for so long is dead, whatever it was asked: the server gives up a statement after
     * 5 s, and idle connections leave the pool after 10 s. Without it, a link that was cut would hold its connections
     * until the kernel gives up, which takes a quarter of an hour.
     */
    private static final Duration SILENCE_MAX = Duration.ofSeconds(20);

    @Override
    public Pool create(Input input) {
        input.pgConnectOptionsList()
                .forEach(options -> options.setConnectTimeout((int) CONNECT_TIME_MAX.toMillis())
                        .setReadIdleTimeout((int) SILENCE_MAX.toMillis())
                        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                        .setTcpKeepAlive(true));
        return PgBuilder.pool()
                .with(input.poolOptions())
                .connectingTo(List.copyOf(input.pgConnectOptionsList()))
                .using(input.vertx())
                .build();
    }
}
