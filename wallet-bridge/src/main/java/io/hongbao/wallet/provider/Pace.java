package io.hongbao.wallet.provider;

import io.smallrye.mutiny.Uni;
import java.time.Duration;

/** At most so many per second, in the order of asking. */
public final class Pace {
    private final long nanosForOne;
    private long freeAtNanos = System.nanoTime();
    private long pausedUntilNanos = freeAtNanos;

    public Pace(int perSecondMax) {
        if (perSecondMax < 1) {
            throw new IllegalArgumentException("a pace is at least 1 per second, not " + perSecondMax);
        }
        this.nanosForOne = Duration.ofSeconds(1).toNanos() / perSecondMax;
    }

    /** Ends when it is the caller's turn. It takes that many turns, which come one after the other. */
    public Uni<Void> turn(int count) {
        return Uni.createFrom().deferred(() -> {
            Duration wait = reserve(count);
            // Timers know no less than a millisecond; a turn that comes a little early is made up for by the next.
            return wait.toMillis() == 0
                    ? Uni.createFrom().voidItem()
                    : Uni.createFrom().voidItem().onItem().delayIt().by(wait);
        });
    }

    private synchronized Duration reserve(int count) {
        long now = System.nanoTime();
        long turn = freeAtNanos - now > 0 ? freeAtNanos : now;
        freeAtNanos = turn + count * nanosForOne;
        return Duration.ofNanos(turn - now);
    }

    /**
     * No turn for this long: somebody said that we are too fast.
     *
     * @return whether this began a pause; not while one lasts, since what was asked before it says nothing new
     */
    public synchronized boolean pause(Duration pause) {
        long now = System.nanoTime();
        if (pausedUntilNanos - now > 0) {
            return false;
        }
        pausedUntilNanos = now + pause.toNanos();
        if (pausedUntilNanos - freeAtNanos > 0) {
            freeAtNanos = pausedUntilNanos;
        }
        return true;
    }
}
