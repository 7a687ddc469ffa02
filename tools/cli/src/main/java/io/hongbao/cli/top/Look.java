package io.hongbao.cli.top;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One look at all processes.
 *
 * @param takenNanos by {@link System#nanoTime}
 * @param meters by process
 * @param silent processes that did not answer
 */
public record Look(long takenNanos, Map<String, Meters> meters, List<String> silent) {
    private static final int OK = 200;
    /** A pod that takes longer than this to tell its meters is in trouble, and is said to be silent. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(2);

    /** @param addresses {@code host:port} of each management port, by process */
    public static Look at(HttpClient http, Map<String, String> addresses) throws InterruptedException {
        var meters = new LinkedHashMap<String, Meters>();
        var silent = new ArrayList<String>();
        long takenNanos = System.nanoTime();
        for (Map.Entry<String, String> address : addresses.entrySet()) {
            try {
                var request = HttpRequest.newBuilder(URI.create("http://" + address.getValue() + "/q/metrics"))
                        .timeout(ANSWER_MAX)
                        .build();
                HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == OK) {
                    meters.put(address.getKey(), Meters.parse(answer.body()));
                } else {
                    silent.add(address.getKey());
                }
            } catch (IOException away) {
                silent.add(address.getKey());
            }
        }
        return new Look(takenNanos, meters, List.copyOf(silent));
    }

    Meters all() {
        return meters.values().stream().reduce(new Meters(List.of()), Meters::and);
    }
}
