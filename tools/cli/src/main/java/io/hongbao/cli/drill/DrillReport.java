package io.hongbao.cli.drill;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a drill came to.
 *
 * @param promises whether each holds, by its name; empty if the drill ended before they could be checked
 * @param problems what was not as it must be; empty if the drill passed
 * @param figures measured by the drill
 */
public record DrillReport(
        String drill, long seed, Map<String, Boolean> promises, List<String> problems, Map<String, Object> figures) {
    public boolean passed() {
        return problems.isEmpty();
    }

    /** One line of JSON. */
    public String toJson() {
        var json = new LinkedHashMap<String, Object>();
        json.put("drill", drill);
        json.put("seed", seed);
        json.put("passed", passed());
        json.put("promises", promises);
        json.put("problems", problems);
        json.put("figures", figures);
        try {
            return new ObjectMapper().writeValueAsString(json);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
