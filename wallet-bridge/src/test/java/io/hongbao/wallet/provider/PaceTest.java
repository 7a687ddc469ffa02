package io.hongbao.wallet.provider;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Lower bounds only: how much later a turn comes is the machine's affair. */
class PaceTest {
    private static final Duration TURN_TIME_MAX = Duration.ofSeconds(20);

    @Test
    void shouldKeepToItsPaceHoweverManyAskAtOnce() {
        // given
        var pace = new Pace(100);
        long begunNanos = System.nanoTime();
        // when
        Uni.join()
                .all(IntStream.range(0, 51).mapToObj(i -> pace.turn(1)).toList())
                .andFailFast()
                .await()
                .atMost(TURN_TIME_MAX);
        // then
        assertTrue(millisSince(begunNanos) >= 490, millisSince(begunNanos) + " ms");
    }

    @Test
    void shouldCountManyTurnsOfOneCaller() {
        // given
        var pace = new Pace(100);
        long begunNanos = System.nanoTime();
        // when
        pace.turn(30).await().atMost(TURN_TIME_MAX);
        pace.turn(1).await().atMost(TURN_TIME_MAX);
        // then
        assertTrue(millisSince(begunNanos) >= 290, millisSince(begunNanos) + " ms");
    }

    @Test
    void shouldGiveNoTurnDuringAPause() {
        // given
        var pace = new Pace(1_000);
        long begunNanos = System.nanoTime();
        // when
        pace.pause(Duration.ofMillis(300));
        pace.turn(1).await().atMost(TURN_TIME_MAX);
        // then
        assertTrue(millisSince(begunNanos) >= 290, millisSince(begunNanos) + " ms");
    }

    @Test
    void shouldBeginOnePauseForAllThatWereRefusedTogether() {
        // given
        var pace = new Pace(1_000);
        assertTrue(pace.pause(TURN_TIME_MAX));
        // when, then
        assertFalse(pace.pause(TURN_TIME_MAX));
    }

    private static long millisSince(long begunNanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNanos);
    }
}
