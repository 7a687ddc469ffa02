package io.hongbao.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Three IDCs, of which any two carry the peak; and nobody unanswered when a pod goes. */
class AvailabilityTest {
    @ParameterizedTest
    @ValueSource(strings = {"send-svc", "grab-svc", "open-svc", "query-svc", "wallet-bridge"})
    void shouldSpreadEveryServiceEvenlyOverTheZones(String service) {
        var template = Chart.north().one(Deployment.class, service).getSpec();

        TopologySpreadConstraint spread =
                template.getTemplate().getSpec().getTopologySpreadConstraints().getFirst();

        assertEquals("topology.kubernetes.io/zone", spread.getTopologyKey());
        assertEquals(1, spread.getMaxSkew());
        assertEquals("DoNotSchedule", spread.getWhenUnsatisfiable());
        assertEquals(
                template.getSelector().getMatchLabels(),
                spread.getLabelSelector().getMatchLabels());
    }

    /** Otherwise no pod could be added in the zones that are left. */
    @Test
    void shouldNotCountAZoneWhoseNodesAreDead() {
        for (Deployment deployment : Chart.north().all(Deployment.class)) {
            for (var spread : deployment.getSpec().getTemplate().getSpec().getTopologySpreadConstraints()) {
                assertEquals("Honor", spread.getNodeTaintsPolicy());
                assertNull(spread.getMinDomains());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        // rate, a pod's rate, zones, pods
        "1, 10000, 3, 3", // one pod is enough: one in each zone
        "20000, 10000, 3, 3", // two are needed: one in each of two zones
        "20001, 10000, 3, 6", // three are needed: two in each of two zones
        "40000, 10000, 3, 6",
        "100000, 10000, 3, 15", // ten are needed: five in each of two zones
        "100000, 10000, 2, 20", // of two zones one must carry all
        "100000, 10000, 1, 10", // a single zone cannot be spared
        "2000000, 1, 3, 3000000" // no rounding in large numbers
    })
    void shouldHaveEnoughPodsWithAZoneGone(long rate, long podRate, int zones, long pods) {
        var rendered = Chart.north("""
                zones: {count: %d}
                services: {open: {load: {peakPerSecond: %d, extremePerSecond: %d, podPerSecond: %d}}}
                """.formatted(zones, rate, rate, podRate));

        var scaler = rendered.one(HorizontalPodAutoscaler.class, "open-svc").getSpec();

        assertEquals(pods, scaler.getMinReplicas().longValue());
        assertEquals(pods, scaler.getMaxReplicas().longValue());
        if (zones > 1) {
            assertTrue((pods - pods / zones) * podRate >= rate);
        }
    }

    @Test
    void shouldScaleEveryServiceInMultiplesOfTheZones() {
        var scalers = Chart.north().all(HorizontalPodAutoscaler.class);

        assertEquals(5, scalers.size());
        for (var scaler : scalers) {
            assertEquals(0, scaler.getSpec().getMinReplicas() % 3);
            assertEquals(0, scaler.getSpec().getMaxReplicas() % 3);
        }
    }

    @ParameterizedTest
    @CsvSource({"3, 90, 60", "3, 75, 50", "2, 90, 45", "1, 90, 90"})
    void shouldLeaveRoomForTheLoadOfALostZone(int zones, int podMax, int target) {
        var rendered = Chart.north("{zones: {count: %d}, capacity: {podUtilizationMax: %d}}".formatted(zones, podMax));

        for (var scaler : rendered.all(HorizontalPodAutoscaler.class)) {
            var metric = scaler.getSpec().getMetrics().getFirst().getResource();
            assertEquals("cpu", metric.getName());
            assertEquals(target, metric.getTarget().getAverageUtilization());
        }
    }

    @Test
    void shouldLeaveTheNumberOfPodsToTheAutoscaler() {
        assertNull(Chart.north().one(Deployment.class, "open-svc").getSpec().getReplicas());
    }

    @Test
    void shouldRunThePodsOfThePeakWithoutAnAutoscaler() {
        var rendered = Chart.north("autoscaling: {enabled: false}");

        assertEquals(3, rendered.one(Deployment.class, "open-svc").getSpec().getReplicas());
        assertEquals(0, rendered.all(HorizontalPodAutoscaler.class).size());
    }

    @Test
    void shouldScaleByLagWithKeda() {
        var rendered = Chart.north("autoscaling: {keda: {enabled: true}}");

        assertEquals(0, rendered.all(HorizontalPodAutoscaler.class).size());
        assertEquals(5, rendered.custom("ScaledObject").size());
        JsonNode wallet = rendered.custom("ScaledObject").stream()
                .filter(scaled -> scaled.at("/metadata/name").asText().endsWith("wallet-bridge"))
                .findFirst()
                .orElseThrow();
        assertEquals("60", wallet.at("/spec/triggers/0/metadata/value").asText());
        assertEquals(
                "wallet-bridge",
                wallet.at("/spec/triggers/1/metadata/consumerGroup").asText());
    }

    @Test
    void shouldGiveUpOneZonesShareAtMost() {
        var rendered = Chart.north();

        var budgets = rendered.all(PodDisruptionBudget.class);

        assertEquals(5, budgets.size());
        for (var budget : budgets) {
            assertEquals("33%", budget.getSpec().getMaxUnavailable().getStrVal());
        }
    }

    @ParameterizedTest
    @CsvSource({"send-svc, 9101", "grab-svc, 9102", "open-svc, 9103", "query-svc, 9104", "wallet-bridge, 9105"})
    void shouldProbeTheGrpcPort(String service, int port) {
        Container container = Chart.north(Chart.PLAIN).container(service);

        assertEquals(port, container.getReadinessProbe().getGrpc().getPort());
        assertEquals(port, container.getLivenessProbe().getGrpc().getPort());
        assertEquals(port, container.getStartupProbe().getGrpc().getPort());
    }

    /** The health of the server and of its services is taken back while a store is away; that of the health service never. */
    @ParameterizedTest
    @ValueSource(strings = {"send-svc", "grab-svc", "open-svc", "query-svc", "wallet-bridge"})
    void shouldNotRestartAPodBecauseAStoreIsAway(String service) {
        Container container = Chart.north(Chart.PLAIN).container(service);

        assertNull(container.getReadinessProbe().getGrpc().getService());
        assertEquals(
                "grpc.health.v1.Health", container.getLivenessProbe().getGrpc().getService());
        assertEquals(
                "grpc.health.v1.Health", container.getStartupProbe().getGrpc().getService());
    }

    @Test
    void shouldServeOnWhileThePodLeavesItsService() {
        for (Deployment deployment : Chart.north().all(Deployment.class)) {
            var spec = deployment.getSpec().getTemplate().getSpec();
            long wait = spec.getContainers()
                    .getFirst()
                    .getLifecycle()
                    .getPreStop()
                    .getSleep()
                    .getSeconds();

            assertEquals(10, wait);
            assertTrue(spec.getTerminationGracePeriodSeconds() >= wait + 10);
        }
    }

    @Test
    void shouldNeverHaveFewerPodsDuringAnUpgrade() {
        for (Deployment deployment : Chart.north().all(Deployment.class)) {
            var rolling = deployment.getSpec().getStrategy().getRollingUpdate();

            assertEquals(0, rolling.getMaxUnavailable().getIntVal());
        }
    }

    @Test
    void shouldResolveOpenSvcToItsPods() {
        var rendered = Chart.north();

        var headless = rendered.one(Service.class, "open-svc-headless").getSpec();

        assertEquals("None", headless.getClusterIP());
        assertEquals(9103, headless.getPorts().getFirst().getPort());
        assertEquals(false, headless.getPublishNotReadyAddresses());
        assertEquals(
                rendered.one(Deployment.class, "open-svc")
                        .getSpec()
                        .getSelector()
                        .getMatchLabels(),
                headless.getSelector());
    }

    @Test
    void shouldHashOnThePacketIdInTheMesh() {
        var rendered = Chart.north(Chart.PLAIN, "istio: {enabled: true, otherRegionHost: open.south.example.com}");

        JsonNode rule = rendered.custom("DestinationRule").getFirst();
        assertEquals(
                "x-hongbao-packet-id",
                rule.at("/spec/trafficPolicy/loadBalancer/consistentHash/httpHeaderName")
                        .asText());
        JsonNode away = rendered.custom("VirtualService").getFirst().at("/spec/http/0");
        assertEquals(
                "2[0-9]{18}",
                away.at("/match/0/headers/x-hongbao-packet-id/regex").asText());
        assertEquals(
                "open.south.example.com", away.at("/route/0/destination/host").asText());
    }

    @Test
    void shouldMakeNothingOfOthersByDefault() {
        var rendered = Chart.north("metrics: {serviceMonitor: {enabled: false}, prometheusRule: {enabled: false}}");

        assertTrue(rendered.documents().stream().allMatch(Rendered::isBuiltIn));
    }

    @Test
    void shouldReadMetricsOfEveryPodOnce() {
        var rendered = Chart.north();
        JsonNode monitor = rendered.custom("ServiceMonitor").getFirst();
        assertEquals("/q/metrics", monitor.at("/spec/endpoints/0/path").asText());

        long selected = rendered.all(Service.class).stream()
                .filter(service -> selects(
                        monitor.at("/spec/selector/matchLabels"),
                        service.getMetadata().getLabels()))
                .peek(service -> assertTrue(service.getSpec().getPorts().stream()
                        .anyMatch(port -> port.getName().equals("management"))))
                .count();

        assertEquals(5, selected);
    }

    private static boolean selects(JsonNode wanted, Map<String, String> labels) {
        return wanted.properties().stream()
                .allMatch(entry -> entry.getValue().asText().equals(labels.get(entry.getKey())));
    }
}
