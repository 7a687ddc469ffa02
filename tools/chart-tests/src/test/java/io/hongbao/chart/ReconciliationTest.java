package io.hongbao.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The scheduled comparison of the stores. */
class ReconciliationTest {
    private static final String ENABLED = """
            reconciliation:
              enabled: true
              control: {existingSecret: hongbao-recon}
              bill: {enabled: true}
            """;
    private static final Rendered RENDERED = Chart.north(ENABLED);

    private static PodSpec pod(String job) {
        return RENDERED.one(CronJob.class, job)
                .getSpec()
                .getJobTemplate()
                .getSpec()
                .getTemplate()
                .getSpec();
    }

    private static Map<String, String> settings() throws java.io.IOException {
        var settings = new Properties();
        settings.load(new java.io.StringReader(
                RENDERED.one(ConfigMap.class, "reconciliation").getData().get("stores.properties")));
        return settings.stringPropertyNames().stream().collect(Collectors.toMap(key -> key, settings::getProperty));
    }

    @Test
    void shouldNotRunUnlessAskedFor() {
        assertTrue(Chart.north().all(CronJob.class).isEmpty());
    }

    @Test
    void shouldRunByTheClockOfChinaAndOneAtATime() {
        for (CronJob job : RENDERED.all(CronJob.class)) {
            assertEquals("Asia/Shanghai", job.getSpec().getTimeZone());
            assertEquals("Forbid", job.getSpec().getConcurrencyPolicy());
        }
        assertEquals(
                List.of(
                        "run",
                        "--days",
                        "2",
                        "--stores",
                        "/etc/hongbao/stores.properties",
                        "--horizon",
                        "30",
                        "--json"),
                pod("reconciliation-run").getContainers().getFirst().getArgs());
        assertEquals(
                "bill",
                pod("reconciliation-bill").getContainers().getFirst().getArgs().getFirst());
    }

    @Test
    void shouldCompareNoBillUnlessAskedFor() {
        assertEquals(
                1,
                Chart.north("reconciliation: {enabled: true, control: {existingSecret: hongbao-recon}}")
                        .all(CronJob.class)
                        .size());
    }

    @Test
    void shouldTellWhereEveryStoreIs() throws java.io.IOException {
        var settings = settings();

        assertEquals("1", settings.get("region"));
        assertEquals("00-49", settings.get("sets.set-a.range"));
        assertEquals("postgresql://set-b.pg.north.example.com:5432/orders", settings.get("sets.set-b.url"));
        for (String store : List.of("sets.set-a", "sets.set-b", "control", "ledger", "records", "cold")) {
            assertTrue(settings.get(store + ".url").startsWith("postgresql://"), store);
            assertTrue(settings.containsKey(store + ".username-file"), store);
            assertTrue(settings.containsKey(store + ".password-file"), store);
        }
        assertEquals("redis://stock.redis.north.example.com:6379", settings.get("redis.url"));
    }

    @Test
    void shouldBringEverySecretAsAFile() throws java.io.IOException {
        Set<String> named = settings().entrySet().stream()
                .filter(entry -> entry.getKey().endsWith("-file"))
                .map(entry -> entry.getValue().replaceFirst("^/etc/hongbao/secrets/", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        for (String job : List.of("reconciliation-run", "reconciliation-bill")) {
            var sources = pod(job).getVolumes().stream()
                    .filter(volume -> volume.getName().equals("secrets"))
                    .findFirst()
                    .orElseThrow()
                    .getProjected()
                    .getSources();
            assertEquals(
                    named,
                    sources.stream()
                            .flatMap(source -> source.getSecret().getItems().stream())
                            .map(item -> item.getPath())
                            .collect(Collectors.toCollection(TreeSet::new)));
            assertTrue(sources.stream()
                    .anyMatch(source -> source.getSecret().getName().equals("hongbao-recon")));
            assertTrue(sources.stream()
                    .noneMatch(source -> source.getSecret().getName().equals("hongbao-control")));
            assertTrue(pod(job).getContainers().getFirst().getEnv().isEmpty());
        }
    }

    @Test
    void shouldRunWithoutAnyRightItDoesNotNeed() {
        for (String job : List.of("reconciliation-run", "reconciliation-bill")) {
            PodSpec pod = pod(job);
            assertFalse(pod.getAutomountServiceAccountToken());
            assertTrue(pod.getSecurityContext().getRunAsNonRoot());
            assertEquals(
                    "RuntimeDefault",
                    pod.getSecurityContext().getSeccompProfile().getType());
            var container = pod.getContainers().getFirst().getSecurityContext();
            assertFalse(container.getAllowPrivilegeEscalation());
            assertTrue(container.getReadOnlyRootFilesystem());
            assertEquals(List.of("ALL"), container.getCapabilities().getDrop());
        }
    }

    @Test
    void shouldReachTheStoresAndNothingElse() {
        var policy = RENDERED.one(NetworkPolicy.class, "reconciliation").getSpec();

        assertTrue(policy.getIngress().isEmpty());
        assertEquals(List.of("Ingress", "Egress"), policy.getPolicyTypes());
        assertEquals(
                Set.of(5432, 6379),
                policy.getEgress().stream()
                        .flatMap(rule -> rule.getPorts().stream())
                        .map(port -> port.getPort().getIntVal())
                        .collect(Collectors.toSet()));
        assertTrue(RENDERED.one(CronJob.class, "reconciliation-run")
                .getSpec()
                .getJobTemplate()
                .getSpec()
                .getTemplate()
                .getMetadata()
                .getLabels()
                .entrySet()
                .containsAll(policy.getPodSelector().getMatchLabels().entrySet()));
    }

    @Test
    void shouldLeaveRedisOutWhereItIsACluster() {
        var rendered = Chart.north(ENABLED + "  stock: false\n");

        assertFalse(rendered.one(ConfigMap.class, "reconciliation")
                .getData()
                .get("stores.properties")
                .contains("redis"));
    }

    @Test
    void shouldRefuseToRunWithoutALoginForItsFindings() {
        var refused = assertThrows(RuntimeException.class, () -> Chart.north("reconciliation: {enabled: true}"));

        assertTrue(String.valueOf(refused.getMessage()).contains("reconciliation.control.existingSecret"));
    }
}
