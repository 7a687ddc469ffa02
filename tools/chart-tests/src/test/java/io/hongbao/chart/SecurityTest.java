package io.hongbao.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Least rights: for processes, for the network, and for whoever reads the objects. */
class SecurityTest {
    private static final Rendered RENDERED = Chart.north();

    @Test
    void shouldRunEveryPodUnderTheRestrictedStandard() {
        for (PodSpec spec : RENDERED.podSpecs()) {
            var context = spec.getSecurityContext();
            assertEquals(true, context.getRunAsNonRoot());
            assertTrue(context.getRunAsUser() > 0);
            assertEquals("RuntimeDefault", context.getSeccompProfile().getType());
            assertTrue(spec.getHostNetwork() == null && spec.getHostPID() == null && spec.getHostIPC() == null);
            assertTrue(spec.getVolumes().stream()
                    .allMatch(volume -> volume.getConfigMap() != null
                            || volume.getEmptyDir() != null
                            || volume.getProjected() != null));
        }
    }

    @Test
    void shouldRunEveryContainerWithoutRightsOnAReadOnlyRoot() {
        // Five services, six migrations, five health tests.
        assertEquals(16, RENDERED.containers().size());
        for (Container container : RENDERED.containers()) {
            var context = container.getSecurityContext();
            assertEquals(false, context.getAllowPrivilegeEscalation());
            assertEquals(true, context.getReadOnlyRootFilesystem());
            assertEquals(true, context.getRunAsNonRoot());
            assertEquals(List.of("ALL"), context.getCapabilities().getDrop());
            assertTrue(context.getCapabilities().getAdd().isEmpty());
            assertEquals("RuntimeDefault", context.getSeccompProfile().getType());
            assertNotNull(container.getResources().getLimits().get("memory"));
        }
    }

    @Test
    void shouldMountNoTokenOfTheKubernetesApi() {
        assertTrue(RENDERED.podSpecs().stream()
                .allMatch(spec -> Boolean.FALSE.equals(spec.getAutomountServiceAccountToken())));
        assertTrue(RENDERED.all(ServiceAccount.class).stream()
                .allMatch(account -> Boolean.FALSE.equals(account.getAutomountServiceAccountToken())));
    }

    @Test
    void shouldGiveEachServiceAnIdentityOfItsOwn() {
        Set<String> accounts = RENDERED.all(Deployment.class).stream()
                .map(deployment -> deployment.getSpec().getTemplate().getSpec().getServiceAccountName())
                .collect(Collectors.toSet());

        assertEquals(5, accounts.size());
        assertEquals(
                RENDERED.all(ServiceAccount.class).stream()
                        .map(account -> account.getMetadata().getName())
                        .collect(Collectors.toSet()),
                accounts);
    }

    @Test
    void shouldHoldNoSecret() {
        assertTrue(RENDERED.documents().stream()
                .noneMatch(document -> document.path("kind").asText().equals("Secret")));
        Rendered rendered =
                Chart.north("assertion: {required: true, keys: [{id: 3, existingSecret: asserted, key: hex}]}");
        // Whatever is called a password, a user, a key or a secret is the name of an environment variable.
        var secret = Pattern.compile(
                "(?m)^\\s*(\\S*(?:password|username|secret|(?:tickets|text|assertion)\\.keys)\\S*)=(.*)$");
        for (String service : List.of("send-svc", "grab-svc", "open-svc", "query-svc", "wallet-bridge")) {
            var matcher = secret.matcher(rendered.properties(service));
            int found = 0;
            while (matcher.find()) {
                assertTrue(matcher.group(2).matches("\\$\\{SECRET_[A-Z0-9_]+}"), matcher.group());
                found++;
            }
            assertTrue(found > 0, service);
        }
    }

    @Test
    void shouldTakeEverySecretFromAnExistingOne() {
        for (Container container : RENDERED.containers()) {
            for (EnvVar variable : container.getEnv()) {
                if (variable.getName().startsWith("SECRET_")) {
                    var reference = variable.getValueFrom().getSecretKeyRef();
                    assertFalse(reference.getName().isEmpty());
                    assertFalse(reference.getKey().isEmpty());
                }
            }
        }
    }

    @Test
    void shouldGiveEachServiceNoMoreSecretsThanItReads() {
        for (String service : List.of("send-svc", "grab-svc", "open-svc", "query-svc", "wallet-bridge")) {
            String properties = RENDERED.properties(service);
            for (EnvVar variable : RENDERED.container(service).getEnv()) {
                if (variable.getName().startsWith("SECRET_")) {
                    assertTrue(
                            properties.contains("${" + variable.getName() + "}"), service + " " + variable.getName());
                }
            }
        }
    }

    @Test
    void shouldDenyWhatIsNotAllowed() {
        var deny = RENDERED.one(NetworkPolicy.class, "default-deny").getSpec();

        assertEquals(List.of("Ingress", "Egress"), deny.getPolicyTypes());
        assertTrue(deny.getIngress().isEmpty());
        assertTrue(deny.getEgress().isEmpty());
        for (Deployment deployment : RENDERED.all(Deployment.class)) {
            assertTrue(deployment
                    .getSpec()
                    .getTemplate()
                    .getMetadata()
                    .getLabels()
                    .entrySet()
                    .containsAll(deny.getPodSelector().getMatchLabels().entrySet()));
        }
    }

    /** An empty list of peers means everybody. */
    @Test
    void shouldNeverAllowEverybody() {
        for (NetworkPolicy policy : RENDERED.all(NetworkPolicy.class)) {
            for (var rule : policy.getSpec().getIngress()) {
                assertFalse(rule.getFrom().isEmpty(), policy.getMetadata().getName());
                assertFalse(rule.getPorts().isEmpty(), policy.getMetadata().getName());
            }
            for (var rule : policy.getSpec().getEgress()) {
                assertFalse(rule.getTo().isEmpty(), policy.getMetadata().getName());
                assertFalse(rule.getPorts().isEmpty(), policy.getMetadata().getName());
            }
        }
    }

    @Test
    void shouldLetInNobodyFromOutsideUnlessNamed() {
        var rendered = Chart.north("networkPolicy: {clients: [], monitoring: []}");

        for (NetworkPolicy policy : rendered.all(NetworkPolicy.class)) {
            for (NetworkPolicyIngressRule rule : policy.getSpec().getIngress()) {
                assertTrue(rule.getFrom().stream()
                        .allMatch(peer -> peer.getNamespaceSelector() == null
                                && peer.getIpBlock() == null
                                && Chart.RELEASE.equals(
                                        peer.getPodSelector().getMatchLabels().get("app.kubernetes.io/instance"))));
            }
        }
    }

    @Test
    void shouldLetEachServiceReachOnlyItsStoresAndTheServicesItCalls() {
        assertEquals(Set.of(5432, 6379, 9105), egressPorts("send-svc"));
        assertEquals(Set.of(6379, 9092), egressPorts("grab-svc"));
        assertEquals(Set.of(5432, 6379, 9092, 9103), egressPorts("open-svc"));
        assertEquals(Set.of(5432, 9092), egressPorts("query-svc"));
        assertEquals(Set.of(5432, 9092, 9101), egressPorts("wallet-bridge"));
    }

    @Test
    void shouldLetEachServiceReachTheCollectorWhileItTraces() {
        Rendered traced = Chart.north("""
                traces: {enabled: true, endpoint: "http://collector.monitoring:4318/v1/traces", ratio: 0.005}
                networkPolicy: {collector: {peers: [{namespaceSelector: {matchLabels: {a: b}}}]}}
                """);

        for (String service : List.of("send-svc", "grab-svc", "open-svc", "query-svc", "wallet-bridge")) {
            assertTrue(traced.one(NetworkPolicy.class, service).getSpec().getEgress().stream()
                    .flatMap(rule -> rule.getPorts().stream())
                    .anyMatch(port -> port.getPort().getIntVal() == 4318));
            String properties = traced.properties(service);
            assertTrue(properties.contains("hongbao.traces.ratio=0.005"), properties);
            assertTrue(
                    properties.contains("hongbao.traces.endpoint=http://collector.monitoring:4318/v1/traces"),
                    properties);
        }
    }

    @Test
    void shouldMigrateEveryDatabaseBeforeAnUpgrade() {
        Job job = RENDERED.one(Job.class, "migration");

        assertEquals(
                "pre-install,pre-upgrade", job.getMetadata().getAnnotations().get(Chart.HOOK_IN_TESTS));
        Map<String, List<String>> runs = job.getSpec().getTemplate().getSpec().getContainers().stream()
                .collect(Collectors.toMap(Container::getName, Container::getArgs));
        assertEquals(
                Map.of(
                        "control", List.of("control", "jdbc:postgresql://core.pg.north.example.com:5432/control"),
                        "ledger", List.of("ledger", "jdbc:postgresql://core.pg.north.example.com:5432/ledger"),
                        "records", List.of("records", "jdbc:postgresql://core.pg.north.example.com:5432/records"),
                        "cold", List.of("cold", "jdbc:postgresql://cold.pg.north.example.com:5432/cold"),
                        "set-of-set-a", List.of("set", "jdbc:postgresql://set-a.pg.north.example.com:5432/orders"),
                        "set-of-set-b", List.of("set", "jdbc:postgresql://set-b.pg.north.example.com:5432/orders")),
                runs);
    }

    /** Before the first install nothing else of the release exists. */
    @Test
    void shouldMigrateWithoutAnythingOfTheReleaseItself() {
        Job job = RENDERED.one(Job.class, "migration");

        assertEquals("default", job.getSpec().getTemplate().getSpec().getServiceAccountName());
        assertTrue(job.getSpec().getTemplate().getSpec().getVolumes().stream()
                .allMatch(volume -> volume.getEmptyDir() != null));
        assertEquals(
                "pre-install,pre-upgrade",
                RENDERED.one(NetworkPolicy.class, "migration")
                        .getMetadata()
                        .getAnnotations()
                        .get(Chart.HOOK_IN_TESTS));
    }

    private static Set<Integer> egressPorts(String service) {
        return RENDERED.one(NetworkPolicy.class, service).getSpec().getEgress().stream()
                .flatMap(rule -> rule.getPorts().stream())
                .map(port -> port.getPort().getIntVal())
                .collect(Collectors.toSet());
    }
}
