package io.hongbao.localstack;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;

/**
 * One Kafka node that is broker and controller, inside this JVM: it dies with it and needs no guard. Kafka writes through
 * the page cache here as everywhere; what must not be lost is in the outbox tables.
 */
final class KafkaServer implements Server {
    private static final String CONTROLLER = "CONTROLLER";

    private final StackFolder folder;
    private final Ports ports;
    private int brokerPort;
    private int controllerPort;
    private @Nullable KafkaRaftServer server;

    KafkaServer(StackFolder folder, Ports ports) {
        this.folder = folder;
        this.ports = ports;
    }

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public int port() {
        return brokerPort;
    }

    /** This JVM: to kill it takes the whole stack down, which is what the guards are for. */
    @Override
    public long pid() {
        return ProcessHandle.current().pid();
    }

    @Override
    public synchronized void start() throws IOException {
        if (server != null) {
            return;
        }
        if (brokerPort == 0) {
            brokerPort = ports.next();
            controllerPort = ports.next();
        }
        var data = folder.data(name());
        format(data);
        server = new KafkaRaftServer(KafkaConfig.fromProps(settings(data)), Time.SYSTEM);
        server.startup();
    }

    private Properties settings(Path data) {
        var settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        settings.put("controller.listener.names", CONTROLLER);
        settings.put(
                "listeners",
                "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(brokerPort, controllerPort));
        settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + brokerPort);
        settings.put("inter.broker.listener.name", "PLAINTEXT");
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("log.dirs", data.toString());
        settings.put("num.partitions", "4");

        // There is one node: nothing can have three copies.
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");

        // Small: fifty partitions of offsets would take seconds to make, and there are two cores, not a broker's many.
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "2");
        settings.put("log.cleaner.dedupe.buffer.size", "2097152");

        // Quick: a test's first consumer need not wait for a second one, and with nobody to hand leadership to there is
        // nothing to do before a stop.
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("controlled.shutdown.enable", "false");
        // After kill -9 the controller lets the broker in again when its old session has run out: nine seconds by
        // default.
        settings.put("broker.heartbeat.interval.ms", "1000");
        settings.put("broker.session.timeout.ms", "3000");
        return settings;
    }

    private static void format(Path data) throws IOException {
        if (Files.exists(data.resolve("meta.properties"))) {
            return;
        }
        FileTree.delete(data);
        Files.createDirectories(data);
        try {
            new Formatter()
                    .setClusterId(Uuid.randomUuid().toString())
                    .setNodeId(1)
                    .addDirectory(data.toString())
                    .setMetadataLogDirectory(data.toString())
                    .setControllerListenerName(CONTROLLER)
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                    .run();
        } catch (Exception e) { // What it declares to throw.
            throw new IOException("Kafka's folder could not be formatted", e);
        }
    }

    @Override
    public synchronized void stop() {
        if (server != null) {
            server.shutdown();
            server.awaitShutdown();
            server = null;
        }
    }

    @Override
    public void signal(String signal) throws StackException {
        throw new StackException("Kafka lives in the stack's own JVM; a signal to it would hit the whole stack.");
    }
}
