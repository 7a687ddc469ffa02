package io.hongbao.core.assertion;

import static io.hongbao.core.assertion.AssertionKey.BYTES_MAX;
import static io.hongbao.core.assertion.AssertionKey.HEADER_BYTES;
import static io.hongbao.core.assertion.AssertionKey.MAC_BYTES;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads what {@link AssertionSigner} wrote. Knows several keys, so that access layers change theirs one by one. Takes any
 * bytes whatever. Thread-safe.
 */
public final class AssertionVerifier {
    /** What an assertion turns out to be. */
    public sealed interface Verdict {}

    /** Signed by a known key, and its time is not over. */
    public record Genuine(Asker asker) implements Verdict {}

    /** Not to be believed. */
    public enum Doubtful implements Verdict {
        /** Damaged, forged, or signed by a key that is not known here. */
        FORGED,
        /** Genuine once. */
        EXPIRED,
        /** Genuine, but it would be for longer than this side allows. */
        LIVES_TOO_LONG
    }

    private static final int SHORTEST = HEADER_BYTES + 2 + 1 + MAC_BYTES;

    private final Map<Byte, AssertionKey> keys;
    private final long lifeMaxMillis;

    /**
     * @param secrets by key id, 0 to 127; at least 16 bytes each
     * @param lifeMax how far ahead an expiry may be: whoever steals an assertion has it no longer
     */
    public AssertionVerifier(Map<Integer, byte[]> secrets, Duration lifeMax) {
        if (secrets.isEmpty()) {
            throw new IllegalArgumentException("no key can verify anything");
        }
        var known = new HashMap<Byte, AssertionKey>();
        secrets.forEach((id, secret) -> known.put(id.byteValue(), new AssertionKey(id, secret)));
        this.keys = Map.copyOf(known);
        this.lifeMaxMillis = lifeMax.toMillis();
    }

    /** @param nowMillis milliseconds since 1970; a wrong clock refuses a good assertion at worst, or takes one a little longer */
    public Verdict verify(byte[] assertion, long nowMillis) {
        if (assertion.length < SHORTEST || assertion.length > BYTES_MAX || assertion[0] != AssertionKey.VERSION) {
            return Doubtful.FORGED;
        }
        AssertionKey key = keys.get(assertion[1]);
        int bodyBytes = assertion.length - MAC_BYTES;
        if (key == null
                || !MessageDigest.isEqual(
                        Arrays.copyOf(key.macOf(assertion, bodyBytes), MAC_BYTES),
                        Arrays.copyOfRange(assertion, bodyBytes, assertion.length))) {
            return Doubtful.FORGED;
        }
        int userBytes = assertion[HEADER_BYTES];
        int groupAt = HEADER_BYTES + 1 + userBytes;
        if (userBytes < 1 || groupAt >= bodyBytes || groupAt + 1 + assertion[groupAt] != bodyBytes) {
            return Doubtful.FORGED;
        }
        long expiresAtMillis = ByteBuffer.wrap(assertion).getLong(2);
        if (expiresAtMillis <= nowMillis) {
            return Doubtful.EXPIRED;
        }
        if (expiresAtMillis - nowMillis > lifeMaxMillis) {
            return Doubtful.LIVES_TOO_LONG;
        }
        return new Genuine(new Asker(
                text(assertion, HEADER_BYTES + 1, userBytes), text(assertion, groupAt + 1, assertion[groupAt])));
    }

    private static String text(byte[] bytes, int from, int length) {
        return new String(bytes, from, length, StandardCharsets.UTF_8);
    }
}
