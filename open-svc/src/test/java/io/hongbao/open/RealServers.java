package io.hongbao.open;

import io.hongbao.schema.Migrations;
import io.hongbao.stackprocess.LocalStack;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;

/** Two SETs and Kafka for the tests of this service, with today's tables made. */
public final class RealServers implements QuarkusTestResourceLifecycleManager {
    static final String TICKET_KEY = "000102030405060708090a0b0c0d0e0f";

    private LocalStack stack;

    @Override
    public Map<String, String> start() {
        try {
            stack = LocalStack.start(
                    LocalStack.Options.only(LocalStack.Server.PG, LocalStack.Server.REDIS, LocalStack.Server.KAFKA));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        makeTables("set-a", 0);
        makeTables("set-b", 50);
        return Map.ofEntries(
                Map.entry("hongbao.sets.set-a.range", "00-49"),
                Map.entry("hongbao.sets.set-a.active", "00"),
                Map.entry("hongbao.sets.set-a.url", stack.pgUrl("set-a", "orders")),
                Map.entry("hongbao.sets.set-a.username", LocalStack.USER),
                Map.entry("hongbao.sets.set-a.password", LocalStack.PASSWORD),
                Map.entry("hongbao.sets.set-b.range", "50-98"),
                Map.entry("hongbao.sets.set-b.active", "50"),
                Map.entry("hongbao.sets.set-b.url", stack.pgUrl("set-b", "orders")),
                Map.entry("hongbao.sets.set-b.username", LocalStack.USER),
                Map.entry("hongbao.sets.set-b.password", LocalStack.PASSWORD),
                Map.entry("hongbao.tickets.signing-key", "1"),
                Map.entry("hongbao.tickets.keys.1", TICKET_KEY),
                Map.entry("quarkus.redis.hosts", stack.redisUrl()),
                Map.entry("kafka.bootstrap.servers", stack.kafkaBootstrap()));
    }

    private void makeTables(String set, int database) {
        String url = stack.jdbcUrl(set, "orders");
        Migrations.migrate(Migrations.Kind.SET, url, LocalStack.USER, LocalStack.PASSWORD);
        try (var connection = DriverManager.getConnection(url, LocalStack.USER, LocalStack.PASSWORD);
                var statement = connection.createStatement()) {
            for (int ahead = -1; ahead <= 1; ahead++) {
                statement.execute("select orders.make_day(array[" + database
                        + "], (now() at time zone 'Asia/Shanghai')::date + " + ahead + ")");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void stop() {
        if (stack != null) {
            stack.close();
        }
    }
}
