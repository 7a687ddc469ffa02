package io.hongbao.core.split;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The secret of a packet's draw: 32 random bytes. Its commitment is published when the packet is made, the seed itself
 * when the packet is final, so that anyone can recompute every amount and nobody could have chosen them on the way.
 *
 * <pre>
 * commitment        = SHA-256(0x00 ‖ seed)
 * block(k, attempt) = SHA-256(0x01 ‖ seed ‖ k as 4 bytes ‖ attempt as 4 bytes), integers big endian
 * bits(k, attempt)  = the first 63 bits of the block, big endian
 * </pre>
 *
 * The first bytes differ so that a published commitment says nothing about any draw.
 */
public final class Seed {
    /** Length of a seed and of a commitment, bytes. */
    public static final int BYTES = 32;

    private static final byte COMMITMENT = 0;
    private static final byte DRAW = 1;
    private static final int ATTEMPT_OFFSET = 1 + BYTES + Integer.BYTES;
    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(Seed::sha256);

    private final byte[] bytes;

    /** @param bytes 32 bytes from a cryptographic source */
    public Seed(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a seed has " + BYTES + " bytes, not " + bytes.length);
        }
        this.bytes = bytes.clone();
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** What is published when the packet is made, 32 bytes. */
    public byte[] commitment() {
        MessageDigest digest = SHA_256.get();
        digest.update(COMMITMENT);
        return digest.digest(bytes);
    }

    /**
     * A number uniform in {@code 0 ..< bound}, without modulo bias: values from the incomplete last range are drawn
     * again with the next attempt.
     *
     * @param sequence position of the share, from 1
     * @param bound at least 1
     */
    public long uniform(int sequence, long bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound " + bound + " is below 1");
        }
        for (int attempt = 0; ; attempt++) {
            long bits = block(sequence, attempt) >>> 1;
            long value = bits % bound;
            // The sum overflows exactly when bits lies in the last range, which is shorter than bound.
            if (bits - value + (bound - 1) >= 0) {
                return value;
            }
        }
    }

    private long block(int sequence, int attempt) {
        byte[] input = new byte[ATTEMPT_OFFSET + Integer.BYTES];
        input[0] = DRAW;
        System.arraycopy(bytes, 0, input, 1, BYTES);
        putInt(input, 1 + BYTES, sequence);
        putInt(input, ATTEMPT_OFFSET, attempt);
        byte[] hash = SHA_256.get().digest(input);
        long first = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            first = first << 8 | hash[i] & 0xff;
        }
        return first;
    }

    private static void putInt(byte[] target, int offset, int value) {
        target[offset] = (byte) (value >>> 24);
        target[offset + 1] = (byte) (value >>> 16);
        target[offset + 2] = (byte) (value >>> 8);
        target[offset + 3] = (byte) value;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("SHA-256 is part of every JDK", impossible);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Seed seed && Arrays.equals(bytes, seed.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The commitment, never the seed: this may end up in a log. */
    @Override
    public String toString() {
        return "Seed[commitment=" + HexFormat.of().formatHex(commitment()) + "]";
    }
}
