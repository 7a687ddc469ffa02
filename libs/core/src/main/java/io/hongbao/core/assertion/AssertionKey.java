package io.hongbao.core.assertion;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** One secret, and the layout that both sides share; see {@link AssertionSigner}. */
final class AssertionKey {
    /** Shortest secret, bytes: more than that of the MAC's security. */
    static final int SECRET_BYTES_MIN = 16;

    /** Begins with a bit that no ticket begins with: a secret that somebody uses for both makes neither pass for the other. */
    static final byte VERSION = (byte) 0x81;

    static final int HEADER_BYTES = 2 + Long.BYTES;
    static final int MAC_BYTES = 16;
    static final int ID_BYTES_MAX = 64;

    /** Longest assertion, bytes. */
    static final int BYTES_MAX = HEADER_BYTES + 2 * (1 + ID_BYTES_MAX) + MAC_BYTES;

    private static final String ALGORITHM = "HmacSHA256";

    private final ThreadLocal<Mac> macs;

    AssertionKey(int id, byte[] secret) {
        if (id < 0 || id > Byte.MAX_VALUE) {
            throw new IllegalArgumentException("key id " + id + " is not in 0..127");
        }
        if (secret.length < SECRET_BYTES_MIN) {
            throw new IllegalArgumentException(
                    "secret of key " + id + " is shorter than " + SECRET_BYTES_MIN + " bytes");
        }
        var key = new SecretKeySpec(secret, ALGORITHM);
        this.macs = ThreadLocal.withInitial(() -> mac(key));
    }

    /** Over the first {@code length} bytes; only the first {@link #MAC_BYTES} of the answer are used. */
    byte[] macOf(byte[] assertion, int length) {
        Mac mac = macs.get();
        mac.update(assertion, 0, length);
        return mac.doFinal();
    }

    private static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (InvalidKeyException wrongKey) {
            throw new IllegalArgumentException("unusable assertion secret", wrongKey);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", impossible);
        }
    }
}
