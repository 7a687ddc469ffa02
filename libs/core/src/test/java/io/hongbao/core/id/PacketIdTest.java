package io.hongbao.core.id;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.core.Seeds;
import java.time.LocalDate;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketIdTest {
    @Test
    void shouldGiveBackTheRandomPartsItWasMadeOf() {
        Random random = Seeds.random("PacketId round trips");
        for (int i = 0; i < 100_000; i++) {
            int region = 1 + random.nextInt(2);
            int day = random.nextInt(PacketId.DAY_MAX + 1);
            int slot = random.nextInt(PacketId.SLOT_MAX + 1);
            int counter = random.nextInt(PacketId.COUNTER_MAX + 1);
            int suffix = random.nextInt(PacketId.SUFFIX_MAX + 1);

            PacketId id = PacketId.of(region, day, slot, counter, suffix);

            assertEquals("%d%04d%03d%08d%03d".formatted(region, day, slot, counter, suffix), id.toString());
            assertEquals(region, id.region());
            assertEquals(day, id.day());
            assertEquals(slot, id.slot());
            assertEquals(counter, id.counter());
            assertEquals(suffix, id.suffix());
            assertEquals(suffix / 10, id.database());
            assertEquals(suffix % 10, id.table());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0,    0,   0,        0,   1000000000000000000",
        "2, 9999, 999, 99999999, 999, 2999999999999999999",
        "1, 2518, 7,   42,       503, 1251800700000042503",
        "2, 1,    12,  34567890, 10,  2000101234567890010"
    })
    void shouldLayTheDigitsOutAsDocumented(int region, int day, int slot, int counter, int suffix, long value) {
        assertEquals(value, PacketId.of(region, day, slot, counter, suffix).value());
    }

    @Test
    void shouldReadDatabaseAndTableFromTheLastThreeDigits() {
        PacketId id = new PacketId(1_2518_007_00000042_503L);

        assertEquals(50, id.database());
        assertEquals(3, id.table());
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                Long.MIN_VALUE,
                -1_2518_007_00000042_503L,
                -1,
                0,
                1,
                999_999_999_999_999_999L,
                3_000_000_000_000_000_000L,
                Long.MAX_VALUE
            })
    void shouldRefuseWhatIsNotANumberOfAKnownRegion(long value) {
        assertFalse(PacketId.isWellFormed(value));
        assertThrows(IllegalArgumentException.class, () -> new PacketId(value));
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000_000_000_000_000_000L, 2_999_999_999_999_999_999L})
    void shouldAcceptTheFirstAndTheLastNumber(long value) {
        assertTrue(PacketId.isWellFormed(value));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 0, 0",
        "3, 0, 0, 0, 0",
        "-1, 0, 0, 0, 0",
        "1, -1, 0, 0, 0",
        "1, 10000, 0, 0, 0",
        "1, 0, -1, 0, 0",
        "1, 0, 1000, 0, 0",
        "1, 0, 0, -1, 0",
        "1, 0, 0, 100000000, 0",
        "1, 0, 0, 0, -1",
        "1, 0, 0, 0, 1000"
    })
    void shouldRefuseAPartOutOfItsRange(int region, int day, int slot, int counter, int suffix) {
        assertThrows(IllegalArgumentException.class, () -> PacketId.of(region, day, slot, counter, suffix));
    }

    @Test
    void shouldKeepEverythingButTheSuffixWhenItMovesToAnotherSet() {
        PacketId id = new PacketId(1_2518_007_00000042_503L);

        PacketId moved = id.withSuffix(19);

        assertEquals(1_2518_007_00000042_019L, moved.value());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1_000, Integer.MAX_VALUE})
    void shouldRefuseASuffixOutOfRange(int suffix) {
        PacketId id = new PacketId(1_2518_007_00000042_503L);

        assertThrows(IllegalArgumentException.class, () -> id.withSuffix(suffix));
    }

    @ParameterizedTest
    @CsvSource({"2020-01-01, 0", "2020-02-29, 59", "2021-01-01, 366", "2026-11-23, 2518", "2047-05-18, 9999"})
    void shouldCountDaysFromTheEpoch(LocalDate date, int day) {
        assertEquals(day, PacketId.dayOf(date));
        assertEquals(date, PacketId.of(1, day, 0, 0, 0).date());
    }

    @Test
    void shouldTakeTheDayTableFromTheDayOfTheMonth() {
        for (int day = 0; day <= PacketId.DAY_MAX; day++) {
            PacketId id = PacketId.of(1, day, 0, 0, 0);

            assertEquals(LocalDate.of(2020, 1, 1).plusDays(day).getDayOfMonth(), id.dayTable());
        }
    }

    @Test
    void shouldOrderByValue() {
        PacketId earlier = PacketId.of(1, 5, 0, 7, 999);
        PacketId later = PacketId.of(1, 5, 0, 8, 0);

        assertTrue(earlier.compareTo(later) < 0);
    }
}
