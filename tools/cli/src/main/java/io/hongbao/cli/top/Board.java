package io.hongbao.cli.top;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is shown: rates and times of the seconds between two looks, queues and states as they are now. What nobody said is
 * null, and not 0.
 *
 * @param seconds between the looks
 * @param silent services that did not answer
 */
record Board(
        double seconds,
        List<Step> steps,
        List<SetLine> sets,
        List<Consumer> consumers,
        Batches batches,
        Money money,
        List<Process> processes,
        List<String> silent) {

    /**
     * One step of a packet's life.
     *
     * @param p50Ms of what {@code timed} says
     * @param failing results that are nobody's wish: refused, shed, unchecked
     */
    record Step(
            String step,
            @JsonProperty("per_second") double perSecond,
            String timed,
            @JsonProperty("p50_ms") @Nullable Double p50Ms,
            @JsonProperty("p99_ms") @Nullable Double p99Ms,
            @JsonProperty("failing_per_second") double failing) {}

    record SetLine(
            String set,
            @JsonProperty("answers") @Nullable Boolean answers,
            @JsonProperty("takes_orders") @Nullable Boolean takesOrders,
            double waiting,
            @JsonProperty("packets_in_memory") double remembered,
            @JsonProperty("outbox_batches") double outboxBatches,
            @JsonProperty("outbox_oldest_seconds") double outboxOldestSeconds) {}

    record Consumer(
            String service,
            String consumer,
            @JsonProperty("records_behind") double recordsBehind) {}

    record Batches(
            @JsonProperty("per_second") double perSecond,
            @JsonProperty("shares_mean") @Nullable Double sharesMean,
            @JsonProperty("packets_mean") @Nullable Double packetsMean,
            @JsonProperty("queueing_p99_ms") @Nullable Double queueingP99Ms,
            @JsonProperty("failed_per_second") double failed) {}

    record Money(
            @JsonProperty("decided_fen_per_second") double decidedFen,
            @JsonProperty("booked_fen_per_second") double bookedFen,
            @JsonProperty("stuck_transfers") @Nullable Double stuck,
            @JsonProperty("packets_not_conserved") @Nullable Double notConserved) {}

    record Process(
            String process,
            @JsonProperty("cpu_cores") double cpuCores,
            @JsonProperty("heap_mb") double heapMb) {}

    private static final Map<String, String> ANY = Map.of();
    private static final double MILLIS = 1_000;
    private static final double NANOS = 1e9;
    private static final double MIB = 1024 * 1024;

    static Board of(Look earlier, Look now) {
        return new Maker(earlier, now).board();
    }

    private static final class Maker {
        private final Look earlierLook;
        private final Look nowLook;
        private final Meters earlier;
        private final Meters now;
        private final double seconds;

        Maker(Look earlier, Look now) {
            this.earlierLook = earlier;
            this.nowLook = now;
            this.earlier = earlier.all();
            this.now = now.all();
            this.seconds = Math.max(1e-3, (now.takenNanos() - earlier.takenNanos()) / NANOS);
        }

        Board board() {
            return new Board(seconds, steps(), sets(), consumers(), batches(), money(), processes(), nowLook.silent());
        }

        private List<Step> steps() {
            return List.of(
                    step(
                            "wrap",
                            rate("hongbao_send_packets_created_total", ANY),
                            "RPCs of send-svc",
                            "hongbao_send_requests_seconds",
                            rate("hongbao_send_refusals_total", ANY)),
                    new Step(
                            "publish",
                            rate("hongbao_send_packets_published_total", ANY),
                            "",
                            null,
                            null,
                            rate("hongbao_send_packets_closed_total", ANY)),
                    step(
                            "grab",
                            rate("hongbao_grab_grabs_total", ANY),
                            "Redis",
                            "hongbao_grab_redis_seconds",
                            rate("hongbao_grab_grabs_total", Map.of("source", "degraded"))),
                    step(
                            "open",
                            rate("hongbao_open_requests_total", ANY),
                            "commit",
                            "hongbao_open_commit_seconds",
                            rate("hongbao_open_requests_total", Map.of("result", "error"))),
                    step(
                            "settle",
                            rate("hongbao_wallet_credits_total", ANY),
                            "open to wallet",
                            "hongbao_wallet_credit_lag_seconds",
                            rate("hongbao_wallet_stuck_total", ANY)),
                    step(
                            "read",
                            rate("hongbao_query_reads_seconds_count", ANY),
                            "answer",
                            "hongbao_query_reads_seconds",
                            rate("hongbao_query_reads_seconds_count", ANY)
                                    - rate("hongbao_query_reads_seconds_count", Map.of("outcome", "ok"))));
        }

        private Step step(String name, double perSecond, String timed, String timer, double failing) {
            return new Step(name, perSecond, timed, millis(timer, 0.5), millis(timer, 0.99), failing);
        }

        private List<SetLine> sets() {
            var names = new TreeSet<>(now.values("hongbao_open_set_answering", "set"));
            names.addAll(now.values("hongbao_send_set_usable", "set"));
            var lines = new ArrayList<SetLine>();
            for (String set : names) {
                Map<String, String> ofSet = Map.of("set", set);
                lines.add(new SetLine(
                        set,
                        yes("hongbao_open_set_answering", ofSet),
                        yes("hongbao_send_set_usable", ofSet),
                        ofLanes("hongbao_open_lane_waiting", set),
                        ofLanes("hongbao_open_lane_remembered", set),
                        now.sum("hongbao_open_outbox_rows", ofSet),
                        now.reduce("hongbao_open_outbox_oldest_seconds", ofSet, Math::max)
                                .orElse(0)));
            }
            return lines;
        }

        /** Lanes are named after their SET: {@code set-a/0}. */
        private double ofLanes(String meter, String set) {
            return now.values(meter, "lane").stream()
                    .filter(lane -> lane.startsWith(set + "/"))
                    .mapToDouble(lane -> now.sum(meter, Map.of("lane", lane)))
                    .sum();
        }

        private List<Consumer> consumers() {
            String meter = "kafka_consumer_fetch_manager_records_lag_max";
            var lines = new ArrayList<Consumer>();
            nowLook.meters()
                    .forEach((process, meters) -> meters.values(meter, "client_id")
                            .forEach(client -> meters.reduce(meter, Map.of("client_id", client), Math::max)
                                    .ifPresent(lag -> lines.add(
                                            new Consumer(process, client.replace("kafka-consumer-", ""), lag)))));
            return lines;
        }

        private Batches batches() {
            return new Batches(
                    rate("hongbao_open_batch_shares_count", ANY),
                    mean("hongbao_open_batch_shares"),
                    mean("hongbao_open_batch_packets"),
                    millis("hongbao_open_queueing_seconds", 0.99),
                    rate("hongbao_open_commit_failures_total", ANY));
        }

        private Money money() {
            return new Money(
                    rate("hongbao_open_decided_fen_total", ANY),
                    rate("hongbao_wallet_booked_fen_total", ANY),
                    orNull(now.reduce("hongbao_wallet_stuck_open", ANY, Math::max)),
                    orNull(now.reduce("hongbao_open_packets_not_conserved_total", ANY, Double::sum)));
        }

        private List<Process> processes() {
            var lines = new ArrayList<Process>();
            nowLook.meters().forEach((process, meters) -> {
                Meters before = earlierLook.meters().getOrDefault(process, meters);
                lines.add(new Process(
                        process,
                        meters.since(before, "process_cpu_time_ns_total", ANY) / NANOS / seconds,
                        meters.sum("jvm_memory_used_bytes", Map.of("area", "heap")) / MIB));
            });
            return lines;
        }

        private double rate(String name, Map<String, String> labels) {
            return now.since(earlier, name, labels) / seconds;
        }

        private @Nullable Double mean(String summary) {
            double count = now.since(earlier, summary + "_count", ANY);
            return count <= 0 ? null : now.since(earlier, summary + "_sum", ANY) / count;
        }

        private @Nullable Double millis(String timer, double quantile) {
            OptionalDouble found = now.quantile(earlier, timer, quantile);
            return found.isPresent() ? found.getAsDouble() * MILLIS : null;
        }

        /** Whether every pod says so. */
        private @Nullable Boolean yes(String gauge, Map<String, String> labels) {
            OptionalDouble least = now.reduce(gauge, labels, Math::min);
            return least.isPresent() ? least.getAsDouble() > 0 : null;
        }

        private static @Nullable Double orNull(OptionalDouble value) {
            return value.isPresent() ? value.getAsDouble() : null;
        }
    }
}
