package io.hongbao.client.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegionRankingTest {
    private static final int REQUEST_COUNT = 20_000;

    @Test
    void shouldSpreadRequestsByWeight() {
        long northern = countNorthern(Map.of(1, 90, 2, 10));

        // 4 standard deviations of a binomial distribution are 170.
        assertEquals(0.9 * REQUEST_COUNT, northern, 170);
    }

    @Test
    void shouldKeepARequestInItsRegion() {
        Map<Integer, Integer> weights = Map.of(1, 1, 2, 1);

        assertEquals(RegionRanking.of("request-7", weights), RegionRanking.of("request-7", weights));
    }

    @Test
    void shouldMoveOnlyWhatAChangedWeightMustMove() {
        for (int i = 0; i < REQUEST_COUNT; i++) {
            int before = RegionRanking.of("request-" + i, Map.of(1, 50, 2, 50)).getFirst();
            int after = RegionRanking.of("request-" + i, Map.of(1, 80, 2, 50)).getFirst();
            assertTrue(before == after || after == 1, "request-" + i + " left the region that got more");
        }
    }

    @Test
    void shouldLeaveOutARegionWithoutWeight() {
        assertEquals(List.of(2), RegionRanking.of("request-7", Map.of(1, 0, 2, 1)));
    }

    private static long countNorthern(Map<Integer, Integer> weights) {
        long northern = 0;
        for (int i = 0; i < REQUEST_COUNT; i++) {
            if (RegionRanking.of("request-" + i, weights).getFirst() == 1) {
                northern++;
            }
        }
        return northern;
    }
}
