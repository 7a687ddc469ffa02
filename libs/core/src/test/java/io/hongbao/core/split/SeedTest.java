package io.hongbao.core.split;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.core.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeedTest {
    /** 0x00, 0x01 … 0x1f. */
    private static final byte[] COUNTING =
            HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

    /** SHA-256 of the prefix, the seed and the numbers, big endian: the documented formula, written a second time. */
    private static byte[] sha256(int prefix, byte[] seed, int... numbers) throws IOException, NoSuchAlgorithmException {
        var input = new ByteArrayOutputStream();
        var data = new DataOutputStream(input);
        data.writeByte(prefix);
        data.write(seed);
        for (int number : numbers) {
            data.writeInt(number);
        }
        return MessageDigest.getInstance("SHA-256").digest(input.toByteArray());
    }

    private static BigInteger bits(byte[] seed, int sequence, int attempt) throws Exception {
        byte[] block = sha256(1, seed, sequence, attempt);
        return new BigInteger(1, Arrays.copyOf(block, 8)).shiftRight(1);
    }

    @Test
    void shouldCommitToTheKnownAnswer() throws Exception {
        // SHA-256 of 33 bytes 00 00 01 … 1f, as sha256sum prints it.
        assertEquals(
                "699cacdb4c39d8e0bb1223352765a7f7acdc51dec6694f7b54c3d0a47f0cc409",
                HexFormat.of().formatHex(new Seed(COUNTING).commitment()));
        assertArrayEquals(sha256(0, COUNTING), new Seed(COUNTING).commitment());
    }

    @Test
    void shouldDrawTheKnownAnswers() {
        Seed seed = new Seed(COUNTING);

        // Computed with hashlib: int.from_bytes(sha256(b"\x01" + seed + k + attempt).digest()[:8]) >> 1, % 1999.
        long[] expected = {806, 587, 1066, 382, 141, 405, 860, 1264};
        for (int k = 1; k <= expected.length; k++) {
            assertEquals(expected[k - 1], seed.uniform(k, 1_999), "draw " + k);
        }
    }

    @Test
    void shouldDrawWhatThePublishedFormulaSays() throws Exception {
        Random random = Seeds.random("Seed formula");
        for (int i = 0; i < 20_000; i++) {
            Seed seed = Seeds.seed(random);
            int sequence = 1 + random.nextInt(500);
            // Bounds of all magnitudes; those near 2^62 reject every other attempt.
            long bound = 1 + (random.nextLong() >>> 1 + random.nextInt(62));

            BigInteger size = BigInteger.valueOf(bound);
            BigInteger all = BigInteger.ONE.shiftLeft(63);
            BigInteger accepted = all.subtract(all.mod(size));
            int attempt = 0;
            while (bits(seed.bytes(), sequence, attempt).compareTo(accepted) >= 0) {
                attempt++;
            }
            long expected = bits(seed.bytes(), sequence, attempt).mod(size).longValueExact();

            assertEquals(expected, seed.uniform(sequence, bound));
        }
    }

    @Test
    void shouldDrawEveryValueEquallyOften() {
        // Given 7 values and 700,000 draws, the sum of squared deviations follows chi-square with 6 degrees of freedom.
        Random random = Seeds.random("Seed uniformity");
        int[] counts = new int[7];
        int draws = 700_000;

        for (int i = 0; i < draws / 500; i++) {
            Seed seed = Seeds.seed(random);
            for (int sequence = 1; sequence <= 500; sequence++) {
                counts[(int) seed.uniform(sequence, counts.length)]++;
            }
        }

        double expected = draws / (double) counts.length;
        double chiSquare = 0;
        for (int count : counts) {
            chiSquare += (count - expected) * (count - expected) / expected;
        }
        // Exceeded by a fair draw once in 10 million runs.
        assertTrue(chiSquare < 43, () -> "chi-square is too large: " + Arrays.toString(counts));
    }

    @Test
    void shouldDrawZeroFromOneValue() {
        assertEquals(0, new Seed(COUNTING).uniform(1, 1));
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, (1L << 62) + 1, 1L << 62, (1L << 62) - 1})
    void shouldStayBelowAHugeBound(long bound) {
        Seed seed = new Seed(COUNTING);
        for (int sequence = 1; sequence <= 1_000; sequence++) {
            long value = seed.uniform(sequence, bound);

            assertTrue(value >= 0 && value < bound);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void shouldRefuseABoundBelowOne(long bound) {
        assertThrows(IllegalArgumentException.class, () -> new Seed(COUNTING).uniform(1, bound));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 33})
    void shouldRefuseAnotherLength(int length) {
        assertThrows(IllegalArgumentException.class, () -> new Seed(new byte[length]));
    }

    @Test
    void shouldNotChangeWithTheArrayItWasMadeOf() {
        byte[] bytes = COUNTING.clone();
        Seed seed = new Seed(bytes);

        bytes[0] = 99;
        seed.bytes()[1] = 99;

        assertArrayEquals(COUNTING, seed.bytes());
    }

    @Test
    void shouldBeEqualExactlyToTheSameBytes() {
        byte[] other = COUNTING.clone();
        other[31]++;

        assertEquals(new Seed(COUNTING), new Seed(COUNTING.clone()));
        assertEquals(new Seed(COUNTING).hashCode(), new Seed(COUNTING.clone()).hashCode());
        assertNotEquals(new Seed(COUNTING), new Seed(other));
    }

    @Test
    void shouldNotShowItsSecret() {
        String shown = new Seed(COUNTING).toString();

        assertFalse(shown.contains("000102"));
        assertTrue(shown.contains("commitment="));
    }
}
