package io.hongbao.localstack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hongbao.localstack.Arguments.Kind;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
    @Test
    void shouldStartEverythingByDefault() throws Exception {
        assertEquals(
                new Arguments(
                        Optional.empty(), EnumSet.allOf(Kind.class), 2, Set.of(), Optional.empty(), Optional.empty()),
                Arguments.parse());
    }

    @Test
    void shouldUnderstandEveryOption() throws Exception {
        assertEquals(
                new Arguments(
                        Optional.of(Path.of("here")),
                        EnumSet.of(Kind.PG, Kind.REDIS),
                        3,
                        Set.of("set-b"),
                        Optional.empty(),
                        Optional.empty()),
                Arguments.parse("--data", "here", "--only", "pg,redis", "--sets", "3", "--standbys", "set-b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--data",
                "--only mysql",
                "--sets 0",
                "--sets 27",
                "--sets two",
                "--port 1",
                "--backup one",
                "--data here --restore one"
            })
    void shouldRefuseWhatItDoesNotKnow(String line) {
        assertThrows(StackException.class, () -> Arguments.parse(line.split(" ")));
    }
}
