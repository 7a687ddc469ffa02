package io.hongbao.grab;

import io.hongbao.stackprocess.FreePorts;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.smallrye.reactive.messaging.memory.InMemoryConnector;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import redis.embedded.RedisServer;

/** A real Redis for the service under test, which a test may switch off and on; events come from memory. */
public class RedisResource implements QuarkusTestResourceLifecycleManager {
    private int port;
    private RedisServer server;

    @Override
    public Map<String, String> start() {
        port = FreePorts.next();
        turn(true);
        var config = new HashMap<String, String>();
        config.putAll(InMemoryConnector.switchIncomingChannelsToInMemory("orders-stock"));
        config.putAll(InMemoryConnector.switchIncomingChannelsToInMemory("orders-memory"));
        config.put("quarkus.redis.hosts", "redis://127.0.0.1:" + port);
        config.put("quarkus.grpc.server.test-port", Integer.toString(FreePorts.next()));
        config.put("quarkus.management.test-port", Integer.toString(FreePorts.next()));
        config.put("kafka.bootstrap.servers", "127.0.0.1:" + FreePorts.next());
        config.put("hongbao.grab.unchecked-tickets-per-second", "20");
        return config;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields((Consumer<Boolean>) this::turn, new TestInjector.MatchesType(Consumer.class));
    }

    @Override
    public void stop() {
        turn(false);
    }

    private void turn(boolean on) {
        if (on) {
            server = RedisServer.builder()
                    .port(port)
                    .bind("127.0.0.1")
                    .setting("save \"\"")
                    .build();
            server.start();
        } else {
            server.stop();
        }
    }
}
