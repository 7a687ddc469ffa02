package io.hongbao.query;

import io.hongbao.schema.Migrations;
import io.hongbao.stackprocess.FreePorts;
import io.hongbao.stackprocess.LocalStack;
import io.hongbao.stackprocess.LocalStack.Options;
import io.hongbao.stackprocess.LocalStack.Server;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/** Two SETs, the user records, the cold store and Kafka, for as long as the tests run. No SET serves database 99. */
public class Servers implements QuarkusTestResourceLifecycleManager {
    private LocalStack stack;

    @Override
    public Map<String, String> start() {
        try {
            stack = LocalStack.start(Options.only(Server.PG, Server.KAFKA));
            migrate(Migrations.Kind.RECORDS, "core", "records");
            migrate(Migrations.Kind.COLD, "core", "cold");
            Map<String, String> config = new HashMap<>();
            for (String set : new String[] {"set-a", "set-b"}) {
                migrate(Migrations.Kind.SET, set, "orders");
                String prefix = "hongbao.sets.\"" + set + "\".";
                config.put(prefix + "range", set.equals("set-a") ? "00-49" : "50-98");
                config.put(prefix + "active", set.equals("set-a") ? "00" : "50");
                config.put(prefix + "url", stack.pgUrl(set, "orders"));
                config.put(prefix + "username", LocalStack.USER);
                config.put(prefix + "password", LocalStack.PASSWORD);
            }
            config.put("hongbao.cold.url", stack.pgUrl("core", "cold"));
            config.put("hongbao.cold.username", LocalStack.USER);
            config.put("hongbao.cold.password", LocalStack.PASSWORD);
            config.put("quarkus.datasource.reactive.url", stack.pgUrl("core", "records"));
            config.put("quarkus.datasource.username", LocalStack.USER);
            config.put("quarkus.datasource.password", LocalStack.PASSWORD);
            config.put("kafka.bootstrap.servers", stack.kafkaBootstrap());
            config.put("quarkus.grpc.server.test-port", Integer.toString(FreePorts.next()));
            config.put("quarkus.management.test-port", "0");
            config.put("hongbao.test.records-jdbc-url", stack.jdbcUrl("core", "records"));
            return config;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(stack, new TestInjector.MatchesType(LocalStack.class));
    }

    @Override
    public void stop() {
        if (stack != null) {
            stack.close();
        }
    }

    private void migrate(Migrations.Kind kind, String server, String database) {
        Migrations.migrate(kind, stack.jdbcUrl(server, database), LocalStack.USER, LocalStack.PASSWORD);
    }
}
