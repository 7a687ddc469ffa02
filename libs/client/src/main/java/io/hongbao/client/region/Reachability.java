package io.hongbao.client.region;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Whether a service of a region can be reached at all: what a call would otherwise learn by waiting for its deadline,
 * where a network swallows what is sent. Refused connections fail at once by themselves. Thread-safe.
 *
 * <pre>
 * here ── FAILURES_MAX calls in a row without any answer ──▶ suspected ── the probe hears nothing ──▶ away
 *   ▲                                                            │                                     │
 *   ├─────────── the probe, or a call, is answered ──────────────┘          PAUSE is over: a probe, by │
 *   └──────────────────────────── it is answered ──────────────────────────── the next call that comes ┘
 * </pre>
 *
 * Calls go out while the service is suspected: many calls on one broken connection fail at once while all other pods are
 * well, and only the probe tells the difference. No user's call is a probe.
 */
public final class Reachability {
    /** Two may be chance; more would wait for their deadlines for nothing. */
    static final int FAILURES_MAX = 3;
    /** Between two probes of a service that is away, and so the longest it is missed after its return. */
    static final Duration PAUSE = Duration.ofMillis(500);

    /** Asks the service for a sign of life, and tells whether there was one; must tell in any case. */
    @FunctionalInterface
    public interface Probe {
        void ask(Consumer<Boolean> answered);
    }

    private sealed interface State {
        record Here(int failureCount) implements State {}

        record Suspected() implements State {}

        record Away(long probeAtNanos) implements State {}

        record Probing() implements State {}
    }

    /** The one state of almost all calls: it is looked at without a lock. */
    private static final State WELL = new State.Here(0);

    private final Probe probe;
    private final LongSupplier nanoTime;
    private volatile State state = WELL;

    public Reachability(Probe probe) {
        this(probe, System::nanoTime);
    }

    Reachability(Probe probe, LongSupplier nanoTime) {
        this.probe = probe;
        this.nanoTime = nanoTime;
    }

    /** Whether a call should be sent; one that should not may cause a probe. */
    public boolean admits() {
        if (state == WELL) {
            return true;
        }
        synchronized (this) {
            switch (state) {
                case State.Here here -> {
                    return true;
                }
                case State.Suspected suspected -> {
                    return true;
                }
                case State.Probing probing -> {
                    return false;
                }
                case State.Away(long probeAt) -> {
                    if (nanoTime.getAsLong() - probeAt < 0) {
                        return false;
                    }
                    state = new State.Probing();
                }
            }
        }
        probe.ask(this::probed);
        return false;
    }

    /** Somebody answered a call: the service itself, whatever it said. */
    public void answered() {
        if (state != WELL) {
            synchronized (this) {
                state = WELL;
            }
        }
    }

    /** Nobody answered a call. */
    public void silent() {
        synchronized (this) {
            if (!(state instanceof State.Here(int count))) {
                return;
            }
            state = count + 1 < FAILURES_MAX ? new State.Here(count + 1) : new State.Suspected();
            if (state instanceof State.Here) {
                return;
            }
        }
        probe.ask(this::probed);
    }

    private synchronized void probed(boolean answered) {
        if (answered) {
            state = WELL;
        } else if (!(state instanceof State.Here)) {
            state = new State.Away(nanoTime.getAsLong() + PAUSE.toNanos());
        }
    }
}
