package io.hongbao.kit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.fuzz.Fuzz;
import io.hongbao.v1.ErrorReason;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What every service checks: nothing but a refusal comes out, and nothing gets through that breaks a log or a statement. */
class KitFuzzTest {
    @Test
    void shouldBelieveNoPageTokenButItsOwn() {
        var tokens = new PageToken("0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
        String token = tokens.encode("sent/li-na", 1_800_000_000_000_000L, 42);

        Fuzz.of("page token").samples(token).run(input -> {
            String shown = new String(input, StandardCharsets.UTF_8);
            try {
                assertArrayEquals(new long[] {1_800_000_000_000_000L, 42}, tokens.decode("sent/li-na", shown, 2));
                assertEquals(token, shown);
            } catch (Refusal refusal) {
                assertEquals(ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID, refusal.reason());
            }
        });
    }

    @Test
    void shouldLetNoIdThroughThatBreaksALineOrAStatement() {
        Fuzz.of("user id")
                .samples("li-na", "a'; drop table packet; --", "a\nERROR b", "o_1.2:3@4-5")
                .run(input -> {
                    String id = new String(input, StandardCharsets.UTF_8);
                    try {
                        assertTrue(Input.userId(id).matches("[A-Za-z0-9_.:@-]{1,64}"), id);
                    } catch (Refusal refusal) {
                        assertEquals(ErrorReason.ERROR_REASON_USER_ID_INVALID, refusal.reason());
                    }
                });
    }

    @Test
    void shouldLetNoGreetingThroughThatBreaksALineOrTurnsText() {
        Fuzz.of("greeting")
                .samples("恭喜发财 🧧", "a\u202Eb", "a\u2028b", "\u0001AQ", "x\0y")
                .run(input -> {
                    String greeting = new String(input, StandardCharsets.UTF_8);
                    try {
                        Input.greeting(greeting);
                        assertTrue(greeting.codePointCount(0, greeting.length()) <= Input.GREETING_LENGTH_MAX);
                        assertFalse(greeting.codePoints().anyMatch(Character::isISOControl), greeting);
                        assertFalse(greeting.matches("(?s).*[\u2028\u2029\u202A-\u202E\u2066-\u2069].*"), greeting);
                    } catch (Refusal refusal) {
                        assertEquals(ErrorReason.ERROR_REASON_GREETING_INVALID, refusal.reason());
                    }
                });
    }
}
