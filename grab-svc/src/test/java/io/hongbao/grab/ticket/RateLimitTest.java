package io.hongbao.grab.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private final AtomicLong nowNanos = new AtomicLong(-5);
    private final RateLimit limit = new RateLimit(10, nowNanos::get);

    private int taken(int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += limit.tryTake() ? 1 : 0;
        }
        return taken;
    }

    @Test
    void shouldGiveOneSecondsTokensAtOnceAndNoMore() {
        assertEquals(10, taken(1_000));
    }

    @Test
    void shouldRefillWithTime() {
        taken(1_000);
        nowNanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(350));

        assertEquals(3, taken(1_000));
    }

    @Test
    void shouldHoldNoMoreThanOneSecondsTokensAfterALongRest() {
        taken(1_000);
        nowNanos.addAndGet(TimeUnit.HOURS.toNanos(1));

        assertEquals(10, taken(1_000));
    }
}
