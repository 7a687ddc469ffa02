package io.hongbao.control;

import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Connections to the database {@code control}, made when they are first needed. */
@Singleton
public final class ControlDatabase {
    /** After everybody who may still have something to write. */
    static final int CLOSES_LAST = 3_000;

    private final Optional<Pool> pool;
    private final Optional<Pool> auditPool;

    ControlDatabase(Vertx vertx, ControlConfig config) {
        this.pool = config.url()
                .map(url -> pool(vertx, config, url, config.username(), config.password(), config.poolSize()));
        this.auditPool = config.auditUsername().isEmpty()
                ? pool
                : config.url().map(url -> pool(vertx, config, url, config.auditUsername(), config.auditPassword(), 1));
    }

    private static Pool pool(
            Vertx vertx,
            ControlConfig config,
            String url,
            Optional<String> username,
            Optional<String> password,
            int size) {
        PgConnectOptions connect = PgConnectOptions.fromUri(url)
                .setCachePreparedStatements(true)
                .setTcpKeepAlive(true)
                .addProperty("application_name", "hongbao");
        connect.setConnectTimeout(Math.toIntExact(config.connectTimeout().toMillis()));
        username.ifPresent(connect::setUser);
        password.ifPresent(connect::setPassword);
        return PgBuilder.pool()
                // Without a time limit for a connection: each statement has its own.
                .with(new PoolOptions().setName("control").setMaxSize(size).setConnectionTimeout(0))
                .connectingTo(connect)
                .using(vertx)
                .build();
    }

    /** Whether it is configured. */
    public boolean isConfigured() {
        return pool.isPresent();
    }

    /** For owners of tables in this database. @throws IllegalStateException if it is not configured */
    public Pool pool() {
        return pool.orElseThrow(() -> new IllegalStateException("hongbao.control.url is not set"));
    }

    /** May add audit entries, and perhaps nothing else. */
    Optional<Pool> auditPool() {
        return auditPool;
    }

    void close(@Observes @Priority(CLOSES_LAST) ShutdownEvent shutdown) {
        pool.ifPresent(Pool::close);
        auditPool.filter(own -> !pool.equals(Optional.of(own))).ifPresent(Pool::close);
    }
}
