package io.hongbao.core.set;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.set.ServedSets.Place;
import io.hongbao.core.set.SetMap.SetRange;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServedSetsTest {
    private static final List<SetRange> CONFIGURED =
            List.of(set("set-a", "00-39", "00-02"), set("set-b", "50-89", "50-52"));

    private static SetRange set(String name, String range, String active) {
        return new SetRange(name, SuffixRange.parse(range), SuffixRange.parse(active));
    }

    private static String servedBy(ServedSets sets, int database) {
        var id = PacketId.of(1, 2_000, 7, 1, database * 10);
        return sets.map().of(id).map(SetRange::name).orElse("nobody");
    }

    private static List<Integer> active(ServedSets sets, String name) {
        return sets.map().sets().stream()
                .filter(set -> set.name().equals(name))
                .findFirst()
                .orElseThrow()
                .active()
                .databases();
    }

    @Test
    void shouldServeWhatWasAdded() {
        var sets = ServedSets.of(CONFIGURED, List.of(set("set-c", "40-44", "40")), List.of());

        assertEquals("set-c", servedBy(sets, 41));
        assertEquals("set-a", servedBy(sets, 39));
        assertEquals("nobody", servedBy(sets, 45));
        assertEquals(List.of(40), active(sets, "set-c"));
        assertEquals(List.of(), sets.refused());
    }

    @Test
    void shouldLeaveOutASetThatClaimsWhatAnotherOneServes() {
        var sets = ServedSets.of(CONFIGURED, List.of(set("set-c", "39-44", "40"), set("set-d", "45", "45")), List.of());

        assertEquals("set-a", servedBy(sets, 39));
        assertEquals("nobody", servedBy(sets, 40));
        assertEquals("set-d", servedBy(sets, 45));
        assertEquals(List.of("database 39 is claimed by set-a and by set-c"), sets.refused());
    }

    @Test
    void shouldGoByTheConfigurationOnceItNamesASetThatWasAdded() {
        var sets = ServedSets.of(CONFIGURED, List.of(set("set-a", "40", "40")), List.of());

        assertEquals("nobody", servedBy(sets, 40));
        assertEquals(List.of(), sets.refused());
    }

    @Test
    void shouldGiveNoNewOrdersToADatabaseThatMoves() {
        var sets = ServedSets.of(CONFIGURED, List.of(), List.of(new Place(1, Optional.empty(), true)));

        assertEquals("set-a", servedBy(sets, 1));
        assertEquals(List.of(0, 2), active(sets, "set-a"));
    }

    @Test
    void shouldServeADatabaseWhereItHasMovedTo() {
        var sets = ServedSets.of(CONFIGURED, List.of(), List.of(new Place(1, Optional.of("set-b"), false)));

        assertEquals("set-b", servedBy(sets, 1));
        assertEquals(List.of(0, 2), active(sets, "set-a"));
        assertEquals(List.of(1, 50, 51, 52), active(sets, "set-b"));
    }

    @Test
    void shouldKeepASetAllOfWhoseDatabasesHaveLeft() {
        var sets = ServedSets.of(
                List.of(set("set-a", "00-01", "00"), set("set-b", "50", "50")),
                List.of(),
                List.of(new Place(50, Optional.of("set-a"), false)));

        assertEquals("set-a", servedBy(sets, 50));
        assertEquals(List.of(), active(sets, "set-b"));
    }

    @Test
    void shouldLeaveADatabaseWhereItWasIfItsPlaceIsNotKnown() {
        var sets = ServedSets.of(CONFIGURED, List.of(), List.of(new Place(1, Optional.of("set-x"), false)));

        assertEquals("set-a", servedBy(sets, 1));
        assertEquals(List.of("database 1 has moved to set-x, which is not known here"), sets.refused());
    }

    @Test
    void shouldFailIfTheConfigurationContradictsItself() {
        var twice = List.of(set("set-a", "00-10", "00"), set("set-b", "10-20", "20"));

        assertThrows(IllegalArgumentException.class, () -> ServedSets.of(twice, List.of(), List.of()));
    }
}
