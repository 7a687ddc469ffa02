package io.hongbao.send;

import io.hongbao.schema.Migrations;
import io.hongbao.schema.Migrations.Kind;
import io.hongbao.stackprocess.FreePorts;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import redis.embedded.RedisServer;

/** Real PostgreSQL and Redis, two SETs that answer and a third that never does, and a wallet without money. */
public final class Servers implements QuarkusTestResourceLifecycleManager {
    static final String AWAY = "set-away";

    private EmbeddedPostgres postgres;
    private RedisServer redis;
    private FakeWallet wallet;

    @Override
    public Map<String, String> start() {
        try {
            postgres = EmbeddedPostgres.start();
            wallet = new FakeWallet();
            int redisPort = FreePorts.next();
            redis = RedisServer.builder()
                    .port(redisPort)
                    .bind("127.0.0.1")
                    .setting("save \"\"")
                    .build();
            redis.start();
            var config = new HashMap<String, String>();
            config.put("hongbao.control.url", database("control", Kind.CONTROL));
            config.put("quarkus.redis.hosts", "redis://127.0.0.1:" + redisPort);
            config.put("quarkus.grpc.clients.wallet.host", "127.0.0.1");
            config.put("quarkus.grpc.clients.wallet.test-port", Integer.toString(wallet.port()));
            // The service as its callers see it.
            String grpcPort = Integer.toString(FreePorts.next());
            config.put("quarkus.grpc.server.test-port", grpcPort);
            config.put("quarkus.grpc.clients.self.host", "127.0.0.1");
            config.put("quarkus.grpc.clients.self.test-port", grpcPort);
            config.put("quarkus.management.test-port", Integer.toString(FreePorts.next()));
            set(config, "set-a", "00-49", "00", database("orders_a", Kind.SET));
            set(config, "set-b", "50-89", "50", database("orders_b", Kind.SET));
            set(config, AWAY, "90-99", "90", "postgresql://127.0.0.1:1/orders");
            return config;
        } catch (IOException | SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static void set(Map<String, String> config, String name, String range, String active, String url) {
        String prefix = "hongbao.sets.\"" + name + "\".";
        config.put(prefix + "range", range);
        config.put(prefix + "active", active);
        config.put(prefix + "url", url);
        config.put(prefix + "username", "postgres");
        config.put(prefix + "password", "postgres");
        config.put(prefix + "pool-size", "4");
        config.put(prefix + "statement-timeout", "10s");
    }

    private String database(String name, Kind kind) throws SQLException {
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("create database " + name);
        }
        Migrations.migrate(kind, postgres.getJdbcUrl("postgres", name), "postgres", "postgres");
        return "postgresql://127.0.0.1:" + postgres.getPort() + "/" + name;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(wallet, new TestInjector.MatchesType(FakeWallet.class));
    }

    @Override
    public void stop() {
        try {
            wallet.close();
            redis.stop();
            postgres.close();
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
    }
}
