package io.hongbao.kit;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs where the next page of a list starts, bound to the list it belongs to. A token that is forged, damaged, or of
 * another user's list is refused; one token works on every pod that has the same key.
 */
public final class PageToken {
    private static final int MAC_BYTES = 16;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final SecretKeySpec key;

    /** @param secret any length; the same on all pods of a service */
    public PageToken(byte[] secret) {
        this.key = new SecretKeySpec(secret, "HmacSHA256");
    }

    /**
     * @param list names the list and its owner, for instance {@code sent/alice}
     * @param position where the next page starts; up to two numbers, by convention a time and an id
     */
    public String encode(String list, long... position) {
        ByteBuffer body = ByteBuffer.allocate(position.length * Long.BYTES + MAC_BYTES);
        for (long part : position) {
            body.putLong(part);
        }
        body.put(mac(list, Arrays.copyOf(body.array(), position.length * Long.BYTES)));
        return BASE64.encodeToString(body.array());
    }

    /**
     * @param parts how many numbers the list's positions have
     * @return the position that was encoded
     * @throws Refusal PAGE_TOKEN_INVALID
     */
    public long[] decode(String list, String token, int parts) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException notBase64) {
            throw invalid();
        }
        int bodyBytes = parts * Long.BYTES;
        if (bytes.length != bodyBytes + MAC_BYTES) {
            throw invalid();
        }
        byte[] body = Arrays.copyOf(bytes, bodyBytes);
        if (!MessageDigest.isEqual(mac(list, body), Arrays.copyOfRange(bytes, bodyBytes, bytes.length))) {
            throw invalid();
        }
        // The last character may carry bits that the decoder ignores: a token has one spelling only.
        if (!BASE64.encodeToString(bytes).equals(token)) {
            throw invalid();
        }
        long[] position = new long[parts];
        ByteBuffer.wrap(body).asLongBuffer().get(position);
        return position;
    }

    private byte[] mac(String list, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update(list.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return Arrays.copyOf(mac.doFinal(body), MAC_BYTES);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", impossible);
        }
    }

    private static Refusal invalid() {
        return Refusal.of(ERROR_REASON_PAGE_TOKEN_INVALID, "page_token is not one of this list");
    }
}
