package io.hongbao.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.bench.machine.Weather;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void shouldTakeTheMiddleRound() {
        assertEquals(2, Figures.median(new double[] {9, 1, 2}));
        assertEquals(2.5, Figures.median(new double[] {9, 1, 2, 3}));
    }

    @Test
    void shouldTakeEachMedianByItselfAndAddUpErrors() {
        Figures median = Figures.median(List.of(
                figures(100, 5, Map.of("OVERLOADED", 2L)),
                figures(300, 1, Map.of()),
                figures(200, 9, Map.of("OVERLOADED", 1L))));

        assertEquals(200, median.perSecond());
        assertEquals(5, median.p99Millis());
        assertEquals(Map.of("OVERLOADED", 3L), median.errors());
    }

    @Test
    void shouldRefuseToSumUpNothing() {
        assertThrows(IllegalArgumentException.class, () -> Figures.median(List.of()));
    }

    @Test
    void shouldKeepTheJsonContractOfSingleBenches() throws JsonProcessingException {
        JsonNode json = new ObjectMapper()
                .readTree(Json.line(figures(41_234.56, 12.3456, Map.of()).toJson("per_s")));

        assertEquals(41_235, json.get("per_s").longValue());
        assertEquals(12.346, json.get("p99_ms").doubleValue());
        assertEquals(25, json.get("cpu_us_per_op").doubleValue());
        assertEquals(10, json.get("cpu_us_by_process").get("open-svc").doubleValue());
        for (String name : List.of("p50_ms", "p999_ms", "commits_per_op", "fsyncs_per_op", "wal_bytes_per_op")) {
            assertTrue(json.path(name).isNumber(), name);
        }
    }

    @Test
    void shouldKeepTheJsonContractOfPeers() throws JsonProcessingException {
        var row = new PeersBench.Row(
                PeerMode.REDIS_LUA,
                "2000",
                figures(50_000, 10, Map.of()),
                List.of(figures(48_000, 10, Map.of()), figures(50_000, 10, Map.of())),
                new OpenLoad.Conservation(true, 2_000, 10, ""));

        JsonNode json = new ObjectMapper().readTree(Json.line(row.toJson()));

        assertEquals("redis_lua", json.get("mode").textValue());
        assertEquals("2000", json.get("load").textValue());
        assertEquals(50_000, json.get("opens_per_s").longValue());
        assertEquals(48_000, json.get("opens_per_s_min").longValue());
        assertEquals("may-lose", json.get("durability").textValue());
        assertTrue(json.get("conserved").booleanValue());
    }

    @Test
    void shouldDrawABarForEveryRow() {
        var ours = new PeersBench.Row(
                PeerMode.OURS,
                "hot",
                figures(50_000, 10, Map.of()),
                List.of(figures(50_000, 10, Map.of())),
                new OpenLoad.Conservation(true, 1, 10, ""));

        String chart = BarChart.of(List.of(ours.bar()));

        assertTrue(chart.startsWith("<svg"), chart);
        assertTrue(chart.contains("50,000"), chart);
        assertTrue(chart.stripTrailing().endsWith("</svg>"), chart);
    }

    private static Figures figures(double perSecond, double p99Millis, Map<String, Long> errors) {
        return new Figures(
                perSecond,
                0,
                1,
                p99Millis,
                20,
                30,
                Map.of("generator", 15.0, "open-svc", 10.0),
                0.01,
                0.005,
                300,
                200,
                errors,
                0,
                0,
                0,
                new Weather(1, 0, 0, 5_000));
    }
}
