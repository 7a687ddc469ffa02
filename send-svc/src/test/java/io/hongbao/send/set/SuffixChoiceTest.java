package io.hongbao.send.set;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.control.ControlData.Mask;
import io.hongbao.core.set.SetMap;
import io.hongbao.core.set.SetMap.SetRange;
import io.hongbao.core.set.SuffixRange;
import io.hongbao.send.set.SuffixChoice.Place;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SuffixChoiceTest {
    private static final SetMap SETS = new SetMap(List.of(
            new SetRange("set-a", SuffixRange.parse("00-49"), SuffixRange.parse("00-01")),
            new SetRange("set-b", SuffixRange.parse("50-98"), SuffixRange.parse("57")),
            new SetRange("set-c", SuffixRange.parse("99"), new SuffixRange(List.of()))));

    private long nowNanos;
    private SetMap sets = SETS;
    private List<Mask> masks = List.of();
    private final SetHealth health = new SetHealth(() -> List.of("set-a", "set-b", "set-c"), () -> nowNanos);
    private final SuffixChoice choice = new SuffixChoice(() -> sets, health, () -> masks, () -> nowNanos);
    private final RandomGenerator random = new Random(7);

    @Test
    void shouldUseEveryActiveTableAlike() {
        var counts = new TreeMap<Integer, Integer>();
        for (int i = 0; i < 30_000; i++) {
            counts.merge(pickLater().suffix(), 1, Integer::sum);
        }
        assertEquals(30, counts.size());
        assertEquals(0, counts.firstKey());
        assertEquals(579, counts.lastKey());
        assertTrue(counts.values().stream().allMatch(count -> count > 800 && count < 1_200), counts::toString);
    }

    @Test
    void shouldGiveEachSetItsPartOfTheOrdersAndOneTableAtATime() {
        var suffixes = new TreeMap<String, Set<Integer>>();
        var counts = new TreeMap<String, Integer>();
        for (int i = 0; i < 3_000; i++) {
            Place place = pick();
            suffixes.computeIfAbsent(place.set(), set -> new TreeSet<>()).add(place.suffix());
            counts.merge(place.set(), 1, Integer::sum);
        }
        assertEquals(Set.of("set-a", "set-b"), suffixes.keySet());
        assertTrue(suffixes.values().stream().allMatch(of -> of.size() == 1), suffixes::toString);
        assertTrue(counts.get("set-a") > 1_800 && counts.get("set-a") < 2_200, counts::toString);
    }

    @Test
    void shouldLeaveATableThatDidNotTakeAnOrder() {
        Place left = pick();

        choice.leave(left);

        var suffixes = new TreeSet<Integer>();
        for (int i = 0; i < 100; i++) {
            Place place = pick();
            if (place.set().equals(left.set())) {
                suffixes.add(place.suffix());
                choice.leave(place);
            }
        }
        assertTrue(suffixes.size() > 1, suffixes::toString);
    }

    private Place pick() {
        return choice.pick(List.of(), random).orElseThrow();
    }

    /** When the tables of now have had their time. */
    private Place pickLater() {
        nowNanos += SuffixChoice.STAY.toNanos();
        return pick();
    }

    @Test
    void shouldPassOverASetThatFailedAndTakeItBackAfterAProbe() {
        assertTrue(health.failed("set-a"));
        assertFalse(health.failed("set-a"), "known already");
        assertEquals(57, choice.pick(List.of(), random).orElseThrow().suffix() / 10);

        assertFalse(health.answered("set-a"), "too soon");
        nowNanos += SetHealth.PAUSE_NANOS;
        assertTrue(health.answered("set-a"));
        assertTrue(choice.pick(Set.of("set-b"), random).isPresent());
    }

    @Test
    void shouldUseASetThatJoinsAndNoDatabaseThatHasLeft() {
        sets = new SetMap(List.of(
                new SetRange("set-a", SuffixRange.parse("01-49"), SuffixRange.parse("01")),
                new SetRange("set-b", SuffixRange.parse("50-98"), new SuffixRange(List.of())),
                new SetRange("set-d", SuffixRange.parse("00"), SuffixRange.parse("00"))));

        assertEquals(Set.of(0, 1), databasesPicked());
        assertEquals(1, choice.databaseCount("set-d"));
    }

    @Test
    void shouldPassOverAMaskedSetUntilItIsUnmasked() {
        masks = List.of(new Mask("set-a", false));
        assertEquals(Set.of(57), databasesPicked());

        masks = List.of();
        assertEquals(Set.of(0, 1, 57), databasesPicked());
    }

    @Test
    void shouldPassOverMaskedDatabasesOnly() {
        masks = List.of(new Mask("01,50-56", true));

        assertEquals(Set.of(0, 57), databasesPicked());
        assertEquals(1, choice.databaseCount("set-a"));
    }

    @Test
    void shouldLeaveATableAtOnceThatIsMasked() {
        int database = pick().suffix() / 10;
        masks = List.of(new Mask("%02d".formatted(database), true));

        for (int i = 0; i < 100; i++) {
            assertNotEquals(database, pick().suffix() / 10);
        }
    }

    @Test
    void shouldPickNothingWhereAllIsMasked() {
        masks = List.of(new Mask("00-99", false));

        assertTrue(choice.pick(List.of(), random).isEmpty());
    }

    private Set<Integer> databasesPicked() {
        return IntStream.range(0, 1_000)
                .mapToObj(i -> pickLater().suffix() / 10)
                .collect(Collectors.toSet());
    }

    @Test
    void shouldPickNoSetTwice() {
        assertEquals(
                "set-b", choice.pick(List.of("set-a"), random).orElseThrow().set());
        assertTrue(choice.pick(List.of("set-a", "set-b"), random).isEmpty());
    }
}
