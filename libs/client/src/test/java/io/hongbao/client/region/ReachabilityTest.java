package io.hongbao.client.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ReachabilityTest {
    private final Deque<Consumer<Boolean>> probes = new ArrayDeque<>();
    private long nowNanos = Long.MAX_VALUE - 5;
    private final Reachability reachability = new Reachability(probes::add, () -> nowNanos);

    @Test
    void shouldSendCallsWhileAServiceIsOnlySuspected() {
        silence();

        assertTrue(reachability.admits());
        assertEquals(1, probes.size());
    }

    @Test
    void shouldForgetASuspicionThatAProbeAnswers() {
        silence();

        probes.remove().accept(true);

        assertTrue(reachability.admits());
        assertTrue(probes.isEmpty());
    }

    @Test
    void shouldRefuseCallsOnceTheProbeHearsNothing() {
        silence();

        probes.remove().accept(false);

        assertFalse(reachability.admits());
        assertTrue(probes.isEmpty(), "a probe before its time");
    }

    @Test
    void shouldProbeAgainAfterAPauseAndOnlyOnce() {
        silence();
        probes.remove().accept(false);

        pass(Reachability.PAUSE);

        assertFalse(reachability.admits());
        assertFalse(reachability.admits());
        assertEquals(1, probes.size());
    }

    @Test
    void shouldSendCallsAgainOnceAProbeIsAnswered() {
        silence();
        probes.remove().accept(false);
        pass(Reachability.PAUSE);
        reachability.admits();

        probes.remove().accept(true);

        assertTrue(reachability.admits());
    }

    @Test
    void shouldNotSuspectAServiceThatAnswersBetween() {
        for (int i = 0; i < 10; i++) {
            reachability.silent();
            reachability.silent();
            reachability.answered();
        }

        assertTrue(probes.isEmpty());
    }

    @Test
    void shouldBelieveAnAnsweredCallMoreThanAProbeThatCameLate() {
        silence();
        reachability.answered();

        probes.remove().accept(false);

        assertTrue(reachability.admits());
    }

    private void silence() {
        for (int i = 0; i < Reachability.FAILURES_MAX; i++) {
            reachability.silent();
        }
    }

    private void pass(Duration time) {
        nowNanos += time.toNanos();
    }
}
