package io.hongbao.grab.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GrabBrakeTest {
    private OptionalInt wanted = OptionalInt.empty();
    private final GrabBrake brake = new GrabBrake(() -> wanted, () -> 0);

    private long passed() {
        return IntStream.range(0, 1_000).filter(i -> brake.lets()).count();
    }

    @Test
    void shouldLetAllPassUnlessOperatorsSayOtherwise() {
        assertEquals(1_000, passed());
    }

    @Test
    void shouldLetOneSecondsGrabsPass() {
        wanted = OptionalInt.of(50);

        assertEquals(50, passed());
    }

    @Test
    void shouldFollowANewRateAndItsEnd() {
        wanted = OptionalInt.of(50);
        passed();

        wanted = OptionalInt.of(20);
        assertEquals(20, passed());
        wanted = OptionalInt.empty();
        assertEquals(1_000, passed());
    }

    @Test
    void shouldLetNonePassAtZero() {
        wanted = OptionalInt.of(0);

        assertEquals(0, passed());
    }
}
