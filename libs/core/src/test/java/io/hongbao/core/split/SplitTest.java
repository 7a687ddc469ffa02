package io.hongbao.core.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.core.Seeds;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.Terms;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SplitTest {
    /** The largest share of the default configuration, 200.00 yuan. */
    private static final long SHARE_MAX_FEN = 20_000;

    /** All amounts of a packet, in the order of opening. */
    private static long[] amounts(Terms terms, Seed seed) {
        long[] amounts = new long[terms.shareCount()];
        long surplusFen = terms.totalFen();
        for (int opened = 0; opened < amounts.length; opened++) {
            amounts[opened] = Split.amountFen(terms, seed, surplusFen, amounts.length - opened);
            surplusFen -= amounts[opened];
        }
        return amounts;
    }

    private static Terms lucky(long totalFen, int shareCount, long shareMaxFen) {
        return new Terms(PacketKind.LUCKY, totalFen, shareCount, shareMaxFen);
    }

    /** The mean of every position over many packets of the same terms; each packet is checked to be split exactly. */
    private static double[] meansFen(Terms terms, int packetCount, Random random) {
        long[] sums = new long[terms.shareCount()];
        for (int packet = 0; packet < packetCount; packet++) {
            long[] amounts = amounts(terms, Seeds.seed(random));
            long totalFen = 0;
            for (int position = 0; position < amounts.length; position++) {
                assertTrue(amounts[position] >= 1 && amounts[position] <= terms.shareMaxFen());
                totalFen += amounts[position];
                sums[position] += amounts[position];
            }
            assertEquals(terms.totalFen(), totalFen);
        }
        return Arrays.stream(sums)
                .mapToDouble(sum -> sum / (double) packetCount)
                .toArray();
    }

    @Test
    void shouldFavourNoPosition() {
        // Given 100.00 yuan in 10 shares
        Random random = Seeds.random("Split means");

        double[] meansFen = meansFen(lucky(10_000, 10, SHARE_MAX_FEN), 100_000, random);

        // Then every position's mean is 10.00 yuan, within 1 %: ten deviations of the most scattered position's mean.
        for (double meanFen : meansFen) {
            assertEquals(1_000, meanFen, 10, () -> Arrays.toString(meansFen));
        }
    }

    @Test
    void shouldFavourNoPositionWhereTheShareMaximumBinds() {
        // Given 180.00 yuan a share where 200.00 is the most
        Random random = Seeds.random("Split means at the maximum");

        double[] meansFen = meansFen(lucky(180_000, 10, SHARE_MAX_FEN), 20_000, random);

        for (double meanFen : meansFen) {
            assertEquals(18_000, meanFen, 180, () -> Arrays.toString(meansFen));
        }
    }

    @Test
    void shouldDrawTheFirstShareFromOneToTwiceTheMeanLessOne() {
        // Given a mean of 3 fen
        Random random = Seeds.random("Split range");
        Terms terms = lucky(30, 10, SHARE_MAX_FEN);
        int[] counts = new int[8];

        for (int i = 0; i < 50_000; i++) {
            counts[(int) Split.amountFen(terms, Seeds.seed(random), 30, 10)]++;
        }

        assertEquals(0, counts[0] + counts[6] + counts[7]);
        for (int amountFen = 1; amountFen <= 5; amountFen++) {
            // Six deviations of a binomial count.
            assertEquals(10_000, counts[amountFen], 540, Arrays.toString(counts));
        }
    }

    @Test
    void shouldSplitEveryPossiblePacketWithinItsBounds() {
        Random random = Seeds.random("Split bounds");
        for (int i = 0; i < 100_000; i++) {
            int shareCount = 1 + random.nextInt(random.nextInt(50) == 0 ? 500 : 12);
            long shareMaxFen = 1 + random.nextLong(1L << 1 + random.nextInt(20));
            // Half of the totals sit near the least and the most that is possible.
            long mostFen = shareMaxFen * shareCount;
            long spanFen = mostFen - shareCount;
            long offsetFen = random.nextBoolean() ? random.nextLong(spanFen + 1) : Math.min(spanFen, random.nextInt(4));
            long totalFen = random.nextBoolean() ? shareCount + offsetFen : mostFen - offsetFen;
            Terms terms = lucky(totalFen, shareCount, shareMaxFen);

            long[] amounts = amounts(terms, Seeds.seed(random));

            long leftFen = totalFen;
            for (int k = 0; k < shareCount; k++) {
                if (amounts[k] < 1 || amounts[k] > shareMaxFen || k == shareCount - 1 && amounts[k] != leftFen) {
                    throw new AssertionError(terms + " is split into " + Arrays.toString(amounts));
                }
                leftFen -= amounts[k];
            }
            assertEquals(0, leftFen, terms::toString);
        }
    }

    @Test
    void shouldGiveEveryShareTheMaximumWhenTheTotalLeavesNoChoice() {
        Random random = Seeds.random("Split at the maximum");
        for (int shareCount = 1; shareCount <= 500; shareCount++) {
            long[] amounts = amounts(lucky(SHARE_MAX_FEN * shareCount, shareCount, SHARE_MAX_FEN), Seeds.seed(random));

            assertTrue(Arrays.stream(amounts).allMatch(amount -> amount == SHARE_MAX_FEN));
        }
    }

    @Test
    void shouldGiveEveryShareOneFenWhenThereIsNoMore() {
        Random random = Seeds.random("Split at the minimum");
        for (int shareCount = 1; shareCount <= 500; shareCount++) {
            long[] amounts = amounts(lucky(shareCount, shareCount, SHARE_MAX_FEN), Seeds.seed(random));

            assertTrue(Arrays.stream(amounts).allMatch(amount -> amount == 1));
        }
    }

    @Test
    void shouldNotOverflowOnTheLargestTotal() {
        Random random = Seeds.random("Split of the largest total");
        Terms terms = lucky(Terms.TOTAL_FEN_MAX, 500, Long.MAX_VALUE);

        long[] amounts = amounts(terms, Seeds.seed(random));

        assertTrue(Arrays.stream(amounts).allMatch(amount -> amount >= 1));
        assertEquals(Terms.TOTAL_FEN_MAX, Arrays.stream(amounts).sum());
    }

    @Test
    void shouldDrawTheSameAmountFromTheSameSeed() {
        byte[] bytes = new byte[Seed.BYTES];
        Terms terms = lucky(10_000, 10, SHARE_MAX_FEN);

        assertEquals(
                Split.amountFen(terms, new Seed(bytes), 9_000, 9), Split.amountFen(terms, new Seed(bytes), 9_000, 9));
    }

    @Test
    void shouldSplitEqually() {
        Terms terms = new Terms(PacketKind.EQUAL, 1_000, 8, SHARE_MAX_FEN);

        long[] amounts = amounts(terms, new Seed(new byte[Seed.BYTES]));

        assertTrue(Arrays.stream(amounts).allMatch(amount -> amount == 125));
    }

    @Test
    void shouldGiveAllOfAnExclusivePacketToItsReceiver() {
        Terms terms = new Terms(PacketKind.EXCLUSIVE, 1_314, 1, SHARE_MAX_FEN);

        assertEquals(1_314, Split.amountFen(terms, new Seed(new byte[Seed.BYTES]), 1_314, 1));
    }
}
