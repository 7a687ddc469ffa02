package io.hongbao.cli.control;

import io.hongbao.cli.top.Look;
import io.hongbao.cli.top.Meters;
import java.net.http.HttpClient;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What the pods say of the SETs. Each has a probe and control data of its own, so they may say different things for a
 * moment.
 *
 * @param byPod what each process says
 * @param silent processes that did not answer
 */
public record PodView(Map<String, Meters> byPod, List<String> silent) {
    /** Where each service tells whether a SET's server answers its probe, and the label that names the SET. */
    private static final Map<String, String> ANSWERING = Map.of(
            "hongbao_send_set_answering", "set",
            "hongbao_open_set_answering", "set",
            "hongbao_query_dependency_up", "dependency");

    private static final String AGE = "hongbao_control_age_seconds";

    private static final String CHANGED = "hongbao_control_changed_timestamp_seconds";

    private static final String MASKS = "hongbao_control_masks";

    private static final String DATABASES = "hongbao_send_set_databases";

    /** @param pods management address of each process */
    public static PodView of(Map<String, String> pods) throws InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            Look look = Look.at(http, pods);
            return new PodView(look.meters(), look.silent());
        }
    }

    /** By process: {@code up}, {@code down}, {@code unknown} to a process that does not know the SET, {@code silent}. */
    public Map<String, String> health(String set) {
        var health = new LinkedHashMap<String, String>();
        byPod.forEach((pod, meters) -> {
            OptionalDouble answers = ANSWERING.entrySet().stream()
                    .map(meter -> meters.reduce(meter.getKey(), Map.of(meter.getValue(), set), Math::min))
                    .filter(OptionalDouble::isPresent)
                    .findFirst()
                    .orElse(OptionalDouble.empty());
            health.put(pod, answers.isEmpty() ? "unknown" : answers.getAsDouble() > 0 ? "up" : "down");
        });
        silent.forEach(pod -> health.put(pod, "silent"));
        return health;
    }

    /** Whether every process knows the SET and reaches it. */
    public boolean allReach(String set) {
        return health(set).values().stream().allMatch("up"::equals);
    }

    /** Whether every process has read control data not longer ago than this. */
    public boolean allReadWithin(double seconds) {
        return silent.isEmpty()
                && byPod.values().stream()
                        .allMatch(meters ->
                                meters.reduce(AGE, Map.of(), Math::max).orElse(Double.MAX_VALUE) < seconds);
    }

    /** When the last of the processes began to go by what it goes by, by its own clock, milliseconds since 1970. */
    public long changedAtMillis() {
        return byPod.values().stream()
                .mapToLong(meters -> Math.round(
                        1e3 * meters.reduce(CHANGED, Map.of(), Math::max).orElse(0)))
                .max()
                .orElse(0);
    }

    /** Whether every process goes by so many masks. */
    public boolean allMask(int maskCount) {
        return silent.isEmpty()
                && byPod.values().stream()
                        .allMatch(meters ->
                                meters.reduce(MASKS, Map.of(), Math::max).orElse(-1) == maskCount);
    }

    /** Whether every send-svc gives new orders to so many databases of the SET. */
    public boolean allGiveOrders(String set, int databaseCount) {
        return silent.isEmpty()
                && byPod.values().stream()
                        .map(meters -> meters.reduce(DATABASES, Map.of("set", set), Math::min))
                        .filter(OptionalDouble::isPresent)
                        .allMatch(count -> count.getAsDouble() == databaseCount);
    }
}
