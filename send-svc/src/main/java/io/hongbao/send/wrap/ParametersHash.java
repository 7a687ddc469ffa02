package io.hongbao.send.wrap;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What tells a repeated request from another one under the same id: SHA-256 over everything the sender chose, with the
 * defaults filled in, so that it is the same whether a default was sent or left out.
 *
 * <pre>
 * 0x01 ‖ kind as 4 bytes ‖ total as 8 ‖ share count as 4 ‖ time to live in ms as 8
 *      ‖ sender ‖ group ‖ exclusive user ‖ greeting ‖ city code, each as length in 4 bytes ‖ UTF-8
 * </pre>
 *
 * The first byte is the version of this format. The lengths keep two texts from running into each other. The limits in
 * force are left out: a change of configuration must not turn a retry into an error.
 */
final class ParametersHash {
    private static final byte VERSION = 1;
    private static final int NUMBERS_BYTES = 1 + Integer.BYTES + Long.BYTES + Integer.BYTES + Long.BYTES;

    private ParametersHash() {}

    /** @return 32 bytes */
    static byte[] of(Order order) {
        MessageDigest digest = sha256();
        digest.update(ByteBuffer.allocate(NUMBERS_BYTES)
                .put(VERSION)
                .putInt(order.terms().kind().code())
                .putLong(order.terms().totalFen())
                .putInt(order.terms().shareCount())
                .putLong(order.timeToLiveMillis())
                .flip());
        text(digest, order.senderId());
        text(digest, order.groupId());
        text(digest, order.exclusiveUserId());
        text(digest, order.greeting());
        text(digest, order.cityCode());
        return digest.digest();
    }

    private static void text(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("SHA-256 is part of every JDK", impossible);
        }
    }
}
