package io.hongbao.core.packet;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TermsTest {
    @ParameterizedTest
    @CsvSource({
        "LUCKY, 1, 1, 1",
        "LUCKY, 500, 500, 20000",
        "LUCKY, 10000000, 500, 20000",
        "LUCKY, 7, 3, 9223372036854775807",
        "LUCKY, 4611686018427387903, 2, 9223372036854775807",
        "EQUAL, 1000, 8, 125",
        "EXCLUSIVE, 20000, 1, 20000"
    })
    void shouldAcceptWhatCanBeSplit(PacketKind kind, long totalFen, int shareCount, long shareMaxFen) {
        assertDoesNotThrow(() -> new Terms(kind, totalFen, shareCount, shareMaxFen));
    }

    @ParameterizedTest
    @CsvSource({
        "LUCKY, 0, 1, 20000",
        "LUCKY, -1, 1, 20000",
        "LUCKY, 1, 0, 20000",
        "LUCKY, 1, -1, 20000",
        "LUCKY, 1, 2, 20000",
        "LUCKY, 20001, 1, 20000",
        "LUCKY, 40001, 2, 20000",
        "LUCKY, 10, 10, 0",
        "LUCKY, 10, 10, -1",
        // The product of the last two wraps around to a large positive number.
        "LUCKY, 9223372036854775807, 3, 9223372036854775807",
        "LUCKY, 4611686018427387904, 2, 9223372036854775807",
        "EQUAL, 1001, 8, 20000",
        "EXCLUSIVE, 10, 2, 20000"
    })
    void shouldRefuseWhatCannotBeSplit(PacketKind kind, long totalFen, int shareCount, long shareMaxFen) {
        assertThrows(IllegalArgumentException.class, () -> new Terms(kind, totalFen, shareCount, shareMaxFen));
    }

    @ParameterizedTest
    @EnumSource
    void shouldFindEveryKindByItsCode(PacketKind kind) {
        assertEquals(kind, PacketKind.ofCode(kind.code()));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 4, Integer.MAX_VALUE})
    void shouldRefuseAnUnknownKindCode(int code) {
        assertThrows(IllegalArgumentException.class, () -> PacketKind.ofCode(code));
    }
}
