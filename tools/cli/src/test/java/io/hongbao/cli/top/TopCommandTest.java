package io.hongbao.cli.top;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TopCommandTest {
    /** A line feed on the last row of a short terminal would scroll the first one away. */
    @Test
    void shouldPutEachLineAtItsOwnRowWithoutALineFeed() {
        assertEquals("\033[1;1Hone\033[K\033[2;1H\033[K\033[3;1Hthree\033[K\033[J", TopCommand.frame("one\n\nthree\n"));
    }
}
