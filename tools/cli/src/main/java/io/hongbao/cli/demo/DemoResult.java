package io.hongbao.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.promise.Verdict;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * What the demo came to.
 *
 * @param packetCount packets that were paid
 * @param openedCount shares opened
 * @param refusedCount users who heard no
 * @param problems what went wrong besides promises, one sentence each
 */
record DemoResult(
        int packetCount,
        int openedCount,
        int refusedCount,
        long refundedFen,
        long paidFen,
        Verdict verdict,
        List<String> problems) {
    boolean good() {
        return verdict.allHold() && problems.isEmpty();
    }

    /** One line. */
    String toJson(Duration elapsed) {
        var object = new LinkedHashMap<String, Object>();
        object.put("packets", packetCount);
        object.put("opened", openedCount);
        object.put("refused", refusedCount);
        object.put("refunded_fen", refundedFen);
        object.put("paid_fen", paidFen);
        object.put("promises", verdict.byName());
        object.put("elapsed_s", BigDecimal.valueOf(elapsed.toMillis(), 3).setScale(1, RoundingMode.HALF_UP));
        try {
            return new ObjectMapper().writeValueAsString(object);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
