package io.hongbao.core.ticket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs grab tickets, so that an open needs no Redis to check one.
 *
 * <pre>
 * ticket = base64url(version 1 ‖ key id 1 ‖ expiry, ms since 1970, 8 ‖ mac 16)
 * mac    = HMAC-SHA256(key, version ‖ key id ‖ expiry ‖ packet id 8 ‖ user id)[0..16)
 * </pre>
 *
 * The packet and the user are signed but not carried: a ticket shown by another user, or for another packet, does not
 * verify. Old keys stay known while their tickets may live, so keys rotate without refusing anybody.
 */
public final class TicketSigner {
    /** Shortest secret, bytes: that of the MAC's security. */
    public static final int SECRET_BYTES_MIN = 16;

    private static final byte VERSION = 1;
    private static final int HEADER_BYTES = 2 + Long.BYTES;
    private static final int MAC_BYTES = 16;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final int TICKET_BYTES = HEADER_BYTES + MAC_BYTES;
    /** Length of a ticket, characters. */
    public static final int TICKET_LENGTH = (TICKET_BYTES * 8 + 5) / 6;
    /** Those of base64url whose last two bits are 0. */
    private static final String LAST_CHARACTERS = "AEIMQUYcgkosw048";

    private final byte signingKeyId;
    private final Map<Byte, ThreadLocal<Mac>> macs;

    /** What a ticket turns out to be. */
    public enum Verdict {
        VALID,
        /** Genuine, but its lease is over. */
        EXPIRED,
        /** Missing, damaged, forged, or of another user or packet. */
        INVALID
    }

    /**
     * @param signingKeyId the key new tickets are signed with, 0 to 127
     * @param secrets all keys that verify, by id
     */
    public TicketSigner(int signingKeyId, Map<Integer, byte[]> secrets) {
        if (!secrets.containsKey(signingKeyId)) {
            throw new IllegalArgumentException("no secret for signing key " + signingKeyId);
        }
        var known = new HashMap<Byte, ThreadLocal<Mac>>();
        secrets.forEach((id, secret) -> {
            if (id < 0 || id > Byte.MAX_VALUE) {
                throw new IllegalArgumentException("key id " + id + " is not in 0..127");
            }
            if (secret.length < SECRET_BYTES_MIN) {
                throw new IllegalArgumentException(
                        "secret of key " + id + " is shorter than " + SECRET_BYTES_MIN + " bytes");
            }
            var key = new SecretKeySpec(secret, "HmacSHA256");
            known.put(id.byteValue(), ThreadLocal.withInitial(() -> mac(key)));
        });
        this.signingKeyId = (byte) signingKeyId;
        this.macs = Map.copyOf(known);
    }

    /** @param expiresAtMillis end of the lease, milliseconds since 1970 */
    public String sign(long packetId, String userId, long expiresAtMillis) {
        ByteBuffer ticket = ByteBuffer.allocate(TICKET_BYTES);
        ticket.put(VERSION).put(signingKeyId).putLong(expiresAtMillis);
        ticket.put(mac(signingKeyId, ticket.array(), packetId, userId), 0, MAC_BYTES);
        return encode(ticket.array());
    }

    /** @param nowMillis milliseconds since 1970; a wrong clock refuses a good ticket at worst */
    public Verdict verify(String ticket, long packetId, String userId, long nowMillis) {
        if (ticket.length() != TICKET_LENGTH) {
            return Verdict.INVALID;
        }
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(ticket);
        } catch (IllegalArgumentException notBase64) {
            return Verdict.INVALID;
        }
        if (bytes.length != TICKET_BYTES || bytes[0] != VERSION || !macs.containsKey(bytes[1])) {
            return Verdict.INVALID;
        }
        // The last character carries two bits that the decoder ignores: a ticket has one spelling only.
        if (LAST_CHARACTERS.indexOf(ticket.charAt(TICKET_LENGTH - 1)) < 0) {
            return Verdict.INVALID;
        }
        if (!endsWithMac(bytes, mac(bytes[1], bytes, packetId, userId))) {
            return Verdict.INVALID;
        }
        return ByteBuffer.wrap(bytes).getLong(2) > nowMillis ? Verdict.VALID : Verdict.EXPIRED;
    }

    private static String encode(byte[] ticket) {
        return BASE64.encodeToString(ticket);
    }

    /** Takes the same time wherever they differ. */
    private static boolean endsWithMac(byte[] ticket, byte[] mac) {
        int difference = 0;
        for (int i = 0; i < MAC_BYTES; i++) {
            difference |= ticket[HEADER_BYTES + i] ^ mac[i];
        }
        return difference == 0;
    }

    private byte[] mac(byte keyId, byte[] header, long packetId, String userId) {
        byte[] user = userId.getBytes(StandardCharsets.UTF_8);
        // One array: a Mac that is fed in pieces costs more than what it computes.
        byte[] signed = ByteBuffer.allocate(HEADER_BYTES + Long.BYTES + user.length)
                .put(header, 0, HEADER_BYTES)
                .putLong(packetId)
                .put(user)
                .array();
        return Objects.requireNonNull(macs.get(keyId), "an unknown key id")
                .get()
                .doFinal(signed);
    }

    private static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            return mac;
        } catch (InvalidKeyException wrongKey) {
            throw new IllegalArgumentException("unusable ticket secret", wrongKey);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", impossible);
        }
    }
}
