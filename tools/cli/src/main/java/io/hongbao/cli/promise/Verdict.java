package io.hongbao.cli.promise;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a check came to.
 *
 * @param packetCount packets looked at
 * @param shareCount shares looked at
 * @param answerCount answers looked at
 * @param breaches empty if every promise holds
 */
public record Verdict(int packetCount, int shareCount, int answerCount, List<Breach> breaches) {
    public boolean holds(Promise promise) {
        return breaches.stream().noneMatch(breach -> breach.promise() == promise);
    }

    public boolean allHold() {
        return breaches.isEmpty();
    }

    /** Whether each promise holds, by its name, in order. */
    public Map<String, Boolean> byName() {
        var byName = new LinkedHashMap<String, Boolean>();
        for (Promise promise : Promise.values()) {
            byName.put(promise.name(), holds(promise));
        }
        return byName;
    }
}
