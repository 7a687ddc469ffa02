package io.hongbao.client.region;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class OrderCircuitTest {
    private long nowNanos = Long.MAX_VALUE - 5;
    private final OrderCircuit circuit = new OrderCircuit(() -> nowNanos);

    @Test
    void shouldRestAfterFailuresInARow() {
        fail(OrderCircuit.FAILURES_MAX);

        assertFalse(circuit.admits());
        assertFalse(circuit.takes());
    }

    @Test
    void shouldNotMindFailuresWithSuccessesBetween() {
        fail(OrderCircuit.FAILURES_MAX - 1);
        circuit.taken();

        fail(OrderCircuit.FAILURES_MAX - 1);

        assertTrue(circuit.admits());
    }

    @Test
    void shouldLetOneOrderTryAfterTheRest() {
        fail(OrderCircuit.FAILURES_MAX);

        pass(OrderCircuit.REST);

        assertTrue(circuit.admits());
        assertFalse(circuit.admits());
    }

    @Test
    void shouldTakeOrdersAgainOnceOneIsTaken() {
        fail(OrderCircuit.FAILURES_MAX);
        pass(OrderCircuit.REST);
        circuit.admits();

        circuit.taken();

        assertTrue(circuit.admits());
        assertTrue(circuit.admits());
    }

    @Test
    void shouldRestAgainIfTheOneThatTriesFails() {
        fail(OrderCircuit.FAILURES_MAX);
        pass(OrderCircuit.REST);
        circuit.admits();

        circuit.failed();

        assertFalse(circuit.admits());
        pass(OrderCircuit.REST);
        assertTrue(circuit.admits());
    }

    @Test
    void shouldLetAnotherOneTryIfTheFirstIsNeverAnswered() {
        fail(OrderCircuit.FAILURES_MAX);
        pass(OrderCircuit.REST);
        circuit.admits();

        pass(OrderCircuit.TRY_MAX);

        assertTrue(circuit.admits());
    }

    private void fail(int count) {
        for (int i = 0; i < count; i++) {
            circuit.failed();
        }
    }

    private void pass(Duration time) {
        nowNanos += time.toNanos();
    }
}
