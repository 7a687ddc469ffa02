package io.hongbao.cli.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceConfigTest {
    private static final StoreAddresses STORES = new StoreAddresses(
            Map.of("set-a", database(1, "orders"), "set-b", database(2, "orders")),
            Map.of("set-a", "00-49", "set-b", "50-99"),
            database(3, "control"),
            database(3, "ledger"),
            database(3, "records"),
            database(3, "cold"),
            "redis://127.0.0.1:4",
            "127.0.0.1:5");

    @TempDir
    Path folder;

    @Test
    void shouldWriteAFileThatReadsBack() throws IOException {
        // given
        var config = config(Map.of("odd:key", "a=b\\c"));
        Path file = folder.resolve("services.properties");

        // when
        config.write(file);

        // then
        var read = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            read.load(reader);
        }
        assertEquals(config.shared(), read);
        assertEquals("a=b\\c", read.getProperty("odd:key"));
        assertEquals("postgresql://127.0.0.1:1/orders", read.getProperty("hongbao.sets.\"set-a\".url"));
        assertEquals("50-99", read.getProperty("hongbao.sets.\"set-b\".range"));
    }

    @Test
    void shouldKeepSecretsFromOtherUsers() throws IOException {
        Path file = folder.resolve("services.properties");

        config(Map.of()).write(file);

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertNotEquals(
                config(Map.of()).shared().get("hongbao.tickets.keys.\"1\""),
                config(Map.of()).shared().get("hongbao.tickets.keys.\"1\""));
    }

    @Test
    void shouldNameEveryOpenServiceToTheOthers() {
        var shared = ServiceConfig.of(STORES, List.of(11, 12, 13), 21, 22, false, Map.of())
                .shared();

        // The port of the last one is a setting of its own.
        assertEquals("127.0.0.1:11,127.0.0.1:12,127.0.0.1", shared.get("quarkus.grpc.clients.open.host"));
        assertEquals("13", shared.get("quarkus.grpc.clients.open.port"));
    }

    @Test
    void shouldLetOverridesWin() {
        assertEquals("3", config(Map.of("hongbao.region", "3")).shared().get("hongbao.region"));
    }

    @Test
    void shouldGiveEachServiceItsOwnDatabase() {
        assertEquals(
                "postgresql://127.0.0.1:3/ledger",
                ServiceConfig.ofProcess(Service.WALLET, 1, 2, STORES).get("quarkus.datasource.reactive.url"));
        assertEquals(
                Map.of("quarkus.grpc.server.port", "1", "quarkus.management.port", "2"),
                ServiceConfig.ofProcess(Service.OPEN, 1, 2, STORES));
    }

    private static ServiceConfig config(Map<String, String> overrides) {
        return ServiceConfig.of(STORES, List.of(11), 21, 22, false, overrides);
    }

    private static Database database(int port, String name) {
        String url = "postgresql://127.0.0.1:" + port + "/" + name;
        return new Database("jdbc:" + url, url, "postgres", "postgres");
    }
}
