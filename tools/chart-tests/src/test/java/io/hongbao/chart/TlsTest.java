package io.hongbao.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecretProjection;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mutual TLS by one value: certificates, probes that have none, and the test that shows its own. */
class TlsTest {
    private static final String FOLDER = "/etc/hongbao-tls";

    @ParameterizedTest
    @ValueSource(strings = {"send-svc", "grab-svc", "open-svc", "query-svc", "wallet-bridge"})
    void shouldSwitchEveryServiceByOneValue(String service) {
        String on = Chart.north().properties(service);
        String off = Chart.north(Chart.PLAIN).properties(service);

        assertTrue(on.contains("\nhongbao.tls.enabled=true\n"), on);
        assertTrue(on.contains("\nhongbao.tls.folder=" + FOLDER + "\n"), on);
        assertFalse(off.contains("hongbao.tls"), off);
    }

    @ParameterizedTest
    @CsvSource({
        "send-svc, hongbao-send-svc-tls",
        "grab-svc, hongbao-grab-svc-tls",
        "open-svc, hongbao-open-svc-tls",
        "query-svc, hongbao-query-svc-tls",
        "wallet-bridge, hongbao-wallet-bridge-tls"
    })
    void shouldMountEachServiceItsOwnCertificateReadOnly(String service, String secret) {
        Rendered rendered = Chart.north();
        PodSpec pod =
                rendered.one(Deployment.class, service).getSpec().getTemplate().getSpec();

        var mount = rendered.container(service).getVolumeMounts().stream()
                .filter(one -> one.getName().equals("tls"))
                .findFirst()
                .orElseThrow();
        assertEquals(FOLDER, mount.getMountPath());
        assertEquals(true, mount.getReadOnly());
        assertNull(mount.getSubPath(), "files of a sub-path are never renewed");
        assertEquals(Map.of(secret, List.of("tls.crt", "tls.key", "ca.crt")), secrets(pod));
        // Readable for the group that fsGroup gives the process, and for nobody else.
        assertEquals(0440, tls(pod).getProjected().getDefaultMode());
    }

    @Test
    void shouldTakeTheRootsFromElsewhere() {
        PodSpec pod = Chart.north("tls: {caExistingSecret: roots}")
                .one(Deployment.class, "open-svc")
                .getSpec()
                .getTemplate()
                .getSpec();

        assertEquals(
                Map.of("hongbao-open-svc-tls", List.of("tls.crt", "tls.key"), "roots", List.of("ca.crt")),
                secrets(pod));
    }

    @Test
    void shouldMountNothingWithoutTls() {
        for (PodSpec pod : Chart.north(Chart.PLAIN).podSpecs()) {
            assertTrue(pod.getVolumes().stream().allMatch(volume -> volume.getProjected() == null));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"send-svc", "grab-svc", "open-svc", "query-svc", "wallet-bridge"})
    void shouldProbeTheManagementPort(String service) {
        Container container = Chart.north().container(service);

        for (var probe :
                List.of(container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe())) {
            assertNull(probe.getGrpc());
            assertEquals("management", probe.getHttpGet().getPort().getStrVal());
        }
        assertEquals(
                "/q/health/group/serving",
                container.getReadinessProbe().getHttpGet().getPath());
        // A store that is away must restart nothing.
        assertEquals(
                "/q/health/group/alive",
                container.getLivenessProbe().getHttpGet().getPath());
        assertEquals(
                "/q/health/group/alive",
                container.getStartupProbe().getHttpGet().getPath());
        assertTrue(container.getPorts().stream().anyMatch(port -> port.getName().equals("management")));
    }

    @Test
    void shouldShowACertificateOfItsOwnInTheHelmTest() {
        PodSpec pod = Chart.north().one(Pod.class, "test").getSpec();

        assertEquals(Set.of("hongbao-probe-tls"), secrets(pod).keySet());
        for (Container container : pod.getContainers()) {
            assertTrue(container
                    .getArgs()
                    .containsAll(List.of(
                            "-tls",
                            "-tls-client-cert=" + FOLDER + "/tls.crt",
                            "-tls-client-key=" + FOLDER + "/tls.key")));
            assertEquals(FOLDER, container.getVolumeMounts().getFirst().getMountPath());
        }
    }

    @Test
    void shouldAskPlainlyInTheHelmTestWithoutTls() {
        for (Container container :
                Chart.north(Chart.PLAIN).one(Pod.class, "test").getSpec().getContainers()) {
            assertTrue(container.getArgs().stream().noneMatch(arg -> arg.startsWith("-tls")));
        }
    }

    @ParameterizedTest
    @CsvSource({"'', https", "'tls: {enabled: false}', kubernetes.io/h2c"})
    void shouldTellMeshesWhatIsSpoken(String change, String protocol) {
        for (Service service : Chart.north(change).all(Service.class)) {
            assertEquals(protocol, service.getSpec().getPorts().getFirst().getAppProtocol());
        }
    }

    @Test
    void shouldLetCertManagerMakeACertificateForEachParty() {
        Rendered rendered = Chart.render(Chart.SOUTH);

        Map<String, JsonNode> bySecret = rendered.custom("Certificate").stream()
                .collect(Collectors.toMap(
                        certificate -> certificate.at("/spec/secretName").asText(), certificate -> certificate));

        assertEquals(
                Stream.of("send-svc", "grab-svc", "open-svc", "query-svc", "wallet-bridge", "probe")
                        .map(party -> "spiffe://hongbao/" + party)
                        .collect(Collectors.toSet()),
                bySecret.values().stream()
                        .map(certificate -> certificate.at("/spec/uris/0").asText())
                        .collect(Collectors.toSet()));
        for (JsonNode certificate : bySecret.values()) {
            // Two URIs stand for nobody, and the services read no other form of a key.
            assertEquals(1, certificate.at("/spec/uris").size());
            assertEquals("PKCS8", certificate.at("/spec/privateKey/encoding").asText());
            assertEquals("hongbao-ca", certificate.at("/spec/issuerRef/name").asText());
            assertTrue(certificate.at("/spec/usages").toString().contains("client auth"));
        }
        for (Deployment deployment : rendered.all(Deployment.class)) {
            String secret = secrets(deployment.getSpec().getTemplate().getSpec())
                    .keySet()
                    .iterator()
                    .next();
            assertEquals(
                    "spiffe://hongbao/" + deployment.getMetadata().getLabels().get("app.kubernetes.io/name"),
                    bySecret.get(secret).at("/spec/uris/0").asText());
        }
    }

    @Test
    void shouldUseOtherIdentities() {
        Rendered rendered = Chart.render(
                Chart.SOUTH,
                "tls: {trustDomain: red.example.com, identities: {open-svc: ['spiffe://mesh/open', 'spiffe://old/open']}}");

        Set<String> ids = rendered.custom("Certificate").stream()
                .map(certificate -> certificate.at("/spec/uris/0").asText())
                .collect(Collectors.toSet());
        assertTrue(ids.containsAll(Set.of("spiffe://mesh/open", "spiffe://red.example.com/send-svc")), ids.toString());
        String properties = rendered.properties("send-svc");
        assertTrue(properties.contains("hongbao.tls.trust-domain=red.example.com"), properties);
        assertTrue(
                properties.contains("hongbao.tls.identities.open-svc=spiffe://mesh/open,spiffe://old/open"),
                properties);
    }

    /** The names of the secrets in a pod's TLS folder, and which of their files are in it. */
    private static Map<String, List<String>> secrets(PodSpec pod) {
        return tls(pod).getProjected().getSources().stream()
                .map(VolumeProjection::getSecret)
                .collect(Collectors.toMap(
                        SecretProjection::getName,
                        secret -> secret.getItems().stream()
                                .peek(item -> assertEquals(item.getKey(), item.getPath()))
                                .map(item -> item.getPath())
                                .toList()));
    }

    private static Volume tls(PodSpec pod) {
        return pod.getVolumes().stream()
                .filter(volume -> volume.getName().equals("tls"))
                .findFirst()
                .orElseThrow();
    }
}
