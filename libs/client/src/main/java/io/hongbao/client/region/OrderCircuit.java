package io.hongbao.client.region;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Whether a region is offered new orders. Thread-safe.
 *
 * <pre>
 * taking ── FAILURES_MAX failures in a row ──▶ resting ── REST is over: one order tries ──▶ trying
 *    ▲                                            ▲                                          │ │
 *    │                                            └────────── it failed, or is lost ─────────┘ │
 *    └────────────────────────────── it was taken ────────────────────────────────────────────┘
 * </pre>
 *
 * The order that tries is a real one: it is the only proof that orders are taken, for a region may answer and take none.
 * It costs its caller nothing but time, for a failed one goes to the next region.
 */
public final class OrderCircuit {
    /** One failure is a pod that ended; three in a row, with no success among them, are the region. */
    static final int FAILURES_MAX = 3;
    /** As long as the services ask to wait before a retry. */
    static final Duration REST = Duration.ofSeconds(1);
    /** The default deadline of a call: an order that has not been answered by then has failed or was given up. */
    static final Duration TRY_MAX = Duration.ofSeconds(3);

    private sealed interface State {
        record Taking(int failureCount) implements State {}

        record Resting(long untilNanos) implements State {}

        record Trying(long untilNanos) implements State {}
    }

    private final LongSupplier nanoTime;
    private State state = new State.Taking(0);

    public OrderCircuit() {
        this(System::nanoTime);
    }

    OrderCircuit(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Whether an order may be offered now. If it is the one that tries, no other one may until it is answered. */
    public synchronized boolean admits() {
        return switch (state) {
            case State.Taking taking -> true;
            case State.Resting(long until) -> tryAfter(until);
            case State.Trying(long until) -> tryAfter(until);
        };
    }

    private boolean tryAfter(long untilNanos) {
        long now = nanoTime.getAsLong();
        if (now - untilNanos < 0) {
            return false;
        }
        state = new State.Trying(now + TRY_MAX.toNanos());
        return true;
    }

    /** Whether orders are taken as far as is known; asking changes nothing. */
    public synchronized boolean takes() {
        return switch (state) {
            case State.Taking taking -> true;
            case State.Resting resting -> false;
            case State.Trying trying -> false;
        };
    }

    /** An order was taken, or refused for its own sake. */
    public synchronized void taken() {
        state = new State.Taking(0);
    }

    /** An order was not taken, for a reason that the next one would meet too. */
    public synchronized void failed() {
        state = switch (state) {
            case State.Taking(int count) when count + 1 < FAILURES_MAX -> new State.Taking(count + 1);
            case State.Taking all -> rest();
            case State.Trying tried -> rest();
            // Orders that were under way before; they do not make the rest longer.
            case State.Resting resting -> resting;
        };
    }

    private State rest() {
        return new State.Resting(nanoTime.getAsLong() + REST.toNanos());
    }
}
