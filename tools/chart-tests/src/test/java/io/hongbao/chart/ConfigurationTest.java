package io.hongbao.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the services find when they read their configuration, by the library they read it with. */
class ConfigurationTest {
    private static final int ENVIRONMENT_ORDINAL = 300;
    private static final int FILE_ORDINAL = 290;

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void shouldTellThePodsTheirRegion(String region) {
        Rendered rendered = Chart.north("region: " + region);

        for (String service : new String[] {"send-svc", "grab-svc", "open-svc", "query-svc", "wallet-bridge"}) {
            assertEquals(region, config(rendered, service).getValue("hongbao.region", String.class));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"send-svc", "open-svc", "query-svc"})
    void shouldRenderTheSets(String service) {
        SmallRyeConfig config = config(Chart.north("""
                sets:
                  - {name: set-a, range: "00-49", active: "00-02,07", url: "postgresql://a1:5432,a2:5432/orders", existingSecret: sa}
                  - {name: set-b, range: "50-98", url: "postgresql://b:5432/orders", poolSize: 3, existingSecret: sb, passwordKey: pw}
                  - {name: set-c, range: "99", active: none, url: "postgresql://c:5432/orders", existingSecret: sc}
                """), service);

        assertEquals("00-49", config.getValue("hongbao.sets.\"set-a\".range", String.class));
        assertEquals("00-02,07", config.getValue("hongbao.sets.\"set-a\".active", String.class));
        assertEquals(
                "postgresql://a1:5432,a2:5432/orders", config.getValue("hongbao.sets.\"set-a\".url", String.class));
        assertEquals("sa/username", config.getValue("hongbao.sets.\"set-a\".username", String.class));
        assertEquals("sa/password", config.getValue("hongbao.sets.\"set-a\".password", String.class));
        assertEquals(8, config.getValue("hongbao.sets.\"set-a\".pool-size", Integer.class));
        assertTrue(config.getOptionalValue("hongbao.sets.\"set-b\".active", String.class)
                .isEmpty());
        assertEquals("sb/pw", config.getValue("hongbao.sets.\"set-b\".password", String.class));
        assertEquals(3, config.getValue("hongbao.sets.\"set-b\".pool-size", Integer.class));
        assertEquals("none", config.getValue("hongbao.sets.\"set-c\".active", String.class));
    }

    @ParameterizedTest
    @CsvSource({"wallet-bridge, ledger", "query-svc, records"})
    void shouldGiveEachServiceItsDatabase(String service, String database) {
        SmallRyeConfig config = config(Chart.north(), service);

        assertEquals(
                "postgresql://core.pg.north.example.com:5432/" + database,
                config.getValue("quarkus.datasource.reactive.url", String.class));
        assertEquals("hongbao-" + database + "/username", config.getValue("quarkus.datasource.username", String.class));
        assertEquals("hongbao-" + database + "/password", config.getValue("quarkus.datasource.password", String.class));
    }

    @Test
    void shouldKeepTheRecordsOfBothRegionsInOnePlace() {
        SmallRyeConfig north = config(Chart.north(), "query-svc");
        SmallRyeConfig south = config(Chart.render(Chart.SOUTH), "query-svc");

        for (String same : List.of("quarkus.datasource.reactive.url", "hongbao.page-token.secret")) {
            assertEquals(north.getValue(same, String.class), south.getValue(same, String.class), same);
        }
        assertEquals("1", north.getValue("hongbao.region", String.class));
        assertEquals("2", south.getValue("hongbao.region", String.class));
        for (String own : List.of("kafka.bootstrap.servers", "hongbao.control.url", "hongbao.cold.url")) {
            assertNotEquals(north.getValue(own, String.class), south.getValue(own, String.class), own);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"send-svc", "grab-svc", "open-svc", "query-svc", "wallet-bridge"})
    void shouldGiveEveryServiceTheControlData(String service) {
        SmallRyeConfig config = config(Chart.north(), service);

        assertEquals(
                "postgresql://core.pg.north.example.com:5432/control",
                config.getValue("hongbao.control.url", String.class));
        assertEquals("hongbao-control/username", config.getValue("hongbao.control.username", String.class));
        assertEquals("hongbao-control/password", config.getValue("hongbao.control.password", String.class));
        assertEquals("hongbao-audit/username", config.getValue("hongbao.control.audit-username", String.class));
        assertEquals("hongbao-audit/password", config.getValue("hongbao.control.audit-password", String.class));
    }

    @Test
    void shouldAuditWithTheControlLoginUnlessThereIsAnother() {
        Rendered rendered = Chart.north("databases: {control: {audit: {existingSecret: ''}}}");

        assertFalse(rendered.properties("grab-svc").contains("hongbao.control.audit"));
    }

    @Test
    void shouldShareTicketKeysBetweenGrabAndOpen() {
        Rendered rendered = Chart.north("""
                tickets:
                  signingKey: 2
                  keys: [{id: 1, existingSecret: old, key: hex}, {id: 2, existingSecret: new, key: hex}]
                """);

        for (String service : new String[] {"grab-svc", "open-svc"}) {
            SmallRyeConfig config = config(rendered, service);
            assertEquals(2, config.getValue("hongbao.tickets.signing-key", Integer.class));
            assertEquals("old/hex", config.getValue("hongbao.tickets.keys.\"1\"", String.class));
            assertEquals("new/hex", config.getValue("hongbao.tickets.keys.\"2\"", String.class));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"send-svc", "grab-svc", "open-svc", "query-svc", "wallet-bridge"})
    void shouldGiveEveryServiceTheKeysOfAssertions(String service) {
        SmallRyeConfig config = config(Chart.north("""
                assertion:
                  required: true
                  keys: [{id: 1, existingSecret: old, key: hex}, {id: 2, existingSecret: new, key: hex}]
                """), service);

        assertTrue(config.getValue("hongbao.assertion.required", Boolean.class));
        assertEquals("old/hex", config.getValue("hongbao.assertion.keys.\"1\"", String.class));
        assertEquals("new/hex", config.getValue("hongbao.assertion.keys.\"2\"", String.class));
        assertFalse(Chart.north().properties(service).contains("hongbao.assertion"));
    }

    @Test
    void shouldGiveTheKeysOfGreetingsToThoseWhoWriteAndReadThem() {
        Rendered rendered = Chart.north("""
                text:
                  writingKey: 2
                  keys: [{id: 1, existingSecret: old, key: hex}, {id: 2, existingSecret: new, key: hex}]
                """);

        assertEquals(2, config(rendered, "send-svc").getValue("hongbao.text.writing-key", Integer.class));
        for (String service : new String[] {"send-svc", "query-svc"}) {
            SmallRyeConfig config = config(rendered, service);
            assertEquals("old/hex", config.getValue("hongbao.text.keys.\"1\"", String.class));
            assertEquals("new/hex", config.getValue("hongbao.text.keys.\"2\"", String.class));
        }
        for (String service : new String[] {"grab-svc", "open-svc", "wallet-bridge"}) {
            assertFalse(rendered.properties(service).contains("hongbao.text"), service);
        }
    }

    @Test
    void shouldCallEachOtherThroughAllPods() {
        SmallRyeConfig send = config(Chart.north(), "send-svc");
        SmallRyeConfig wallet = config(Chart.north(), "wallet-bridge");

        assertEquals(
                "prod-hongbao-wallet-bridge-headless", send.getValue("quarkus.grpc.clients.wallet.host", String.class));
        assertEquals(9105, send.getValue("quarkus.grpc.clients.wallet.port", Integer.class));
        assertEquals("prod-hongbao-send-svc-headless", wallet.getValue("quarkus.grpc.clients.send.host", String.class));
        assertEquals(9101, wallet.getValue("quarkus.grpc.clients.send.port", Integer.class));
    }

    @Test
    void shouldFindThePodThatOwnsAPacket() {
        SmallRyeConfig open = config(Chart.north(), "open-svc");

        assertEquals("prod-hongbao-open-svc-headless", open.getValue("quarkus.grpc.clients.open.host", String.class));
        assertEquals(
                "hongbao_rendezvous", open.getValue("quarkus.grpc.clients.open.load-balancing-policy", String.class));
    }

    @Test
    void shouldGiveServicesOnlyWhatTheyRead() {
        Rendered rendered = Chart.north();

        assertFalse(rendered.properties("grab-svc").contains("hongbao.sets"));
        assertFalse(rendered.properties("wallet-bridge").contains("hongbao.sets"));
        assertFalse(rendered.properties("query-svc").contains("quarkus.redis"));
        assertFalse(rendered.properties("send-svc").contains("kafka.bootstrap.servers"));
        assertFalse(rendered.properties("query-svc").contains("hongbao.tickets"));
    }

    @Test
    void shouldKeepLargeNumbersOfFurtherProperties() {
        SmallRyeConfig config = config(
                Chart.north("services: {open: {config: {hongbao.lanes.queued-per-lane-max: 16000000}}}"), "open-svc");

        assertEquals(16_000_000, config.getValue("hongbao.lanes.queued-per-lane-max", Integer.class));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldTellEveryServiceHowToLog(boolean json) {
        Rendered rendered = Chart.north("logs: {json: " + json + "}");

        for (String service : new String[] {"send-svc", "grab-svc", "open-svc", "query-svc", "wallet-bridge"}) {
            assertEquals(json, config(rendered, service).getValue("hongbao.logs.json", Boolean.class));
        }
    }

    @Test
    void shouldSayWhereTheSettingsAre() {
        var container = Chart.north().container("open-svc");

        EnvVar locations = container.getEnv().getFirst();

        assertEquals("QUARKUS_CONFIG_LOCATIONS", locations.getName());
        assertEquals(
                container.getVolumeMounts().getFirst().getMountPath() + "/application.properties",
                locations.getValue());
    }

    /** As in a pod: the file, and an environment in which each secret reads {@code <name of the Secret>/<its key>}. */
    private static SmallRyeConfig config(Rendered rendered, String service) {
        var properties = new Properties();
        try {
            properties.load(new StringReader(rendered.properties(service)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        var file = new HashMap<String, String>();
        properties.forEach((key, value) -> file.put((String) key, (String) value));
        Map<String, String> environment = rendered.container(service).getEnv().stream()
                .filter(variable -> variable.getValueFrom() != null)
                .collect(Collectors.toMap(EnvVar::getName, variable -> {
                    var reference = variable.getValueFrom().getSecretKeyRef();
                    return reference.getName() + "/" + reference.getKey();
                }));
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(
                        new PropertiesConfigSource(environment, "environment", ENVIRONMENT_ORDINAL),
                        new PropertiesConfigSource(file, "file", FILE_ORDINAL))
                .build();
    }
}
