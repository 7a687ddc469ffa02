package io.hongbao.wallet;

import io.hongbao.schema.Migrations;
import io.hongbao.stackprocess.FreePorts;
import io.hongbao.stackprocess.LocalStack;
import io.hongbao.stackprocess.LocalStack.Options;
import io.hongbao.stackprocess.LocalStack.Server;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;

/** Real servers and free ports for the service under test, whose send-svc is a fake in its own process. */
public class StackResource implements QuarkusTestResourceLifecycleManager {
    @Override
    public Map<String, String> start() {
        LocalStack stack = LocalStack.shared(new Options(Optional.empty(), EnumSet.of(Server.PG, Server.KAFKA), 1));
        Migrations.migrate(
                Migrations.Kind.LEDGER, stack.jdbcUrl("core", "ledger"), LocalStack.USER, LocalStack.PASSWORD);
        String grpcPort = Integer.toString(FreePorts.next());
        return Map.of(
                "quarkus.datasource.reactive.url",
                stack.pgUrl("core", "ledger"),
                "kafka.bootstrap.servers",
                stack.kafkaBootstrap(),
                "quarkus.grpc.server.test-port",
                grpcPort,
                "quarkus.management.test-port",
                Integer.toString(FreePorts.next()),
                "quarkus.grpc.clients.send.port",
                grpcPort,
                "quarkus.grpc.clients.wallet.host",
                "127.0.0.1",
                "quarkus.grpc.clients.wallet.port",
                grpcPort,
                "hongbao.wallet.stuck-retry-interval",
                "1s",
                "hongbao.page-token.secret",
                "000102030405060708090a0b0c0d0e0f");
    }

    @Override
    public void stop() {
        // The stack is shared and ends with this JVM.
    }
}
