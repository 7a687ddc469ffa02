package io.hongbao.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/** One line of JSON, in the order in which it was put together. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    static String line(Map<String, Object> object) {
        try {
            return MAPPER.writeValueAsString(object);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Never in exponents, which some readers do not know. A figure that does not exist is 0. */
    static Number rounded(double value, int digits) {
        if (!Double.isFinite(value)) {
            return 0;
        }
        BigDecimal rounded = BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP);
        if (digits == 0) {
            return rounded.longValue();
        }
        // A JSON number without the tail of zeros; a double prints 0.00002 as 2.0E-5, which is JSON all the same.
        return rounded.doubleValue();
    }
}
