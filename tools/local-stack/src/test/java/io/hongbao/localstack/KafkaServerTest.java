package io.hongbao.localstack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The other servers are tested from outside, in stack-process; only this module has a Kafka client of its own. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class KafkaServerTest {
    @Test
    void shouldKeepItsTopicsOverAStopAndAStart(@TempDir Path data) throws Exception {
        var folder = StackFolder.open(Optional.of(data));
        var kafka = new KafkaServer(folder, new Ports());
        kafka.start();
        try (var admin = admin(kafka)) {
            var topic = new NewTopic("packet.published", 4, (short) 1);
            admin.createTopics(List.of(topic)).all().get();
        }
        kafka.stop();

        kafka.start();

        try (var admin = admin(kafka)) {
            assertEquals(Set.of("packet.published"), admin.listTopics().names().get());
        } finally {
            kafka.stop();
        }
    }

    private static Admin admin(KafkaServer kafka) {
        return Admin.create(
                Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + kafka.port()));
    }
}
