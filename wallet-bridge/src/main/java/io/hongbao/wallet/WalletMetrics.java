package io.hongbao.wallet;

import io.hongbao.kit.LagBuckets;
import io.hongbao.wallet.payout.PayoutNews;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Every meter of wallet-bridge, by name. */
@ApplicationScoped
public class WalletMetrics {
    /** What a payment call came to. */
    public enum PaymentOutcome {
        CREATED,
        CREATE_REPLAYED,
        CONFIRMED,
        CONFIRM_REPLAYED,
        /** Confirmed, and the packet was not published with it; it is published later. */
        UNPUBLISHED,
        CLOSED,
        REFUSED
    }

    private static final String PREFIX = "hongbao.wallet.";

    /** A statement takes milliseconds; its caller's patience ends before the last bucket. */
    private static final Duration[] STATEMENT_TIMES = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10)
    };

    /** A statement, and whether the ledger answered it. */
    private record Answered(String statement, boolean answered) {}

    private final MeterRegistry registry;
    private final Map<PaymentOutcome, Counter> payments = new EnumMap<>(PaymentOutcome.class);
    private final Map<Answered, Timer> statements = new ConcurrentHashMap<>();
    private final DistributionSummary batchSize;
    private final Timer creditLag;
    private final AtomicLong stuckOpen;
    private final Timer payoutLag;
    private final AtomicLong payoutsWaiting;
    private final AtomicLong payoutsOldestSeconds;
    private final AtomicLong payoutsSuspended;
    private final AtomicLong suspenseFen;

    public WalletMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.batchSize = DistributionSummary.builder(PREFIX + "settlement.batch.size")
                .description("Transfers handed to the ledger in one statement")
                .register(registry);
        this.creditLag = Timer.builder(PREFIX + "credit.lag")
                .description("From the decision of a share or refund to its booking; clocks of two machines")
                .serviceLevelObjectives(LagBuckets.all())
                .register(registry);
        this.stuckOpen = registry.gauge(PREFIX + "stuck.open", new AtomicLong());
        this.payoutLag = Timer.builder(PREFIX + "payout.lag")
                .description("From the decision of a share or refund to its owner's account; clocks of two machines")
                .serviceLevelObjectives(LagBuckets.all())
                .register(registry);
        this.payoutsWaiting = registry.gauge(PREFIX + "payouts.waiting", new AtomicLong());
        this.payoutsOldestSeconds = registry.gauge(PREFIX + "payouts.oldest.seconds", new AtomicLong());
        this.payoutsSuspended = registry.gauge(PREFIX + "payouts.suspended", new AtomicLong());
        this.suspenseFen = registry.gauge(PREFIX + "suspense.fen", new AtomicLong());
        for (PaymentOutcome outcome : PaymentOutcome.values()) {
            payments.put(outcome, counter("payments", "outcome", outcome));
        }
    }

    public void payment(PaymentOutcome outcome) {
        Objects.requireNonNull(payments.get(outcome)).increment();
    }

    /**
     * Makes the counters of an event that has not happened: an alert on a counter that is made by its first event misses
     * that event.
     */
    public void expect(String name, String tag, Enum<?>[] values) {
        for (Enum<?> value : values) {
            counter(name, tag, value);
        }
    }

    /** @param lag from the decision to now; a clock ahead of ours counts as none */
    public void booked(Enum<?> kind, long amountFen, Duration lag) {
        counter("credits", "kind", kind).increment();
        counter("booked.fen", "kind", kind).increment(amountFen);
        creditLag.record(lag.isNegative() ? Duration.ZERO : lag);
    }

    public void settlementBatch(int transferCount) {
        batchSize.record(transferCount);
    }

    /** Takes the number of payments in each statement of a kind. */
    public DistributionSummary paymentBatches(Enum<?> kind) {
        return registry.summary(
                PREFIX + "payments.batch.size", "kind", kind.name().toLowerCase(Locale.ROOT));
    }

    public void watchPayments(Enum<?> kind, Supplier<Number> waitingCount) {
        Gauge.builder(PREFIX + "payments.waiting", waitingCount)
                .description("Payments that wait for a statement")
                .tag("kind", kind.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    /** A transfer was given up after the last retry. */
    public void stuck(Enum<?> reason) {
        counter("stuck", "reason", reason).increment();
    }

    /** How many transfers are stuck at this moment; above 0 somebody has to look. */
    public void stuckOpen(long transferCount) {
        stuckOpen.set(transferCount);
    }

    /** A callback of the payment provider, by what it came to. */
    public void callback(Enum<?> verdict) {
        counter("callbacks", "verdict", verdict).increment();
    }

    /** An attempt to fetch the provider's daily bill. */
    public void bill(Enum<?> outcome) {
        counter("bills", "outcome", outcome).increment();
    }

    /** What a provider said of a payout. */
    public void payout(Enum<?> kind, PayoutNews news) {
        String said = news.getClass().getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "_");
        registry.counter(
                        PREFIX + "payouts",
                        "kind",
                        kind.name().toLowerCase(Locale.ROOT),
                        "news",
                        said.toLowerCase(Locale.ROOT))
                .increment();
    }

    /** @param lag from the decision to the owner's account */
    public void paidOut(Duration lag) {
        payoutLag.record(lag.isNegative() ? Duration.ZERO : lag);
    }

    /** A payout was given up; its money is in suspense. */
    public void suspended(Enum<?> kind) {
        counter("suspended", "kind", kind).increment();
    }

    /** How payouts stand at this moment; above 0 suspended somebody has to look. */
    public void payoutBacklog(long waitingCount, double oldestSeconds, long suspendedCount, long suspenseBalanceFen) {
        payoutsWaiting.set(waitingCount);
        payoutsOldestSeconds.set((long) oldestSeconds);
        payoutsSuspended.set(suspendedCount);
        suspenseFen.set(suspenseBalanceFen);
    }

    /** A record or event that can never be read, and was skipped. */
    public void unreadable(Enum<?> what) {
        counter("unreadable", "what", what).increment();
    }

    public void statement(String name, Duration time, boolean answered) {
        statements
                .computeIfAbsent(new Answered(name, answered), this::statementTimer)
                .record(time);
    }

    private Timer statementTimer(Answered answered) {
        return Timer.builder(PREFIX + "statement.time")
                .tag("statement", answered.statement)
                .tag("answered", Boolean.toString(answered.answered))
                .serviceLevelObjectives(STATEMENT_TIMES)
                .register(registry);
    }

    private Counter counter(String name, String tag, Enum<?> value) {
        return registry.counter(PREFIX + name, tag, value.name().toLowerCase(Locale.ROOT));
    }
}
