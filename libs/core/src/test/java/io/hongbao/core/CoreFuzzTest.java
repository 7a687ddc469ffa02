package io.hongbao.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.core.assertion.Asker;
import io.hongbao.core.assertion.AssertionSigner;
import io.hongbao.core.assertion.AssertionVerifier;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.text.TextSeal;
import io.hongbao.core.ticket.TicketSigner;
import io.hongbao.core.ticket.TicketSigner.Verdict;
import io.hongbao.fuzz.Fuzz;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The core's decoders of what comes from outside: they answer every input, and believe only their own. */
class CoreFuzzTest {
    private static final long PACKET = 1_2518_007_00000042_503L;
    private static final long NOW = 1_800_000_000_000L;
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    @Test
    void shouldReadEveryPacketNumberOrNone() {
        Fuzz.of("packet id")
                .samples(number(PACKET), number(2_9999_999_99999999_999L))
                .run(input -> {
                    long value =
                            ByteBuffer.wrap(Arrays.copyOf(input, Long.BYTES)).getLong();
                    if (PacketId.isWellFormed(value)) {
                        var id = new PacketId(value);
                        assertEquals(
                                value,
                                PacketId.of(id.region(), id.day(), id.slot(), id.counter(), (int) (value % 1_000))
                                        .value());
                    }
                });
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    @Test
    void shouldBelieveNoTicketButItsOwn() {
        var signer = new TicketSigner(1, Map.of(1, SECRET));
        String ticket = signer.sign(PACKET, "li-na", NOW + 1);

        Fuzz.of("ticket").samples(ticket).run(input -> {
            String shown = new String(input, StandardCharsets.UTF_8);
            boolean own = shown.equals(ticket);
            assertEquals(own ? Verdict.VALID : Verdict.INVALID, signer.verify(shown, PACKET, "li-na", NOW));
        });
    }

    @Test
    void shouldBelieveNoAssertionButItsOwn() {
        var signer =
                new AssertionSigner(1, SECRET, Duration.ofMinutes(1), InstantSource.fixed(Instant.ofEpochMilli(NOW)));
        var verifier = new AssertionVerifier(Map.of(1, SECRET), Duration.ofMinutes(10));
        byte[] one = signer.sign(new Asker("li-na", "friends"));
        byte[] other = signer.sign(Asker.of("wang-wei"));

        Fuzz.of("assertion").samples(one, other).run(input -> {
            boolean own = Arrays.equals(input, one) || Arrays.equals(input, other);
            assertEquals(own, verifier.verify(input, NOW) instanceof AssertionVerifier.Genuine);
        });
    }

    @Test
    void shouldOpenNoEnvelopeButItsOwn() {
        var seal = new TextSeal(OptionalInt.of(1), Map.of(1, SECRET));
        String stored = seal.seal(PACKET, "恭喜发财 🧧");

        Fuzz.of("envelope").samples(stored).run(input -> {
            String text = new String(input, StandardCharsets.UTF_8);
            Optional<String> opened = seal.open(PACKET, text);
            if (text.isEmpty() || text.charAt(0) != '\u0001') {
                assertEquals(Optional.of(text), opened, "stored before there was a key");
            } else if (opened.isPresent()) {
                // Base64 has several spellings of the same bytes.
                assertEquals(Optional.of("恭喜发财 🧧"), opened);
                assertTrue(text.startsWith(stored.substring(0, stored.length() - 1)), text);
            } else {
                assertNotEquals(stored, text);
            }
        });
    }
}
