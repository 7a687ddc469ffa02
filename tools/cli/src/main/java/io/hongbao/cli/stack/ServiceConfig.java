package io.hongbao.cli.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The configuration of all services of a stack: one file that they share, and a few settings for each process.
 */
public final class ServiceConfig {
    /** The region of a stack on one machine: north. */
    private static final String REGION = "1";
    /** Connections of each service to each SET: lanes need few, and PostgreSQL here takes a hundred from all. */
    private static final String SET_POOL_SIZE = "8";

    private final Map<String, String> shared;

    private ServiceConfig(Map<String, String> shared) {
        this.shared = shared;
    }

    /**
     * @param openPorts gRPC port of each open-svc
     * @param sendPort gRPC port of send-svc
     * @param walletPort gRPC port of wallet-bridge
     * @param secrets settings that name a secret
     */
    public static ServiceConfig of(
            StoreAddresses stores,
            List<Integer> openPorts,
            int sendPort,
            int walletPort,
            Map<String, String> secrets,
            Map<String, String> overrides) {
        var settings = new LinkedHashMap<String, String>();
        settings.put("hongbao.region", REGION);
        for (SetLayout set : SetLayout.LOCAL) {
            Database database = stores.sets().get(set.name());
            if (database == null) {
                continue;
            }
            String prefix = "hongbao.sets.\"" + set.name() + "\".";
            settings.put(prefix + "range", set.range());
            settings.put(prefix + "active", set.active());
            settings.put(prefix + "url", database.pgUrl());
            settings.put(prefix + "username", database.user());
            settings.put(prefix + "password", database.password());
            settings.put(prefix + "pool-size", SET_POOL_SIZE);
        }
        settings.put("hongbao.cold.url", stores.cold().pgUrl());
        settings.put("hongbao.cold.username", stores.cold().user());
        settings.put("hongbao.cold.password", stores.cold().password());
        settings.put("hongbao.control.url", stores.control().pgUrl());
        settings.put("hongbao.control.username", stores.control().user());
        settings.put("hongbao.control.password", stores.control().password());
        settings.put("hongbao.control.audit-username", ControlLogin.AUDIT_USER);
        settings.put("hongbao.control.audit-password", stores.control().password());
        settings.putAll(secrets);
        settings.put("quarkus.redis.hosts", stores.redisUrl());
        settings.put("kafka.bootstrap.servers", stores.kafkaBootstrap());
        settings.put("quarkus.grpc.clients.send.host", Loopback.HOST);
        settings.put("quarkus.grpc.clients.send.port", Integer.toString(sendPort));
        settings.put("quarkus.grpc.clients.wallet.host", Loopback.HOST);
        settings.put("quarkus.grpc.clients.wallet.port", Integer.toString(walletPort));
        settings.put("quarkus.grpc.clients.open.name-resolver", "hongbao-static");
        settings.put("quarkus.grpc.clients.open.load-balancing-policy", "hongbao_rendezvous");
        settings.put("quarkus.grpc.clients.open.host", hostList(openPorts));
        settings.put("quarkus.grpc.clients.open.port", Integer.toString(openPorts.getLast()));
        // Nobody outside this machine is meant.
        settings.put("quarkus.grpc.server.host", Loopback.HOST);
        settings.put("quarkus.management.host", Loopback.HOST);
        settings.putAll(overrides);
        return new ServiceConfig(settings);
    }

    /** All servers with their ports but the last, whose port is a setting of its own. */
    private static String hostList(List<Integer> ports) {
        var hosts = new ArrayList<>(ports.subList(0, ports.size() - 1).stream()
                .map(Loopback::address)
                .toList());
        hosts.add(Loopback.HOST);
        return String.join(",", hosts);
    }

    /** Settings in which the process of one service differs from the others. */
    public static Map<String, String> ofProcess(
            Service service, int grpcPort, int managementPort, StoreAddresses stores) {
        var settings = new LinkedHashMap<String, String>();
        settings.put("quarkus.grpc.server.port", Integer.toString(grpcPort));
        settings.put("quarkus.management.port", Integer.toString(managementPort));
        Database own = switch (service) {
            case WALLET -> stores.ledger();
            case QUERY -> stores.records();
            case SEND, GRAB, OPEN -> null;
        };
        if (own != null) {
            settings.put("quarkus.datasource.reactive.url", own.pgUrl());
            settings.put("quarkus.datasource.username", own.user());
            settings.put("quarkus.datasource.password", own.password());
        }
        return settings;
    }

    public Map<String, String> shared() {
        return Map.copyOf(shared);
    }

    /** Writes the shared settings as a properties file that only its owner can read. */
    public void write(Path file) throws IOException {
        var lines = new ArrayList<String>();
        shared.forEach((key, value) -> lines.add(escape(key) + "=" + escape(value)));
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, lines);
    }

    /** The characters that mean something in a properties file. */
    private static String escape(String text) {
        return text.replace("\\", "\\\\")
                .replace(":", "\\:")
                .replace("=", "\\=")
                .replace("\n", "\\n");
    }
}
