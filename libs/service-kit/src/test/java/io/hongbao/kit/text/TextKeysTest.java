package io.hongbao.kit.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class TextKeysTest {
    private static final String SECRET = "0f".repeat(32);
    private static final long PACKET = 1_2518_007_00000042_503L;

    private record Settings(boolean encrypted, OptionalInt writingKey, Map<Integer, String> keys)
            implements TextConfig {}

    @Test
    void shouldReadInOneServiceWhatAnotherOneWrote() {
        var settings = new Settings(true, OptionalInt.of(1), Map.of(1, SECRET));

        String stored = TextKeys.writing(settings).seal(PACKET, "good luck");

        assertFalse(stored.contains("good luck"));
        assertEquals(Optional.of("good luck"), TextKeys.reading(settings).open(PACKET, stored));
    }

    @Test
    void shouldStoreTextAsItIsOnlyWhereItIsSaid() {
        var off = new Settings(false, OptionalInt.of(1), Map.of(1, SECRET));

        assertEquals("good luck", TextKeys.writing(off).seal(PACKET, "good luck"));
        assertEquals(
                Optional.of("good luck"),
                TextKeys.reading(new Settings(false, OptionalInt.empty(), Map.of()))
                        .open(PACKET, "good luck"));
    }

    @Test
    void shouldNotStartWithoutAKey() {
        var none = new Settings(true, OptionalInt.empty(), Map.of());
        var unknown = new Settings(true, OptionalInt.of(2), Map.of(1, SECRET));

        assertTrue(message(() -> TextKeys.writing(none)).startsWith("hongbao.text.writing-key names no key"));
        assertTrue(message(() -> TextKeys.reading(none)).startsWith("hongbao.text.keys has no key"));
        assertEquals("hongbao.text.keys: no secret for writing key 2", message(() -> TextKeys.writing(unknown)));
    }

    @Test
    void shouldNotTellASecretThatIsNone() {
        var notHex = new Settings(true, OptionalInt.of(1), Map.of(1, "no hexadecimal"));
        var tooShort = new Settings(true, OptionalInt.of(1), Map.of(1, "0f0f"));

        assertEquals("hongbao.text.keys: key 1 is not hexadecimal", message(() -> TextKeys.reading(notHex)));
        assertEquals("hongbao.text.keys: secret of key 1 is not 32 bytes", message(() -> TextKeys.reading(tooShort)));
    }

    private static String message(Runnable start) {
        return String.valueOf(
                assertThrows(IllegalStateException.class, start::run).getMessage());
    }
}
