package io.hongbao.cli.bench.machine;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/**
 * Batches that open-svc says it has committed.
 *
 * @param count of batches
 * @param shares in all of them
 */
public record BatchMeter(double count, double shares) {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(10);
    private static final String METER = "hongbao_open_batch_shares_";

    /** Zero if the service has no such meter. @param managementAddress {@code host:port} */
    public static BatchMeter read(HttpClient http, String managementAddress) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://" + managementAddress + "/q/metrics"))
                .timeout(ANSWER_MAX)
                .build();
        String metrics =
                http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        return parse(metrics);
    }

    static BatchMeter parse(String metrics) {
        double count = 0;
        double shares = 0;
        for (String line : metrics.lines().toList()) {
            if (line.startsWith(METER + "count")) {
                count += value(line);
            } else if (line.startsWith(METER + "sum")) {
                shares += value(line);
            }
        }
        return new BatchMeter(count, shares);
    }

    private static double value(String line) {
        return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
    }

    /** Mean size of the batches since then; 0 if there was none. */
    public double meanSince(BatchMeter earlier) {
        return count > earlier.count ? (shares - earlier.shares) / (count - earlier.count) : 0;
    }
}
