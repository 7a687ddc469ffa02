package io.hongbao.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The chart renders, and what it renders is Kubernetes. */
class RenderingTest {
    /** Kinds of others, which no class here knows. */
    private static final Set<String> CUSTOM_TYPES = Set.of(
            "monitoring.coreos.com/v1/ServiceMonitor",
            "monitoring.coreos.com/v1/PrometheusRule",
            "cert-manager.io/v1/Certificate",
            "keda.sh/v1alpha1/ScaledObject",
            "networking.istio.io/v1/DestinationRule",
            "networking.istio.io/v1/VirtualService");

    static Stream<Path> examples() {
        return Chart.examples().stream();
    }

    /** Each switch turned over at least once, each list with something in it. */
    static Stream<String> variants() {
        return Stream.of(
                "{}",
                "autoscaling: {enabled: false}",
                "autoscaling: {keda: {enabled: true}}",
                "networkPolicy: {enabled: false}",
                "migration: {enabled: false}",
                "metrics: {serviceMonitor: {enabled: false}, prometheusRule: {enabled: false}, dashboards: {enabled: false}}",
                Chart.PLAIN,
                "{tls: {enabled: false}, istio: {enabled: true, otherRegionHost: open-svc.south.example.com}}",
                "tls: {caExistingSecret: roots, identities: {probe: ['spiffe://mesh/probe']}}",
                "redis: {existingSecret: ''}",
                """
                commonLabels: {team: packets}
                image: {pullSecrets: [registry], tag: 2.0.0}
                nodeSelector: {pool: services}
                tolerations: [{key: dedicated, operator: Exists, effect: NoSchedule}]
                priorityClassName: high
                services:
                  open:
                    config: {hongbao.lanes.per-set: 3}
                    extraEnv: [{name: JAVA_OPTS_APPEND, value: -XX:+UseParallelGC}]
                """);
    }

    @Test
    void shouldPassLint() {
        var result = Chart.lint();

        assertFalse(result.isFailed(), () -> result.getMessages().toString());
    }

    @Test
    void shouldHaveAnExampleForEachRegion() {
        assertEquals(Set.of(Chart.NORTH, Chart.SOUTH), Set.copyOf(Chart.examples()));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shouldRenderEveryExample(Path values) {
        Rendered rendered = Chart.render(values);

        assertEquals(5, rendered.all(Deployment.class).size());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shouldRenderOnlyFieldsThatKubernetesKnows(Path values) {
        assertKnown(Chart.render(values));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void shouldRenderOnlyFieldsThatKubernetesKnowsWhateverIsSwitched(String change) {
        assertKnown(Chart.north(change));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void shouldNameEveryObjectOnce(String change) {
        List<String> names = Chart.north(change).documents().stream()
                .map(document -> Rendered.type(document) + " "
                        + document.at("/metadata/name").asText())
                .toList();

        assertEquals(names.stream().distinct().toList(), names);
    }

    @Test
    void shouldSelectExactlyTheServicesOwnPods() {
        Rendered rendered = Chart.north();

        for (Deployment deployment : rendered.all(Deployment.class)) {
            var labels = deployment.getSpec().getTemplate().getMetadata().getLabels();
            long selecting = rendered.all(Deployment.class).stream()
                    .filter(other -> labels.entrySet()
                            .containsAll(other.getSpec()
                                    .getSelector()
                                    .getMatchLabels()
                                    .entrySet()))
                    .count();
            assertEquals(1, selecting, deployment.getMetadata().getName());
        }
    }

    /** The check above would be worth nothing if it found nothing. */
    @Test
    void shouldFindAFieldThatKubernetesDoesNotKnow() {
        Rendered misspelt = Rendered.parse("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: misspelt}
                spec: {template: {spec: {containers: [{name: a, livenesProbe: {}}]}}}
                """);

        assertEquals(
                List.of(".spec.template.spec.containers[0].livenesProbe"),
                UnknownFields.of(misspelt.builtIn().getFirst()));
    }

    @Test
    void shouldAskEveryServiceForItsHealthInAHelmTest() {
        Pod pod = Chart.north().one(Pod.class, "test");

        assertEquals("test", pod.getMetadata().getAnnotations().get(Chart.HOOK_IN_TESTS));
        assertEquals(
                Set.of(
                        "-addr=prod-hongbao-send-svc:9101",
                        "-addr=prod-hongbao-grab-svc:9102",
                        "-addr=prod-hongbao-open-svc:9103",
                        "-addr=prod-hongbao-query-svc:9104",
                        "-addr=prod-hongbao-wallet-bridge:9105"),
                pod.getSpec().getContainers().stream()
                        .map(container -> container.getArgs().getFirst())
                        .collect(Collectors.toSet()));
    }

    @Test
    void shouldStartOtherPodsWhenSettingsChange() {
        String before = checksum(Chart.north());
        String after = checksum(Chart.north("limits: {shareCountMax: 400}"));

        assertFalse(before.equals(after));
    }

    private static String checksum(Rendered rendered) {
        return rendered.one(Deployment.class, "send-svc")
                .getSpec()
                .getTemplate()
                .getMetadata()
                .getAnnotations()
                .get("checksum/config");
    }

    private static void assertKnown(Rendered rendered) {
        for (HasMetadata object : rendered.builtIn()) {
            assertEquals(
                    List.of(),
                    UnknownFields.of(object),
                    object.getKind() + " " + object.getMetadata().getName());
        }
        Set<String> others = rendered.documents().stream()
                .filter(document -> !Rendered.isBuiltIn(document))
                .map(Rendered::type)
                .collect(Collectors.toSet());
        assertTrue(CUSTOM_TYPES.containsAll(others), others::toString);
    }
}
