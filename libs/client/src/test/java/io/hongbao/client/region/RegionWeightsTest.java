package io.hongbao.client.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RegionWeightsTest {
    @Test
    void shouldTurnOneWeightAndLeaveTheOthers() {
        RegionWeights weights = RegionWeights.of(Map.of(1, 90, 2, 10));

        weights.set(1, 0);

        assertEquals(Map.of(1, 0, 2, 10), weights.now());
    }

    @Test
    void shouldRefuseToCloseEveryRegion() {
        RegionWeights weights = RegionWeights.only(1);

        assertThrows(IllegalArgumentException.class, () -> weights.set(1, 0));

        assertEquals(Map.of(1, 1), weights.now());
    }

    @Test
    void shouldRefuseAWeightBelowZero() {
        assertThrows(IllegalArgumentException.class, () -> RegionWeights.of(Map.of(1, 5, 2, -1)));
    }
}
