package io.hongbao.grab.ticket;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A token bucket that holds one second's tokens, without a lock and without a thread that refills it: what is kept is the
 * time at which the bucket would be full again (the generic cell rate algorithm, ITU-T I.371).
 */
public final class RateLimit {
    private static final long CAPACITY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long costNanos;
    private final LongSupplier nanoClock;
    private final AtomicLong fullAtNanos;

    /**
     * @param perSecond tokens per second, at least 1; also how many may be taken at once
     * @param nanoClock a monotonic clock
     */
    public RateLimit(int perSecond, LongSupplier nanoClock) {
        if (perSecond < 1) {
            throw new IllegalArgumentException("rate " + perSecond + " is below 1 per second");
        }
        this.costNanos = CAPACITY_NANOS / perSecond;
        this.nanoClock = nanoClock;
        this.fullAtNanos = new AtomicLong(nanoClock.getAsLong());
    }

    /** Takes a token if there is one. */
    public boolean tryTake() {
        long now = nanoClock.getAsLong();
        while (true) {
            long fullAt = fullAtNanos.get();
            long next = (fullAt - now > 0 ? fullAt : now) + costNanos;
            if (next - now > CAPACITY_NANOS) {
                return false;
            }
            if (fullAtNanos.compareAndSet(fullAt, next)) {
                return true;
            }
        }
    }
}
