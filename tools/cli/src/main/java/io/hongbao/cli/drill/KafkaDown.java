package io.hongbao.cli.drill;

import io.hongbao.cli.promise.StoreReader;
import java.sql.SQLException;
import java.time.Duration;

/** Kafka is away under load: opens go on, their events wait in the outbox, and money moves once, later. */
final class KafkaDown implements Drill {
    /** It lives in the JVM of the servers, so it is stopped and not killed; to everybody else it is away all the same. */
    private static final String KAFKA = "kafka";

    /** Kafka starts in seconds; then the relay and the ledger catch up with what a phase of load left. */
    private static final Duration DRAIN_MAX = Duration.ofSeconds(120);
    /** The load has two cores with everything else; less than this would be a stop and not a breath. */
    private static final double THROUGHPUT_SHARE_MIN = 0.5;

    @Override
    public String name() {
        return "kafka-down";
    }

    @Override
    public String summary() {
        return "Kafka goes away: opens go on, the outboxes grow and drain, nothing is credited twice";
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        DrillStack stack = drill.start();
        SteadyLoad load = stack.load();
        LoadWindow before = load.measure(drill.loadTime());
        drill.figures("before", before);

        stack.servers().stop(KAFKA);
        LoadWindow during = load.measure(drill.loadTime());
        drill.figures("during", during);
        long waiting = outboxRowCount(stack);
        drill.figure("outbox_rows_without_kafka", waiting);
        drill.require(waiting > 0, "nothing waited in the outboxes, so Kafka was not missed");
        drill.require(during.errorCount() == 0, "errors without Kafka: " + during.errors());
        for (String set : load.sets()) {
            double share = during.of(Step.OPEN, set).perSecond()
                    / before.of(Step.OPEN, set).perSecond();
            drill.require(
                    share >= THROUGHPUT_SHARE_MIN, "%s kept only %.0f %% of its opens".formatted(set, 100 * share));
        }

        stack.servers().restart(KAFKA);
        stack.stopLoad();
        long drainMillis = drill.await("the outboxes to drain", DRAIN_MAX, () -> outboxRowCount(stack) == 0);
        drill.figure("drain_ms", drainMillis);
    }

    private static long outboxRowCount(DrillStack stack) throws SQLException {
        return StoreReader.read(stack.running().stores()).orders().outboxRowCount();
    }
}
