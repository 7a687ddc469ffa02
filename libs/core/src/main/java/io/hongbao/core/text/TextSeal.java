package io.hongbao.core.text;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts what a user wrote before it is stored, and decrypts it for those who may see it.
 *
 * <pre>
 * stored     = U+0001 ‖ base64url(header ‖ AES-256-GCM(packet key, nonce, text, header ‖ packet id 8) ‖ tag 16)
 * header     = version 1 ‖ key id 1 ‖ nonce 12
 * packet key = HMAC-SHA256(key, "hongbao greeting" ‖ version ‖ packet id 8)
 * </pre>
 *
 * Each packet has a key of its own, derived and not stored: no key ever encrypts so many texts that two random nonces may
 * meet. The packet is authenticated, so that a text moved to another packet is not readable there. The first character is
 * one that no text may have: what does not begin with it was stored before, or without a key, and is as it is. An empty text
 * stays empty. Thread-safe; keys are parsed once.
 */
public final class TextSeal {
    /** Length of a secret, bytes. */
    public static final int SECRET_BYTES = 32;

    private static final char MARK = '\u0001';
    private static final byte VERSION = 1;
    private static final int NONCE_BYTES = 12;
    private static final int HEADER_BYTES = 2 + NONCE_BYTES;
    private static final int TAG_BYTES = 16;
    private static final byte[] PURPOSE = "hongbao greeting\1".getBytes(StandardCharsets.US_ASCII);
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final String MAC = "HmacSHA256";

    private final OptionalInt writingKey;
    private final Map<Byte, SecretKeySpec> keys;
    private final SecureRandom random = new SecureRandom();

    /**
     * @param writingKey what new texts are encrypted with, 0 to 127; empty: they are stored as they are
     * @param secrets all keys that read, by id; {@link #SECRET_BYTES} each
     */
    public TextSeal(OptionalInt writingKey, Map<Integer, byte[]> secrets) {
        if (writingKey.isPresent() && !secrets.containsKey(writingKey.getAsInt())) {
            throw new IllegalArgumentException("no secret for writing key " + writingKey.getAsInt());
        }
        var known = new HashMap<Byte, SecretKeySpec>();
        secrets.forEach((id, secret) -> {
            if (id < 0 || id > Byte.MAX_VALUE) {
                throw new IllegalArgumentException("key id " + id + " is not in 0..127");
            }
            if (secret.length != SECRET_BYTES) {
                throw new IllegalArgumentException("secret of key " + id + " is not " + SECRET_BYTES + " bytes");
            }
            known.put(id.byteValue(), new SecretKeySpec(secret, MAC));
        });
        this.writingKey = writingKey;
        this.keys = Map.copyOf(known);
    }

    /** What to store for a text of this packet. */
    public String seal(long packetId, String text) {
        if (writingKey.isEmpty() || text.isEmpty()) {
            return text;
        }
        byte keyId = (byte) writingKey.getAsInt();
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] plain = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer envelope = ByteBuffer.allocate(HEADER_BYTES + plain.length + TAG_BYTES)
                .put(VERSION)
                .put(keyId)
                .put(nonce);
        SecretKeySpec key = Objects.requireNonNull(keys.get(keyId), "the constructor has seen it");
        try {
            return MARK
                    + BASE64.encodeToString(envelope.put(
                                    cipher(Cipher.ENCRYPT_MODE, packetKey(key, packetId), envelope.array(), packetId)
                                            .doFinal(plain))
                            .array());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("AES-GCM is part of every JDK", impossible);
        }
    }

    /**
     * The text again.
     *
     * @return empty if it cannot be read: its key is not known, it was changed, or it is another packet's
     */
    public Optional<String> open(long packetId, String stored) {
        if (stored.isEmpty() || stored.charAt(0) != MARK) {
            return Optional.of(stored);
        }
        byte[] envelope;
        try {
            envelope = Base64.getUrlDecoder().decode(stored.substring(1));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
        if (envelope.length <= HEADER_BYTES + TAG_BYTES || envelope[0] != VERSION) {
            return Optional.empty();
        }
        SecretKeySpec key = keys.get(envelope[1]);
        if (key == null) {
            return Optional.empty();
        }
        try {
            byte[] plain = cipher(Cipher.DECRYPT_MODE, packetKey(key, packetId), envelope, packetId)
                    .doFinal(envelope, HEADER_BYTES, envelope.length - HEADER_BYTES);
            return Optional.of(new String(plain, StandardCharsets.UTF_8));
        } catch (AEADBadTagException changed) {
            return Optional.empty();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("AES-GCM is part of every JDK", impossible);
        }
    }

    /** @param header begins with version, key id and nonce */
    private static Cipher cipher(int mode, SecretKeySpec key, byte[] header, long packetId)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, header, 2, NONCE_BYTES));
        cipher.updateAAD(header, 0, HEADER_BYTES);
        cipher.updateAAD(bytes(packetId));
        return cipher;
    }

    private static SecretKeySpec packetKey(SecretKeySpec key, long packetId) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(MAC);
        mac.init(key);
        mac.update(PURPOSE);
        byte[] derived = mac.doFinal(bytes(packetId));
        try {
            return new SecretKeySpec(derived, "AES");
        } finally {
            Arrays.fill(derived, (byte) 0);
        }
    }

    private static byte[] bytes(long packetId) {
        return ByteBuffer.allocate(Long.BYTES).putLong(packetId).array();
    }
}
