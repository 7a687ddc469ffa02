package io.hongbao.chart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The objects of one rendered release.
 *
 * @param text as Helm printed it
 * @param documents one for each object
 */
record Rendered(String text, List<JsonNode> documents) {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    /** Kubernetes' own types, by API version and kind. All else is a custom resource. */
    private static final Map<String, Class<? extends HasMetadata>> TYPES = Map.of(
            "v1/ConfigMap", ConfigMap.class,
            "v1/Pod", Pod.class,
            "v1/Service", Service.class,
            "v1/ServiceAccount", ServiceAccount.class,
            "apps/v1/Deployment", Deployment.class,
            "autoscaling/v2/HorizontalPodAutoscaler", HorizontalPodAutoscaler.class,
            "batch/v1/CronJob", CronJob.class,
            "batch/v1/Job", Job.class,
            "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
            "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class);

    static Rendered parse(String text) {
        var documents = new ArrayList<JsonNode>();
        try (var values = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
            while (values.hasNext()) {
                JsonNode document = values.next();
                if (document != null && document.isObject()) {
                    documents.add(document);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return new Rendered(text, List.copyOf(documents));
    }

    static String type(JsonNode document) {
        return document.path("apiVersion").asText() + "/"
                + document.path("kind").asText();
    }

    static boolean isBuiltIn(JsonNode document) {
        return TYPES.containsKey(type(document));
    }

    static HasMetadata typed(JsonNode document) {
        try {
            return YAML.treeToValue(document, TYPES.get(type(document)));
        } catch (JsonProcessingException failure) {
            throw new IllegalStateException(
                    document.at("/metadata/name").asText() + " is no " + type(document), failure);
        }
    }

    List<HasMetadata> builtIn() {
        return documents.stream()
                .filter(Rendered::isBuiltIn)
                .map(Rendered::typed)
                .toList();
    }

    List<JsonNode> custom(String kind) {
        return documents.stream()
                .filter(document -> document.path("kind").asText().equals(kind))
                .toList();
    }

    <T extends HasMetadata> List<T> all(Class<T> type) {
        return builtIn().stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** @param name without the release's prefix */
    <T extends HasMetadata> T one(Class<T> type, String name) {
        return all(type).stream()
                .filter(object -> object.getMetadata().getName().equals(Chart.PREFIX + name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " " + Chart.PREFIX + name));
    }

    /** application.properties of a service. */
    String properties(String service) {
        return one(ConfigMap.class, service).getData().get("application.properties");
    }

    /** Of all that runs: services, hooks, tests. */
    List<PodSpec> podSpecs() {
        return Stream.of(
                        all(Deployment.class).stream()
                                .map(deployment ->
                                        deployment.getSpec().getTemplate().getSpec()),
                        all(Job.class).stream()
                                .map(job -> job.getSpec().getTemplate().getSpec()),
                        all(Pod.class).stream().map(Pod::getSpec))
                .flatMap(specs -> specs)
                .toList();
    }

    List<Container> containers() {
        return podSpecs().stream()
                .flatMap(spec -> spec.getContainers().stream())
                .toList();
    }

    /** The only container of a service. */
    Container container(String service) {
        return one(Deployment.class, service)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst();
    }
}
