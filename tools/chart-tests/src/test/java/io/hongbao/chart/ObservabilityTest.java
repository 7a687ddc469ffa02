package io.hongbao.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Alerts, their pages and the dashboards. That the services have the meters which these read is tested where services
 * run, by {@code ObservedMetersTest} of tools/e2e.
 */
class ObservabilityTest {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Path RUNBOOKS =
            Chart.HOME.resolve("../../docs/operating/runbooks").normalize();
    private static final Set<String> SEVERITIES = Set.of("critical", "warning");
    private static final int DASHBOARD_COUNT = 5;

    @Test
    void shouldSendWhoeverIsCalledToAPageOfItsOwn() {
        var missing = alerts(Chart.north()).stream()
                .filter(alert -> !alert.at("/annotations/runbook_url")
                                .asText()
                                .equals("docs/operating/runbooks/" + name(alert) + ".md")
                        || !Files.isRegularFile(RUNBOOKS.resolve(name(alert) + ".md")))
                .map(ObservabilityTest::name)
                .toList();

        assertEquals(List.of(), missing);
    }

    @Test
    void shouldHaveNoPageWithoutAnAlert() throws IOException {
        Set<String> alerts =
                alerts(Chart.north()).stream().map(ObservabilityTest::name).collect(Collectors.toSet());

        try (var pages = Files.list(RUNBOOKS)) {
            assertEquals(
                    Set.of("README"),
                    pages.map(page -> page.getFileName().toString().replace(".md", ""))
                            .filter(page -> !alerts.contains(page))
                            .collect(Collectors.toSet()));
        }
    }

    @Test
    void shouldListEveryPageInTheIndex() throws IOException {
        String index = Files.readString(RUNBOOKS.resolve("README.md"));

        for (JsonNode alert : alerts(Chart.north())) {
            assertTrue(
                    index.contains("| [%s](%s.md) | %s |"
                            .formatted(
                                    name(alert),
                                    name(alert),
                                    alert.at("/labels/severity").asText())),
                    name(alert));
        }
    }

    @Test
    void shouldSayHowGraveEachAlertIs() {
        for (JsonNode alert : alerts(Chart.north())) {
            assertTrue(SEVERITIES.contains(alert.at("/labels/severity").asText()), name(alert));
            assertFalse(alert.at("/annotations/summary").asText().isEmpty(), name(alert));
        }
    }

    @Test
    void shouldPutThisReleaseIntoEveryExpression() {
        for (JsonNode alert : alerts(Chart.north())) {
            String expression = alert.path("expr").asText();
            assertTrue(expression.contains("namespace=\"" + Chart.NAMESPACE + "\""), expression);
            assertFalse(expression.matches("(?s).*\\b[A-Z]+_[A-Z_]+\\b.*|.*NAMESPACE.*"), expression);
        }
    }

    @Test
    void shouldUseTheThresholdsAndAddressOfTheValues() {
        var alerts = alerts(Chart.north("""
                metrics:
                  prometheusRule:
                    {outboxAgeSecondsMax: 7, settlementSecondsMax: 8, kafkaLagMax: 9000000, runbooks: "https://wiki.example.com/hongbao/"}
                """));

        assertTrue(expression(alerts, "HongbaoOutboxOld").endsWith("> 7"));
        assertTrue(expression(alerts, "HongbaoSettlementSlow").endsWith("> 8"));
        assertTrue(expression(alerts, "HongbaoKafkaLag").endsWith("> 9000000"));
        assertEquals(
                "https://wiki.example.com/hongbao/HongbaoOutboxOld.md",
                alert(alerts, "HongbaoOutboxOld").at("/annotations/runbook_url").asText());
    }

    @Test
    void shouldMakeAConfigMapOfEachDashboardForTheSidecar() throws IOException {
        var maps = Chart.north("metrics: {dashboards: {labels: {find: me}}}").all(ConfigMap.class).stream()
                .filter(map -> map.getMetadata().getName().contains("-dashboard-"))
                .toList();

        assertEquals(DASHBOARD_COUNT, maps.size());
        for (ConfigMap map : maps) {
            assertEquals("me", map.getMetadata().getLabels().get("find"));
            JsonNode dashboard = new ObjectMapper()
                    .readTree(map.getData().values().iterator().next());
            assertEquals(
                    "${datasource}", dashboard.at("/panels/0/datasource/uid").asText());
        }
    }

    @Test
    void shouldAskEachDashboardForTheNamespaceInEveryExpression() throws IOException {
        for (Path file : dashboards()) {
            JsonNode dashboard = new ObjectMapper().readTree(file.toFile());
            for (JsonNode panel : dashboard.path("panels")) {
                assertFalse(panel.path("title").asText().isEmpty());
                assertFalse(panel.path("targets").isEmpty());
                for (JsonNode target : panel.path("targets")) {
                    assertTrue(
                            target.path("expr").asText().contains("namespace=~\"$namespace\""),
                            () -> file + " " + target.path("expr").asText());
                }
            }
        }
    }

    /** Needs promtool, of Debian's package {@code prometheus}: what it evaluates are the expressions themselves. */
    @Test
    void shouldFireOnSyntheticSeriesAndStayQuietOtherwise(@TempDir Path folder)
            throws IOException, InterruptedException {
        String promtool = promtool().orElse("");
        assumeTrue(!promtool.isEmpty(), "promtool is not on the PATH: the alerts' expressions are not evaluated");
        ObjectNode rules = YAML.createObjectNode();
        rules.set("groups", rule(Chart.north()).at("/spec/groups"));
        YAML.writeValue(folder.resolve("alerts.yaml").toFile(), rules);
        Files.copy(Path.of("src/test/resources/alerts.test.yaml"), folder.resolve("alerts.test.yaml"));

        assertEquals("", run(folder, promtool, "check", "rules", "alerts.yaml"));
        assertEquals("", run(folder, promtool, "test", "rules", "alerts.test.yaml"));
    }

    @Test
    void shouldHaveASyntheticCaseForEveryAlert() throws IOException {
        Set<String> tested = new TreeSet<>();
        JsonNode cases =
                YAML.readTree(Path.of("src/test/resources/alerts.test.yaml").toFile());
        cases.path("tests")
                .forEach(test -> test.path("alert_rule_test").forEach(expected -> {
                    if (!expected.path("exp_alerts").isEmpty()) {
                        tested.add(expected.path("alertname").asText());
                    }
                }));

        assertEquals(
                alerts(Chart.north()).stream()
                        .map(ObservabilityTest::name)
                        .collect(Collectors.toCollection(TreeSet::new)),
                tested);
    }

    /** Every expression of the dashboards is one that Prometheus can read. Needs promtool. */
    @Test
    void shouldHaveReadableExpressionsInDashboards(@TempDir Path folder) throws IOException, InterruptedException {
        String promtool = promtool().orElse("");
        assumeTrue(!promtool.isEmpty(), "promtool is not on the PATH: the dashboards' expressions are not parsed");
        var rules = YAML.createArrayNode();
        for (Path file : dashboards()) {
            for (JsonNode target : new ObjectMapper()
                    .readTree(file.toFile()).findValues("targets").stream()
                            .flatMap(targets -> Stream.iterate(0, at -> at < targets.size(), at -> at + 1)
                                    .map(targets::get))
                            .toList()) {
                rules.addObject()
                        .put("record", "panel_" + rules.size())
                        .put("expr", target.path("expr").asText().replace("$__rate_interval", "1m"));
            }
        }
        ObjectNode groups = YAML.createObjectNode();
        groups.putArray("groups").addObject().put("name", "dashboards").set("rules", rules);
        YAML.writeValue(folder.resolve("dashboards.yaml").toFile(), groups);

        assertEquals("", run(folder, promtool, "check", "rules", "dashboards.yaml"));
    }

    private static List<Path> dashboards() throws IOException {
        try (var files = Files.list(Chart.HOME.resolve("dashboards"))) {
            List<Path> found = files.toList();
            assertEquals(DASHBOARD_COUNT, found.size());
            return found;
        }
    }

    private static JsonNode rule(Rendered rendered) {
        return rendered.custom("PrometheusRule").getFirst();
    }

    private static List<JsonNode> alerts(Rendered rendered) {
        var alerts = new ArrayList<JsonNode>();
        rule(rendered).at("/spec/groups").forEach(group -> group.path("rules").forEach(alerts::add));
        assertFalse(alerts.isEmpty());
        return alerts;
    }

    private static String name(JsonNode alert) {
        return alert.path("alert").asText();
    }

    private static JsonNode alert(List<JsonNode> alerts, String name) {
        return alerts.stream()
                .filter(alert -> name(alert).equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String expression(List<JsonNode> alerts, String name) {
        return alert(alerts, name).path("expr").asText().strip();
    }

    private static Optional<String> promtool() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(folder -> Path.of(folder, "promtool"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /** @return what the program complained of; nothing if it is content */
    private static String run(Path folder, String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        int code = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        try {
            return code == 0 ? "" : Files.readString(output);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
