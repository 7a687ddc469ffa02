package io.hongbao.client.balance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.EquivalentAddressGroup;
import io.hongbao.core.id.PacketId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RendezvousHashTest {
    private static final int KEY_COUNT = 30_000;

    @Test
    void shouldSpreadConsecutivePacketIdsEvenly() {
        // given
        for (int nodeCount : new int[] {2, 3, 6, 20}) {
            long[] nodes = nodes(nodeCount);
            var counts = new long[nodeCount];

            // when
            packetIds().forEach(key -> counts[RendezvousHash.owner(key, nodes)]++);

            // then: chi square stays within five standard deviations of its mean, the degrees of freedom
            double expected = (double) KEY_COUNT / nodeCount;
            double chiSquare = LongStream.of(counts)
                    .mapToDouble(n -> (n - expected) * (n - expected) / expected)
                    .sum();
            int df = nodeCount - 1;
            assertTrue(chiSquare < df + 5 * Math.sqrt(2.0 * df), nodeCount + " nodes: chi square " + chiSquare);
        }
    }

    @Test
    void shouldMoveOnlyTheKeysOfANodeThatLeaves() {
        // given
        long[] three = nodes(3);
        for (int gone = 0; gone < 3; gone++) {
            int left = gone;
            long[] two = IntStream.range(0, 3)
                    .filter(i -> i != left)
                    .mapToLong(i -> three[i])
                    .toArray();

            // when
            long movedWrongly = packetIds()
                    .filter(key -> {
                        long before = three[RendezvousHash.owner(key, three)];
                        return before != three[left] && before != two[RendezvousHash.owner(key, two)];
                    })
                    .count();

            // then
            assertEquals(0, movedWrongly);
        }
    }

    @Test
    void shouldGiveEveryClientTheSameHashForEver() {
        // The value comes from a separate implementation in Python.
        assertEquals(0xc78248081b05c327L, RendezvousHash.ofName("10.0.0.1:9103"));
    }

    @Test
    void shouldNameAPodByItsNumbersWhateverNameItCameBy() throws Exception {
        // given
        byte[] octets = {10, 0, 0, 1};
        var byName = new InetSocketAddress(InetAddress.getByAddress("open-0.open-svc", octets), 9103);
        var byNumber = new InetSocketAddress(InetAddress.getByAddress(octets), 9103);

        // when
        var names = Stream.of(byName, byNumber)
                .map(address -> RendezvousLoadBalancer.nameOf(new EquivalentAddressGroup(address)))
                .distinct()
                .toList();

        // then
        assertEquals(List.of("10.0.0.1:9103"), names);
    }

    private static long[] nodes(int count) {
        return LongStream.range(0, count)
                .map(i -> RendezvousHash.ofName("10.0.0." + i + ":9103"))
                .toArray();
    }

    private static LongStream packetIds() {
        return LongStream.range(0, KEY_COUNT)
                .map(i -> PacketId.of(1, 2500, 7, (int) i, 123).value());
    }
}
