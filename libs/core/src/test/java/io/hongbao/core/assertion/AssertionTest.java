package io.hongbao.core.assertion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hongbao.core.assertion.AssertionVerifier.Doubtful;
import io.hongbao.core.assertion.AssertionVerifier.Genuine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class AssertionTest {
    private static final byte[] SECRET = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEXT_SECRET = "fedcba9876543210".getBytes(StandardCharsets.US_ASCII);
    private static final long NOW = 1_800_000_000_000L;
    private static final Duration LIFE = Duration.ofMinutes(2);
    private static final Duration LIFE_MAX = Duration.ofMinutes(10);
    private static final Asker ASKER = new Asker("li-na", "friends");

    private final AssertionVerifier verifier = new AssertionVerifier(Map.of(1, SECRET), LIFE_MAX);
    private final byte[] assertion = signer(1, SECRET, LIFE).sign(ASKER);

    private static AssertionSigner signer(int keyId, byte[] secret, Duration life) {
        return new AssertionSigner(keyId, secret, life, InstantSource.fixed(Instant.ofEpochMilli(NOW)));
    }

    @Test
    void shouldTellWhoAsksUntilItsTimeIsOver() {
        assertEquals(new Genuine(ASKER), verifier.verify(assertion, NOW + LIFE.toMillis() - 1));
        assertEquals(Doubtful.EXPIRED, verifier.verify(assertion, NOW + LIFE.toMillis()));
    }

    @Test
    void shouldTellOfAUserInNoGroup() {
        assertEquals(
                new Genuine(Asker.of("li-na")),
                verifier.verify(signer(1, SECRET, LIFE).sign(Asker.of("li-na")), NOW));
    }

    @Test
    void shouldCarryTheLongestIds() {
        var longest = new Asker("u".repeat(64), "g".repeat(64));

        byte[] signed = signer(1, SECRET, LIFE).sign(longest);

        assertEquals(AssertionKey.BYTES_MAX, signed.length);
        assertEquals(new Genuine(longest), verifier.verify(signed, NOW));
    }

    /** Whoever signs in another language checks himself against this. */
    @Test
    void shouldMakeTheAssertionOfTheDocument() throws Exception {
        byte[] body = HexFormat.of().parseHex("8101000001a3185e24c0" + "05" + "6c692d6e61" + "07" + "667269656e6473");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
        byte[] expected = Arrays.copyOf(body, body.length + 16);
        System.arraycopy(mac.doFinal(body), 0, expected, body.length, 16);

        assertEquals(HexFormat.of().formatHex(expected), HexFormat.of().formatHex(assertion));
        assertEquals(
                "8101000001a3185e24c0056c692d6e6107667269656e6473" + "9282cb3d73fe42cd1a95b2d103e45bda",
                HexFormat.of().formatHex(assertion));
    }

    @Test
    void shouldRefuseAnAssertionWithAnyBitFlipped() {
        for (int bit = 0; bit < assertion.length * 8; bit++) {
            byte[] flipped = assertion.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);

            assertEquals(Doubtful.FORGED, verifier.verify(flipped, NOW), "bit " + bit);
        }
    }

    @Test
    void shouldRefuseAnAssertionCutOrGrownAtItsEnd() {
        for (int length = 0; length <= assertion.length + 2; length++) {
            if (length != assertion.length) {
                assertEquals(
                        Doubtful.FORGED, verifier.verify(Arrays.copyOf(assertion, length), NOW), "length " + length);
            }
        }
    }

    @Test
    void shouldRefuseLengthsThatDoNotAddUpThoughSigned() throws Exception {
        for (int userBytes = Byte.MIN_VALUE; userBytes <= Byte.MAX_VALUE; userBytes++) {
            if (userBytes == "li-na".length()) {
                continue;
            }
            byte[] body = Arrays.copyOf(assertion, assertion.length - 16);
            body[10] = (byte) userBytes;
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
            byte[] signed = ByteBuffer.allocate(assertion.length)
                    .put(body)
                    .put(mac.doFinal(body), 0, 16)
                    .array();

            assertEquals(Doubtful.FORGED, verifier.verify(signed, NOW), "user length " + userBytes);
        }
    }

    @Test
    void shouldRefuseAKeyThatIsNotKnown() {
        assertEquals(
                Doubtful.FORGED,
                verifier.verify(signer(1, NEXT_SECRET, LIFE).sign(ASKER), NOW),
                "another secret under a known id");
        assertEquals(
                Doubtful.FORGED,
                verifier.verify(signer(2, SECRET, LIFE).sign(ASKER), NOW),
                "a known secret under another id");
    }

    @Test
    void shouldBelieveTheOldKeyAndTheNewOneWhileKeysChange() {
        var both = new AssertionVerifier(Map.of(1, SECRET, 2, NEXT_SECRET), LIFE_MAX);

        assertEquals(new Genuine(ASKER), both.verify(assertion, NOW));
        assertEquals(
                new Genuine(ASKER), both.verify(signer(2, NEXT_SECRET, LIFE).sign(ASKER), NOW));
    }

    @Test
    void shouldRefuseAnAssertionThatWouldLiveForTooLong() {
        byte[] eternal = signer(1, SECRET, LIFE_MAX.plusMillis(1)).sign(ASKER);

        assertEquals(Doubtful.LIVES_TOO_LONG, verifier.verify(eternal, NOW));
        assertEquals(new Genuine(ASKER), verifier.verify(eternal, NOW + 1));
    }

    @Test
    void shouldNotSignForNobodyOrForIdsThatAreNone() {
        AssertionSigner signer = signer(1, SECRET, LIFE);

        assertThrows(IllegalArgumentException.class, () -> signer.sign(Asker.of("")));
        assertThrows(IllegalArgumentException.class, () -> signer.sign(Asker.of("u".repeat(65))));
        assertThrows(IllegalArgumentException.class, () -> signer.sign(new Asker("li-na", "g".repeat(65))));
    }

    @Test
    void shouldNotTakeAWeakSecretOrAnIdOutOfRange() {
        byte[] weak = new byte[15];

        assertThrows(IllegalArgumentException.class, () -> new AssertionSigner(1, weak));
        assertThrows(IllegalArgumentException.class, () -> new AssertionSigner(128, SECRET));
        assertThrows(IllegalArgumentException.class, () -> new AssertionVerifier(Map.of(-1, SECRET), LIFE_MAX));
        assertThrows(IllegalArgumentException.class, () -> new AssertionVerifier(Map.of(), LIFE_MAX));
    }
}
