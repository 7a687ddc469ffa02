package io.hongbao.cli.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two looks at services that are not there, and what is made of them. */
class BoardTest {
    private static final long SECONDS = 1_000_000_000L;
    private static final String NOTHING = "";

    @Test
    void shouldTellRatesOfTheTimeBetweenTheLooks() {
        Board board = board("hongbao_open_requests_total{result=\"opened\"} 100.0", """
                hongbao_open_requests_total{result="opened"} 300.0
                hongbao_open_requests_total{result="error"} 20.0
                """);

        assertEquals(110, step(board, "open").perSecond());
        assertEquals(10, step(board, "open").failing());
    }

    @Test
    void shouldTakeACounterThatFellForOneThatBeganAnew() {
        Board board = board("hongbao_open_requests_total 1000.0", "hongbao_open_requests_total 50.0");

        assertEquals(25, step(board, "open").perSecond());
    }

    @Test
    void shouldInterpolateQuantilesOfWhatIsNew() {
        Board board = board("""
                hongbao_open_commit_seconds_bucket{le="0.01"} 1000.0
                hongbao_open_commit_seconds_bucket{le="0.02"} 1000.0
                hongbao_open_commit_seconds_bucket{le="+Inf"} 1000.0
                """, """
                hongbao_open_commit_seconds_bucket{le="0.01"} 1050.0
                hongbao_open_commit_seconds_bucket{le="0.02"} 1100.0
                hongbao_open_commit_seconds_bucket{le="+Inf"} 1100.0
                """);

        assertEquals(10, step(board, "open").p50Ms(), 1e-9);
        assertEquals(19.8, step(board, "open").p99Ms(), 1e-9);
    }

    @Test
    void shouldNotMakeANumberOfWhatNobodySaid() {
        Board board = board(NOTHING, "hongbao_open_set_answering{set=\"set-a\"} 1.0");

        assertNull(step(board, "open").p99Ms());
        assertNull(board.batches().sharesMean());
        assertNull(board.money().stuck());
        assertNull(board.sets().getFirst().takesOrders());
        assertEquals(true, board.sets().getFirst().answers());
        assertTrue(Screen.of(board).contains("stuck –"), () -> Screen.of(board));
    }

    @Test
    void shouldSayThatASetDoesNotAnswerIfOnePodSaysSo() {
        Board board = Board.of(
                look(0, Map.of()),
                look(
                        2 * SECONDS,
                        Map.of(
                                "open-1", "hongbao_open_set_answering{set=\"set-a\"} 1.0",
                                "open-2", "hongbao_open_set_answering{set=\"set-a\"} 0.0")));

        assertEquals(false, board.sets().getFirst().answers());
    }

    @Test
    void shouldAddUpTheLanesOfASet() {
        Board board = board(NOTHING, """
                hongbao_open_set_answering{set="a"} 1.0
                hongbao_open_lane_waiting{lane="a/0"} 3.0
                hongbao_open_lane_waiting{lane="a/1"} 4.0
                hongbao_open_lane_waiting{lane="ab/0"} 100.0
                """);

        assertEquals(7, board.sets().getFirst().waiting());
    }

    @Test
    void shouldNameWhoIsSilent() {
        Board board = Board.of(look(0, Map.of()), new Look(2 * SECONDS, Map.of(), List.of("grab-svc")));

        assertTrue(Screen.of(board).contains("DOES NOT ANSWER"));
    }

    private static Board.Step step(Board board, String name) {
        return board.steps().stream()
                .filter(step -> step.step().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Board board(String before, String after) {
        return Board.of(look(0, Map.of("svc", before)), look(2 * SECONDS, Map.of("svc", after)));
    }

    private static Look look(long nanos, Map<String, String> texts) {
        var meters = new LinkedHashMap<String, Meters>();
        texts.forEach((name, text) -> meters.put(name, Meters.parse(text)));
        return new Look(nanos, meters, List.of());
    }
}
