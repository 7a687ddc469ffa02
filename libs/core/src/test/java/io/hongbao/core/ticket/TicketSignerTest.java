package io.hongbao.core.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hongbao.core.ticket.TicketSigner.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TicketSignerTest {
    private static final long PACKET = 1_2518_007_00000042_503L;
    private static final long EXPIRES_AT = 1_800_000_000_000L;
    private static final byte[] SECRET = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEXT_SECRET = "fedcba9876543210".getBytes(StandardCharsets.US_ASCII);

    private final TicketSigner signer = new TicketSigner(1, Map.of(1, SECRET));
    private final String ticket = signer.sign(PACKET, "alice", EXPIRES_AT);

    private Verdict verify(String shown) {
        return signer.verify(shown, PACKET, "alice", EXPIRES_AT - 1);
    }

    @Test
    void shouldAcceptItsOwnTicketUntilTheLeaseEnds() {
        assertEquals(Verdict.VALID, verify(ticket));
    }

    @Test
    void shouldCallATicketExpiredFromTheEndOfItsLease() {
        assertEquals(Verdict.EXPIRED, signer.verify(ticket, PACKET, "alice", EXPIRES_AT));
    }

    @Test
    void shouldMakeATicketAsDocumented() throws Exception {
        var signed = new ByteArrayOutputStream();
        var data = new DataOutputStream(signed);
        data.writeByte(1);
        data.writeByte(1);
        data.writeLong(EXPIRES_AT);
        byte[] header = signed.toByteArray();
        data.writeLong(PACKET);
        data.write("alice".getBytes(StandardCharsets.UTF_8));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
        byte[] expected = Arrays.copyOf(header, 26);
        System.arraycopy(mac.doFinal(signed.toByteArray()), 0, expected, 10, 16);

        assertEquals(Base64.getUrlEncoder().withoutPadding().encodeToString(expected), ticket);
        assertEquals(TicketSigner.TICKET_LENGTH, ticket.length());
    }

    @Test
    void shouldRefuseABorrowedTicket() {
        assertEquals(Verdict.INVALID, signer.verify(ticket, PACKET, "bob", EXPIRES_AT - 1));
    }

    @Test
    void shouldRefuseATicketOfAnotherPacket() {
        assertEquals(Verdict.INVALID, signer.verify(ticket, PACKET + 1, "alice", EXPIRES_AT - 1));
    }

    @Test
    void shouldRefuseATicketWithAnyBitFlipped() {
        byte[] bytes = Base64.getUrlDecoder().decode(ticket);
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);

            String shown = Base64.getUrlEncoder().withoutPadding().encodeToString(flipped);

            assertEquals(Verdict.INVALID, verify(shown), "bit " + bit);
        }
    }

    @Test
    void shouldRefuseATicketWithAnyBitOfItsTextFlipped() {
        for (int position = 0; position < ticket.length(); position++) {
            for (int bit = 0; bit < Character.SIZE; bit++) {
                char[] characters = ticket.toCharArray();
                characters[position] ^= (char) (1 << bit);

                assertEquals(Verdict.INVALID, verify(new String(characters)), "position " + position + " bit " + bit);
            }
        }
    }

    @Test
    void shouldRefuseATruncatedOrExtendedTicket() {
        for (int length = 0; length < ticket.length(); length++) {
            assertEquals(Verdict.INVALID, verify(ticket.substring(0, length)));
        }
        assertEquals(Verdict.INVALID, verify(ticket + "A"));
        assertEquals(Verdict.INVALID, verify(ticket + "="));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "not a ticket", "\u0000", "拆红包", "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"})
    void shouldRefuseWhatIsNoTicket(String shown) {
        assertEquals(Verdict.INVALID, verify(shown));
    }

    @Test
    void shouldRefuseFourKilobytes() {
        assertEquals(Verdict.INVALID, verify("A".repeat(4_096)));
    }

    @Test
    void shouldRefuseAnUnknownKey() {
        String other = new TicketSigner(2, Map.of(2, SECRET)).sign(PACKET, "alice", EXPIRES_AT);

        assertEquals(Verdict.INVALID, verify(other));
    }

    @Test
    void shouldRefuseAForgeryUnderAKnownKeyId() {
        String forged = new TicketSigner(1, Map.of(1, NEXT_SECRET)).sign(PACKET, "alice", EXPIRES_AT);

        assertEquals(Verdict.INVALID, verify(forged));
    }

    @Test
    void shouldAcceptTicketsOfTheOldKeyAfterARotation() {
        TicketSigner rotated = new TicketSigner(2, Map.of(1, SECRET, 2, NEXT_SECRET));

        assertEquals(Verdict.VALID, rotated.verify(ticket, PACKET, "alice", EXPIRES_AT - 1));
    }

    @Test
    void shouldSignWithTheNewKeyAfterARotation() {
        TicketSigner rotated = new TicketSigner(2, Map.of(1, SECRET, 2, NEXT_SECRET));

        String next = rotated.sign(PACKET, "alice", EXPIRES_AT);

        assertNotEquals(ticket, next);
        assertEquals(Verdict.VALID, rotated.verify(next, PACKET, "alice", EXPIRES_AT - 1));
    }

    @Test
    void shouldRefuseTheOldKeyOnceItIsRetired() {
        TicketSigner retired = new TicketSigner(2, Map.of(2, NEXT_SECRET));

        assertEquals(Verdict.INVALID, retired.verify(ticket, PACKET, "alice", EXPIRES_AT - 1));
    }

    @Test
    void shouldStillVerifyAfterAForgery() {
        verify(ticket.substring(0, 34) + "!");

        assertEquals(Verdict.VALID, verify(ticket));
    }

    @Test
    void shouldNeedTheSecretItSignsWith() {
        assertThrows(IllegalArgumentException.class, () -> new TicketSigner(2, Map.of(1, SECRET)));
    }

    @Test
    void shouldRefuseAShortSecret() {
        assertThrows(IllegalArgumentException.class, () -> new TicketSigner(1, Map.of(1, new byte[15])));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 128, 257})
    void shouldRefuseAKeyIdThatDoesNotFit(int keyId) {
        assertThrows(IllegalArgumentException.class, () -> new TicketSigner(keyId, Map.of(keyId, SECRET)));
    }
}
