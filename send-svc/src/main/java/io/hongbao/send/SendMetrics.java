package io.hongbao.send;

import io.hongbao.kit.GroupCommit;
import io.hongbao.orders.DayMove.Outcome;
import io.hongbao.send.number.OrderNumbers;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** Every meter of send-svc, and the only place that names them. */
@ApplicationScoped
public class SendMetrics {
    private static final String PREFIX = "hongbao.send.";

    /** Buckets add up over pods, as percentiles of a pod do not. Wrapping is two commits, on two servers. */
    private static final Duration[] ANSWER_TIMES = {
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };

    private final MeterRegistry registry;
    private final Counter created;
    private final Counter replayed;
    private final Counter published;
    private final Counter closed;
    private final Counter paidButClosed;
    private final Counter stockLoadFailures;
    private final Counter walletFailures;
    private final Counter blocks;
    private final Map<String, Timer> answers = new ConcurrentHashMap<>();
    private final Map<String, DistributionSummary> batches = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> gauges = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> lastSuccesses = new ConcurrentHashMap<>();

    SendMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.created = counter("packets.created", "Orders made, with their payment asked for");
        this.replayed = counter("packets.replayed", "Requests whose id was answered before");
        this.published = counter("packets.published", "Packets published by this pod");
        this.closed = counter("packets.closed", "Unpaid orders closed by this pod");
        this.paidButClosed = counter("packets.paid.but.closed", "Publications of closed orders; any is an alarm");
        this.stockLoadFailures = counter("stock.load.failures", "Packets whose stock Redis did not take");
        this.walletFailures = counter("wallet.failures", "Calls that wallet-bridge did not answer");
        this.blocks = counter("number.blocks", "Blocks of order numbers taken");
        // From the start: an alert on a counter that is made by its first event misses that event.
        for (Outcome outcome : Outcome.values()) {
            coldMoves(outcome);
        }
    }

    public void created() {
        created.increment();
    }

    public void replayed() {
        replayed.increment();
    }

    public void published(int count) {
        published.increment(count);
    }

    public void closed() {
        closed.increment();
    }

    public void paidButClosed() {
        paidButClosed.increment();
    }

    public void stockLoadFailed() {
        stockLoadFailures.increment();
    }

    public void walletFailed() {
        walletFailures.increment();
    }

    public void blockTaken() {
        blocks.increment();
    }

    /** An RPC was answered, well or not. */
    public void answered(String method, Duration time) {
        answers.computeIfAbsent(method, this::answers).record(time);
    }

    private Timer answers(String method) {
        return Timer.builder(PREFIX + "requests")
                .description("Answered RPCs, and how long they took")
                .tag("method", method)
                .serviceLevelObjectives(ANSWER_TIMES)
                .register(registry);
    }

    /** An RPC that ended in an error. @param reason as the caller hears it */
    public void refused(String method, String reason) {
        registry.counter(PREFIX + "refusals", "method", method, "reason", reason)
                .increment();
    }

    /** An order that was given to another SET because this one failed. */
    public void repicked(String set) {
        registry.counter(PREFIX + "sets.repicked", "set", set).increment();
    }

    /** A statement for several orders. @param kind insert, read or publish */
    public void batch(String kind, int size) {
        batches.computeIfAbsent(
                        kind,
                        name -> DistributionSummary.builder(PREFIX + "batch.size")
                                .description("Orders in one statement")
                                .tag("kind", name)
                                .register(registry))
                .record(size);
    }

    /** A logical database's day that was to move to the cold store. @param outcome what became of it */
    public void coldMove(Outcome outcome) {
        coldMoves(outcome).increment();
    }

    private Counter coldMoves(Outcome outcome) {
        return registry.counter(PREFIX + "cold.moves", "outcome", outcome.name().toLowerCase(Locale.ROOT));
    }

    /** Differences between stores that are open now. @param kind as reconciliation names it */
    public void reconDifferences(String kind, long openCount) {
        gauge("recon.differences", Tags.of("kind", kind)).set(openCount);
    }

    /**
     * The newest reconciliation of a SET.
     *
     * @param conservationFen paid - opened - remaining - refunded, always 0
     * @param atSeconds when, seconds since 1970
     */
    public void reconciled(String set, long conservationFen, long atSeconds) {
        gauge("recon.conservation.fen", Tags.of("set", set)).set(conservationFen);
        gauge("recon.last.run.seconds", Tags.of("set", set)).set(atSeconds);
    }

    private AtomicLong gauge(String name, Tags tags) {
        return gauges.computeIfAbsent(name + tags, key -> registry.gauge(PREFIX + name, tags, new AtomicLong()));
    }

    public void jobRan(String job, long handledCount, long failureCount) {
        Tags tags = Tags.of("task", job);
        registry.counter(PREFIX + "job.runs", tags).increment();
        registry.counter(PREFIX + "job.handled", tags).increment(handledCount);
        registry.counter(PREFIX + "job.failures", tags).increment(failureCount);
        if (failureCount == 0) {
            lastSuccesses
                    .computeIfAbsent(
                            job,
                            name -> registry.gauge(
                                    PREFIX + "job.last.success.timestamp.seconds", tags, new AtomicLong()))
                    .set(System.currentTimeMillis() / 1_000);
        }
    }

    public void watchQueue(String kind, GroupCommit<?, ?, ?> queue) {
        Gauge.builder(PREFIX + "queue.waiting", queue, GroupCommit::waitingCount)
                .description("Orders that wait for a statement")
                .tag("kind", kind)
                .register(registry);
    }

    public void watchNumbers(OrderNumbers numbers) {
        Gauge.builder(PREFIX + "numbers.left", numbers, OrderNumbers::left)
                .description("Order numbers at hand")
                .register(registry);
    }

    /**
     * @param answering by the probe of this pod
     * @param usable whether new orders may go there
     */
    public void watchSet(String set, BooleanSupplier answering, BooleanSupplier usable) {
        Gauge.builder(PREFIX + "set.answering", answering, watched -> watched.getAsBoolean() ? 1 : 0)
                .description("Whether the SET's server answers")
                .tag("set", set)
                .strongReference(true)
                .register(registry);
        Gauge.builder(PREFIX + "set.usable", usable, watched -> watched.getAsBoolean() ? 1 : 0)
                .description("Whether the SET gets new orders")
                .tag("set", set)
                .strongReference(true)
                .register(registry);
    }

    public void watchDatabases(String set, IntSupplier databaseCount) {
        Gauge.builder(PREFIX + "set.databases", databaseCount, IntSupplier::getAsInt)
                .description("Logical databases of the SET that get new orders")
                .tag("set", set)
                .strongReference(true)
                .register(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(PREFIX + name).description(description).register(registry);
    }
}
