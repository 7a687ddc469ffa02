package io.hongbao.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HongbaoTest {
    /** Nobody listens there: 1 is a port for the privileged. */
    private static final String NOWHERE = " --address wallet-bridge=127.0.0.1:1 --address query-svc=127.0.0.1:1";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "demo --shares 0",
                "demo --shares 8 --crowd 8",
                "up --port-base 99999",
                "send --from li-na",
                "send --from li-na --yuan 1 --fen 100",
                "send --from li-na --yuan 0.001",
                "send --from li-na --yuan 1 --kind generous",
                "grab not-a-number --user li-na",
                "open 1",
                "balance li-na --address no-such-service=127.0.0.1:1"
            })
    void shouldSayWhatIsWrongWithTheUsage(String line) {
        int code = run(line);

        assertEquals(2, code, err.toString());
        assertFalse(err.toString().isBlank());
        assertFalse(err.toString().contains("\tat "), err.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "demo --help", "up --help", "send --help", "verify --help", "--version"})
    void shouldHelp(String line) {
        assertEquals(0, run(line));
        assertTrue(out.toString().toLowerCase().contains("hongbao"), out.toString());
    }

    @Test
    void shouldTellAnErrorInWords() {
        int code = run("balance li-na" + NOWHERE);

        assertEquals(1, code);
        assertTrue(err.toString().startsWith("hongbao: UNAVAILABLE: "), err.toString());
        assertFalse(err.toString().contains("\tat "), err.toString());
    }

    @Test
    void shouldTellAnErrorInJson() {
        int code = run("balance li-na --json" + NOWHERE);

        assertEquals(1, code);
        assertTrue(out.toString().startsWith("{\"error\":{\"code\":\"UNAVAILABLE\""), out.toString());
    }

    private int run(String line) {
        return Hongbao.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(line.split(" "));
    }
}
