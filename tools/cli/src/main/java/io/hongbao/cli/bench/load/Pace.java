package io.hongbao.cli.bench.load;

/** When the next call is made. */
public sealed interface Pace {
    /** When one is answered: finds the peak, and flatters latency. */
    record ClosedLoop(int inFlight) implements Pace {
        public ClosedLoop {
            if (inFlight < 1) {
                throw new IllegalArgumentException("at least one call must be in flight, not " + inFlight);
            }
        }
    }

    /**
     * At fixed times, answered or not, as users do. Latency counts from the moment a call was due, so that a server that
     * stalls cannot hide the calls it kept from being made.
     */
    record ConstantRate(double perSecond) implements Pace {
        public ConstantRate {
            if (!(perSecond > 0 && perSecond <= RATE_MAX)) {
                throw new IllegalArgumentException("the rate must be above 0 and at most " + RATE_MAX);
            }
        }

        /** When call {@code number}, from 0, is due, nanoseconds after the first. */
        public long dueNanos(long number) {
            return (long) (number * (1e9 / perSecond));
        }

        /** How many calls are due once {@code nanos} have passed since the first. */
        public long dueCount(long nanos) {
            long count = (long) (nanos * perSecond / 1e9) + 1;
            // The product is rounded: a call is due when its own time has come, not a moment before.
            while (count > 0 && dueNanos(count - 1) > nanos) {
                count--;
            }
            while (dueNanos(count) <= nanos) {
                count++;
            }
            return count;
        }
    }

    /** One thread makes the calls; beyond this it would measure itself. */
    double RATE_MAX = 1_000_000;
}
