package io.hongbao.core.set;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SuffixRangeTest {
    @Test
    void shouldParseNumbersAndRanges() {
        assertEquals(List.of(0, 1, 2, 7), SuffixRange.parse("00-02,07").databases());
    }

    @Test
    void shouldParseEveryDatabase() {
        assertEquals(
                IntStream.rangeClosed(0, 99).boxed().toList(),
                SuffixRange.parse("00-99").databases());
    }

    @Test
    void shouldSortAndDropDoubles() {
        assertEquals(List.of(1, 2, 3, 50), SuffixRange.parse(" 50, 2-3 ,1 - 2").databases());
    }

    @Test
    void shouldBeWrittenAsItIsRead() {
        assertEquals("00-02,07,50-51", SuffixRange.parse("50,51,7,0-2").written());
        assertEquals("none", SuffixRange.parse("").written());
    }

    @Test
    void shouldReadBlankAsTheEmptySet() {
        assertEquals(List.of(), SuffixRange.parse(" ").databases());
    }

    @Test
    void shouldKnowWhatItContains() {
        SuffixRange range = SuffixRange.parse("50-52");

        assertTrue(range.contains(50) && range.contains(52));
        assertFalse(range.contains(49) || range.contains(53));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",",
                "0,",
                ",0",
                "0,,1",
                "-",
                "-5",
                "5-",
                "1-2-3",
                "2-1",
                "100",
                "0-100",
                "000",
                "+5",
                "1.5",
                "a",
                "0x1",
                "٣",
                "0-2000000000",
                "00;01"
            })
    void shouldRefuseWhatIsNoListOfDatabases(String text) {
        assertThrows(IllegalArgumentException.class, () -> SuffixRange.parse(text));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 100})
    void shouldRefuseADatabaseOutOfRange(int database) {
        assertThrows(IllegalArgumentException.class, () -> new SuffixRange(List.of(database)));
    }
}
