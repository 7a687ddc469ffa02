package io.hongbao.cli.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void shouldAlignColumnsOfWideCharacters() {
        // given
        var table = Table.indented(" ").left("user").right("yuan").left("words");

        // when
        table.row("li-na", "1.00", "恭喜").row("王", "120.34", "").row("🧧", "0.01", "x");

        // then
        assertEquals("""
                 user     yuan  words
                 ─────  ──────  ─────
                 li-na    1.00  恭喜
                 王     120.34
                 🧧       0.01  x
                """, table.toString());
    }

    @Test
    void shouldLeaveOutAnEmptyHeading() {
        assertEquals(
                "a  1\nbb 2\n".replace("bb ", "bb  ").replace("a  ", "a   "),
                Table.indented("").left("").left("").row("a", 1).row("bb", 2).toString());
    }

    @Test
    void shouldRefuseARowOfAnotherLength() {
        var table = Table.indented("").left("one");
        assertThrows(IllegalArgumentException.class, () -> table.row("a", "b"));
    }

    @Test
    void shouldCutByColumnsNotByCharacters() {
        assertEquals("恭喜…", DisplayWidth.cut("恭喜发财", 6));
        assertEquals("恭喜发财", DisplayWidth.cut("恭喜发财", 8));
    }

    @Test
    void shouldWriteYuanExactly() {
        assertEquals("0.01", Yuan.of(1));
        assertEquals("-0.05", Yuan.of(-5));
        assertEquals("92233720368547758.07", Yuan.of(Long.MAX_VALUE));
        assertEquals(8888, Yuan.parseFen("88.88"));
        assertEquals(100, Yuan.parseFen("1"));
        assertThrows(IllegalArgumentException.class, () -> Yuan.parseFen("0.001"));
        assertThrows(IllegalArgumentException.class, () -> Yuan.parseFen("ten"));
    }
}
