package io.hongbao.core.assertion;

import static io.hongbao.core.assertion.AssertionKey.HEADER_BYTES;
import static io.hongbao.core.assertion.AssertionKey.ID_BYTES_MAX;
import static io.hongbao.core.assertion.AssertionKey.MAC_BYTES;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Signs who asks, for whoever has checked who the user is.
 *
 * <pre>
 * assertion = 0x81 ‖ key id 1 ‖ expiry, ms since 1970, 8 ‖ length 1 ‖ user id ‖ length 1 ‖ group id ‖ mac 16
 * mac       = HMAC-SHA256(key, all before it)[0..16)
 * </pre>
 *
 * Numbers are big-endian, ids are ASCII. Thread-safe.
 */
public final class AssertionSigner {
    /** The gRPC metadata that carries an assertion. */
    public static final String HEADER = "hongbao-user-assertion-bin";

    /** How long an assertion lives unless told otherwise: a grab, the look at the packet, and the open. */
    public static final Duration LIFE = Duration.ofMinutes(2);

    private final byte keyId;
    private final AssertionKey key;
    private final Duration life;
    private final InstantSource clock;

    /** @param keyId 0 to 127; one of those that the services know under {@code hongbao.assertion.keys} */
    public AssertionSigner(int keyId, byte[] secret) {
        this(keyId, secret, LIFE, InstantSource.system());
    }

    /** @param life below {@code hongbao.assertion.life-max} of the services, by more than clocks differ */
    public AssertionSigner(int keyId, byte[] secret, Duration life, InstantSource clock) {
        if (!life.isPositive()) {
            throw new IllegalArgumentException("not a life: " + life);
        }
        this.key = new AssertionKey(keyId, secret);
        this.keyId = (byte) keyId;
        this.life = life;
        this.clock = clock;
    }

    /** @throws IllegalArgumentException if an id is longer than ids are, or the user's is empty */
    public byte[] sign(Asker asker) {
        byte[] user = bytes(asker.userId());
        byte[] group = bytes(asker.groupId());
        if (user.length == 0) {
            throw new IllegalArgumentException("nobody asks");
        }
        ByteBuffer assertion = ByteBuffer.allocate(HEADER_BYTES + 2 + user.length + group.length + MAC_BYTES)
                .put(AssertionKey.VERSION)
                .put(keyId)
                .putLong(clock.instant().plus(life).toEpochMilli())
                .put((byte) user.length)
                .put(user)
                .put((byte) group.length)
                .put(group);
        return assertion
                .put(key.macOf(assertion.array(), assertion.position()), 0, MAC_BYTES)
                .array();
    }

    private static byte[] bytes(String id) {
        byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > ID_BYTES_MAX) {
            throw new IllegalArgumentException("an id of " + bytes.length + " bytes");
        }
        return bytes;
    }
}
