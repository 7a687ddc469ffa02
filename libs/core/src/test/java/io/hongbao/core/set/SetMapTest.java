package io.hongbao.core.set;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.set.SetMap.SetRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class SetMapTest {
    private static SetRange set(String name, String range, String active) {
        return new SetRange(name, SuffixRange.parse(range), SuffixRange.parse(active));
    }

    private static PacketId order(int suffix) {
        return PacketId.of(1, 2518, 0, 1, suffix);
    }

    @Test
    void shouldFindTheSetOfEverySuffix() {
        SetRange a = set("set-a", "00-49", "00-02");
        SetRange b = set("set-b", "50-99", "50-52");
        SetMap map = new SetMap(List.of(a, b));

        for (int suffix = 0; suffix <= PacketId.SUFFIX_MAX; suffix++) {
            assertEquals(suffix < 500 ? a : b, map.of(order(suffix)).orElseThrow());
        }
    }

    @Test
    void shouldFindNothingInAGap() {
        SetMap map = new SetMap(List.of(set("set-a", "00-09", "00"), set("set-b", "11-99", "11")));

        assertTrue(map.of(order(100)).isEmpty());
        assertTrue(map.of(order(99)).isPresent());
        assertTrue(map.of(order(110)).isPresent());
    }

    @Test
    void shouldServeADrainingSetThatGetsNoNewOrders() {
        SetMap map = new SetMap(List.of(set("set-a", "00-99", "")));

        assertEquals("set-a", map.of(order(0)).orElseThrow().name());
    }

    @Test
    void shouldRefuseTwoSetsThatClaimOneDatabase() {
        List<SetRange> sets = List.of(set("set-a", "00-50", "00"), set("set-b", "50-99", "51"));

        var refused = assertThrows(IllegalArgumentException.class, () -> new SetMap(sets));

        assertEquals("database 50 is claimed by set-a and by set-b", refused.getMessage());
    }

    @Test
    void shouldRefuseTwoSetsOfOneName() {
        List<SetRange> sets = List.of(set("set-a", "00", "00"), set("set-a", "01", "01"));

        assertThrows(IllegalArgumentException.class, () -> new SetMap(sets));
    }

    @Test
    void shouldRefuseToHaveNoSet() {
        assertThrows(IllegalArgumentException.class, () -> new SetMap(List.of()));
    }

    @Test
    void shouldRefuseActiveDatabasesOutsideTheRange() {
        assertThrows(IllegalArgumentException.class, () -> set("set-a", "00-49", "49-50"));
    }
}
