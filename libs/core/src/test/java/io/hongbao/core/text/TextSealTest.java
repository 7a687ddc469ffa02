package io.hongbao.core.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextSealTest {
    private static final long PACKET = 1_2518_007_00000042_503L;
    private static final byte[] SECRET = secret('k');
    private static final byte[] NEXT_SECRET = secret('n');
    private static final String GREETING = "恭喜发财，大吉大利 🧧";

    private final TextSeal seal = new TextSeal(OptionalInt.of(1), Map.of(1, SECRET));

    private static byte[] secret(char fill) {
        byte[] secret = new byte[TextSeal.SECRET_BYTES];
        Arrays.fill(secret, (byte) fill);
        return secret;
    }

    @ParameterizedTest
    @ValueSource(strings = {"好", GREETING, "\"'; drop table packet; --", "looks like base64url_AQ-"})
    void shouldReadWhatItSealed(String text) {
        String stored = seal.seal(PACKET, text);

        assertFalse(stored.contains(text));
        assertEquals(Optional.of(text), seal.open(PACKET, stored));
    }

    @Test
    void shouldSealTheSameTextDifferentlyEachTime() {
        assertNotEquals(seal.seal(PACKET, GREETING), seal.seal(PACKET, GREETING));
    }

    @Test
    void shouldMakeAnEnvelopeAsDocumented() throws Exception {
        String stored = seal.seal(PACKET, GREETING);

        byte[] envelope = Base64.getUrlDecoder().decode(stored.substring(1));
        byte[] id = ByteBuffer.allocate(8).putLong(PACKET).array();
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
        mac.update("hongbao greeting".getBytes(StandardCharsets.US_ASCII));
        mac.update((byte) 1);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(mac.doFinal(id), "AES"),
                new GCMParameterSpec(128, Arrays.copyOfRange(envelope, 2, 14)));
        cipher.updateAAD(Arrays.copyOf(envelope, 14));
        cipher.updateAAD(id);

        assertEquals('\u0001', stored.charAt(0));
        assertEquals(1, envelope[0]);
        assertEquals(1, envelope[1]);
        assertEquals(
                GREETING,
                new String(cipher.doFinal(Arrays.copyOfRange(envelope, 14, envelope.length)), StandardCharsets.UTF_8));
    }

    @Test
    void shouldNotReadATextThatWasMovedToAnotherPacket() {
        assertEquals(Optional.empty(), seal.open(PACKET + 1, seal.seal(PACKET, GREETING)));
    }

    @Test
    void shouldNotReadAnEnvelopeWithAnyBitFlippedOrCut() {
        byte[] envelope =
                Base64.getUrlDecoder().decode(seal.seal(PACKET, GREETING).substring(1));
        for (int bit = 0; bit < envelope.length * 8; bit++) {
            byte[] flipped = envelope.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);

            assertEquals(Optional.empty(), seal.open(PACKET, stored(flipped)), "bit " + bit);
        }
        for (int length = 0; length < envelope.length; length++) {
            assertEquals(Optional.empty(), seal.open(PACKET, stored(Arrays.copyOf(envelope, length))));
        }
    }

    private static String stored(byte[] envelope) {
        return '\u0001' + Base64.getUrlEncoder().withoutPadding().encodeToString(envelope);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0001", "\u0001!", "\u0001AQE", "\u0001恭喜"})
    void shouldNotReadWhatIsNoEnvelope(String stored) {
        assertEquals(Optional.empty(), seal.open(PACKET, stored));
    }

    @Test
    void shouldReadTextThatWasStoredWithoutAKey() {
        assertEquals(Optional.of(GREETING), seal.open(PACKET, GREETING));
        assertEquals(Optional.of(""), seal.open(PACKET, ""));
    }

    @Test
    void shouldLeaveNoTextAsItIs() {
        assertEquals("", seal.seal(PACKET, ""));
    }

    @Test
    void shouldReadOldTextsWhileNewOnesAreWrittenWithAnotherKey() {
        String old = seal.seal(PACKET, GREETING);
        var rotated = new TextSeal(OptionalInt.of(2), Map.of(1, SECRET, 2, NEXT_SECRET));
        String young = rotated.seal(PACKET, GREETING);

        assertEquals(Optional.of(GREETING), rotated.open(PACKET, old));
        assertEquals(Optional.of(GREETING), rotated.open(PACKET, young));
        assertEquals(Optional.empty(), seal.open(PACKET, young), "the old side does not know the new key");
    }

    @Test
    void shouldStoreTextAsItIsOnlyWhereNoKeyWrites() {
        var off = new TextSeal(OptionalInt.empty(), Map.of(1, SECRET));

        assertEquals(GREETING, off.seal(PACKET, GREETING));
        assertEquals(Optional.of(GREETING), off.open(PACKET, seal.seal(PACKET, GREETING)));
    }

    @Test
    void shouldNotTakeAKeyThatIsNone() {
        assertThrows(IllegalArgumentException.class, () -> new TextSeal(OptionalInt.of(2), Map.of(1, SECRET)));
        assertThrows(IllegalArgumentException.class, () -> new TextSeal(OptionalInt.of(1), Map.of(1, new byte[16])));
        assertThrows(IllegalArgumentException.class, () -> new TextSeal(OptionalInt.of(128), Map.of(128, SECRET)));
    }
}
