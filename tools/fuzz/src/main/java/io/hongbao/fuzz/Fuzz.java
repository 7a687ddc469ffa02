package io.hongbao.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Calls a decoder with many inputs made from valid samples: bits flipped, bytes cut out, put in and doubled, numbers made
 * extreme, two samples joined; and some that are random from end to end. All follow from a seed, which is printed.
 *
 * <pre>{@code
 * Fuzz.of("ticket").samples(ticket).run(input -> …);
 * }</pre>
 *
 * {@code -Dfuzz.inputs=N} sets how many inputs each decoder gets, {@code -Dfuzz.seed=N} repeats a run.
 */
public final class Fuzz {
    /** Enough to reach every branch of a small decoder, and done in a second. */
    private static final int INPUTS = 20_000;

    /** A few changes leave an input almost valid, which goes deepest. */
    private static final int CHANGES_MAX = 6;

    /** Random inputs are no longer than this, and none grows beyond it by more than the longest sample. */
    private static final int RANDOM_BYTES_MAX = 512;

    /** One of so many is random from end to end. */
    private static final int RANDOM_ONE_IN = 16;

    private static final byte[] EXTREME = {0, 1, 9, 10, 13, 32, 34, 39, 44, 46, 47, 48, 57, 61, 92, 127, -128, -64, -1};

    /** Reads what it is given. Whatever it throws is a finding. */
    @FunctionalInterface
    public interface Decoder {
        void decode(byte[] input) throws Exception;
    }

    private final String name;
    private final List<byte[]> samples;

    private Fuzz(String name, List<byte[]> samples) {
        this.name = name;
        this.samples = samples;
    }

    /** @param name of the decoder, for the report */
    public static Fuzz of(String name) {
        return new Fuzz(name, List.of());
    }

    /** Valid inputs to start from. */
    public Fuzz samples(byte[]... valid) {
        return new Fuzz(name, List.of(valid));
    }

    /** Valid inputs to start from, as text. */
    public Fuzz samples(String... valid) {
        return new Fuzz(
                name,
                Arrays.stream(valid)
                        .map(text -> text.getBytes(StandardCharsets.UTF_8))
                        .toList());
    }

    /** @throws AssertionError with the input, if the decoder throws anything at all */
    public void run(Decoder decoder) {
        int inputCount = Integer.getInteger("fuzz.inputs", INPUTS);
        long seed = Long.getLong("fuzz.seed", System.nanoTime());
        long begunNanos = System.nanoTime();
        for (int i = 0; i < inputCount; i++) {
            // A seed for each: one input is repeated without those before it.
            byte[] input = input(new SplittableRandom(seed + i));
            try {
                decoder.decode(input.clone());
            } catch (Exception | StackOverflowError | OutOfMemoryError | AssertionError finding) {
                throw new AssertionError(
                        "%s fails on input %d of seed %d, -Dfuzz.seed=%d -Dfuzz.inputs=1 repeats it: %s"
                                .formatted(
                                        name, i, seed, seed + i, HexFormat.of().formatHex(input)),
                        finding);
            }
        }
        System.out.printf(
                "fuzz decoder=%s inputs=%d seed=%d ms=%d%n",
                name, inputCount, seed, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNanos));
    }

    private byte[] input(SplittableRandom random) {
        if (samples.isEmpty() || random.nextInt(RANDOM_ONE_IN) == 0) {
            byte[] noise = new byte[random.nextInt(RANDOM_BYTES_MAX + 1)];
            random.nextBytes(noise);
            return noise;
        }
        byte[] input = sample(random);
        int changeCount = random.nextInt(CHANGES_MAX) + 1;
        for (int i = 0; i < changeCount; i++) {
            input = changed(input, random);
        }
        return input;
    }

    private byte[] sample(SplittableRandom random) {
        return samples.get(random.nextInt(samples.size())).clone();
    }

    private byte[] changed(byte[] input, SplittableRandom random) {
        if (input.length == 0) {
            return sample(random);
        }
        int at = random.nextInt(input.length);
        int length = random.nextInt(Math.min(16, input.length - at)) + 1;
        switch (random.nextInt(8)) {
            case 0 -> input[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> input[at] = (byte) random.nextInt();
            case 2 -> input[at] = EXTREME[random.nextInt(EXTREME.length)];
            case 3 -> Arrays.fill(input, at, at + length, EXTREME[random.nextInt(EXTREME.length)]);
            case 4 -> {
                return join(Arrays.copyOf(input, at), Arrays.copyOfRange(input, at + length, input.length));
            }
            case 5 -> {
                if (input.length < RANDOM_BYTES_MAX) {
                    return join(Arrays.copyOf(input, at + length), Arrays.copyOfRange(input, at, input.length));
                }
            }
            case 6 -> {
                return Arrays.copyOf(input, at);
            }
            default -> {
                byte[] other = sample(random);
                int from = other.length == 0 ? 0 : random.nextInt(other.length);
                return join(Arrays.copyOf(input, at), Arrays.copyOfRange(other, from, other.length));
            }
        }
        return input;
    }

    private static byte[] join(byte[] head, byte[] tail) {
        byte[] both = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, both, head.length, tail.length);
        return both;
    }
}
