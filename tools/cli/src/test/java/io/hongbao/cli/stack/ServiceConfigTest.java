package io.hongbao.cli.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceConfigTest {
    private static final String TEXT_KEY = "hongbao.text.keys.\"1\"";

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
        assertEquals("50-89", read.getProperty("hongbao.sets.\"set-b\".range"));
    }

    @Test
    void shouldKeepSecretsFromOtherUsers() throws IOException {
        Path file = folder.resolve("services.properties");

        config(Map.of()).write(file);

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void shouldMakeSecretsForEachRun() throws IOException {
        Map<String, String> one = StackSecrets.settings(Optional.empty(), false);
        Map<String, String> other = StackSecrets.settings(Optional.empty(), false);

        for (String key : List.of(
                "hongbao.tickets.keys.\"1\"", "hongbao.page-token.secret", "hongbao.assertion.keys.\"1\"", TEXT_KEY)) {
            assertEquals(64, one.getOrDefault(key, "").length(), key);
            assertNotEquals(one.get(key), other.get(key), key);
        }
    }

    @Test
    void shouldKeepTheKeyOfGreetingsWithTheData() throws IOException {
        Path data = folder.resolve("data");

        String first = StackSecrets.settings(Optional.of(data), false).get(TEXT_KEY);

        assertEquals(first, StackSecrets.settings(Optional.of(data), false).get(TEXT_KEY));
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("text.key"))));
    }

    @Test
    void shouldRequireAssertionsWhereCallersAreKnown() throws IOException {
        assertEquals("true", StackSecrets.settings(Optional.empty(), true).get("hongbao.assertion.required"));
        assertEquals("false", StackSecrets.settings(Optional.empty(), false).get("hongbao.assertion.required"));
    }

    @Test
    void shouldNameEveryOpenServiceToTheOthers() {
        var shared = ServiceConfig.of(STORES, List.of(11, 12, 13), 21, 22, Map.of(), Map.of())
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
        return ServiceConfig.of(STORES, List.of(11), 21, 22, Map.of(), overrides);
    }

    private static Database database(int port, String name) {
        String url = "postgresql://127.0.0.1:" + port + "/" + name;
        return new Database("jdbc:" + url, url, "postgres", "postgres");
    }
}
