package io.hongbao.kit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hongbao.v1.ErrorReason;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTokenTest {
    private static final String LIST = "sent/alice";

    private final PageToken tokens = new PageToken("0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
    private final String token = tokens.encode(LIST, 1_700_000_000_000_000L, -42);

    private void assertRefused(String list, String shown, int parts) {
        Refusal refusal = assertThrows(Refusal.class, () -> tokens.decode(list, shown, parts), () -> shown);
        assertEquals(ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID, refusal.reason());
    }

    @Test
    void shouldGiveBackThePosition() {
        assertArrayEquals(new long[] {1_700_000_000_000_000L, -42}, tokens.decode(LIST, token, 2));
    }

    @Test
    void shouldGiveBackAPositionOfOneNumber() {
        assertArrayEquals(new long[] {7}, tokens.decode(LIST, tokens.encode(LIST, 7), 1));
    }

    @Test
    void shouldWorkOnEveryPodWithTheSameSecret() {
        PageToken other = new PageToken("0123456789abcdef".getBytes(StandardCharsets.US_ASCII));

        assertArrayEquals(new long[] {1_700_000_000_000_000L, -42}, other.decode(LIST, token, 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sent/bob", "received/alice", "sent/alice2", "sent/alic", ""})
    void shouldRefuseATokenOfAnotherList(String list) {
        assertRefused(list, token, 2);
    }

    @Test
    void shouldRefuseAForgedToken() {
        PageToken forger = new PageToken("fedcba9876543210".getBytes(StandardCharsets.US_ASCII));

        assertRefused(LIST, forger.encode(LIST, 1, 2), 2);
    }

    @Test
    void shouldRefuseATokenWithAnyBitFlipped() {
        byte[] bytes = Base64.getUrlDecoder().decode(token);
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);

            assertRefused(LIST, Base64.getUrlEncoder().withoutPadding().encodeToString(flipped), 2);
        }
    }

    @Test
    void shouldRefuseATokenWithAnyBitOfItsTextFlipped() {
        for (int position = 0; position < token.length(); position++) {
            for (int bit = 0; bit < Character.SIZE; bit++) {
                char[] characters = token.toCharArray();
                characters[position] ^= (char) (1 << bit);

                assertRefused(LIST, new String(characters), 2);
            }
        }
    }

    @Test
    void shouldRefuseATruncatedToken() {
        for (int length = 0; length < token.length(); length++) {
            assertRefused(LIST, token.substring(0, length), 2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void shouldRefuseAPositionOfAnotherLength(int parts) {
        assertRefused(LIST, token, parts);
    }

    @Test
    void shouldRefuseAnExtendedToken() {
        assertRefused(LIST, token + "=", 2);
        assertRefused(LIST, token + "A", 2);
        assertRefused(LIST, token + token, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "not a token", "\u0000", "红包", "====", "'; drop table share; --"})
    void shouldRefuseWhatIsNoToken(String shown) {
        assertRefused(LIST, shown, 2);
    }

    @Test
    void shouldRefuseFourKilobytes() {
        assertRefused(LIST, "A".repeat(4_096), 2);
    }
}
