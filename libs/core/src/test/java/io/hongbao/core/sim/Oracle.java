package io.hongbao.core.sim;

import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.Terms;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The simplest possible packet: one user after the other, a list of amounts computed beforehand from the published
 * rules, a map. Shares no code with the packet it judges, and knows nothing of versions, batches or crashes. It is told
 * what became durable, in that order, and says what this may have been.
 */
final class Oracle {
    private final Terms terms;
    private final long[] amountsFen;

    /** Amount of every user who has a share, in the order of opening. */
    final Map<String, Long> opened = new LinkedHashMap<>();

    boolean paid;
    boolean closed;
    boolean refunded;
    long refundFen;

    Oracle(Terms terms, byte[] seed) {
        this.terms = terms;
        this.amountsFen = amounts(terms, seed);
    }

    void publish() {
        require(!paid && !closed, "I8", "published twice, or after it was closed");
        paid = true;
    }

    void close() {
        require(!paid && !closed, "I8", "closed after it was paid, or twice");
        closed = true;
    }

    /** @return what the user must get */
    long open(String userId, int sequence, long amountFen) {
        require(paid, "I8", "a share of an unpaid packet");
        require(!refunded, "I6", "a share after the refund");
        require(!opened.containsKey(userId), "I2", "a second share for " + userId);
        require(opened.size() < terms.shareCount(), "I3", "more shares than " + terms.shareCount());
        long expectedFen = amountsFen[opened.size()];
        require(
                sequence == opened.size() + 1 && amountFen == expectedFen,
                "I3",
                "share " + sequence + " of " + amountFen + " fen instead of share " + (opened.size() + 1) + " of "
                        + expectedFen);
        opened.put(userId, expectedFen);
        return expectedFen;
    }

    void expire(long amountFen) {
        require(paid, "I8", "a refund of an unpaid packet");
        require(!refunded, "I5", "a second refund");
        require(!soldOut(), "I1", "a refund of a finished packet");
        require(amountFen == leftFen(), "I1", "a refund of " + amountFen + " fen instead of " + leftFen());
        refunded = true;
        refundFen = amountFen;
    }

    boolean soldOut() {
        return opened.size() == terms.shareCount();
    }

    boolean isFinal() {
        return closed || refunded || soldOut();
    }

    /** What is neither opened nor refunded. */
    long leftFen() {
        if (!paid || refunded) {
            return 0;
        }
        long leftFen = terms.totalFen();
        for (long amountFen : opened.values()) {
            leftFen -= amountFen;
        }
        return leftFen;
    }

    private static void require(boolean kept, String promise, String what) {
        if (!kept) {
            throw new BrokenPromise(promise, what);
        }
    }

    private static long[] amounts(Terms terms, byte[] seed) {
        long[] amounts = new long[terms.shareCount()];
        long restFen = terms.totalFen();
        for (int k = 1; k <= amounts.length; k++) {
            int people = amounts.length - k + 1;
            long amountFen;
            if (people == 1) {
                amountFen = restFen;
            } else if (terms.kind() == PacketKind.EQUAL) {
                amountFen = restFen / people;
            } else {
                long mostFen = Math.min(restFen * 2 / people - 1, terms.shareMaxFen());
                long leastFen = Math.max(1, restFen * 2 / people - terms.shareMaxFen());
                amountFen = leastFen + draw(seed, k, mostFen - leastFen + 1);
            }
            amounts[k - 1] = amountFen;
            restFen -= amountFen;
        }
        return amounts;
    }

    private static long draw(byte[] seed, int k, long size) {
        BigInteger all = BigInteger.ONE.shiftLeft(63);
        BigInteger fair = all.subtract(all.mod(BigInteger.valueOf(size)));
        for (int attempt = 0; ; attempt++) {
            try {
                byte[] block = MessageDigest.getInstance("SHA-256")
                        .digest(ByteBuffer.allocate(41)
                                .put((byte) 1)
                                .put(seed)
                                .putInt(k)
                                .putInt(attempt)
                                .array());
                BigInteger bits = BigInteger.valueOf(ByteBuffer.wrap(block).getLong() >>> 1);
                if (bits.compareTo(fair) < 0) {
                    return bits.mod(BigInteger.valueOf(size)).longValueExact();
                }
            } catch (NoSuchAlgorithmException impossible) {
                throw new AssertionError(impossible);
            }
        }
    }
}
