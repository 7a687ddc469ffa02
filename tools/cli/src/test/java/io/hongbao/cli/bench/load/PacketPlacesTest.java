package io.hongbao.cli.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hongbao.cli.bench.load.Opens.PacketPlaces;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PacketPlacesTest {
    @Test
    void shouldMoveOnToTheNextPacketWhenOneHasSoldItsShares() {
        var places = new PacketPlaces(number -> number, 7, 1, 2);

        long[] opened = LongStream.range(0, 5).map(i -> places.next()).toArray();

        assertEquals("7 7 8 8 9", words(opened));
        assertEquals(3, places.used());
    }

    @Test
    void shouldStayWithAPacketThatDoesNotSellOut() {
        var places = new PacketPlaces(number -> number, 7, 1, 0);

        long[] opened = LongStream.range(0, 5).map(i -> places.next()).toArray();

        assertEquals("7 7 7 7 7", words(opened));
        assertEquals(1, places.used());
    }

    @Test
    void shouldGiveEachPlaceItsOwnPackets() {
        var places = new PacketPlaces(number -> number, 0, 10, 3);

        long[] perPacket = new long[10_000];
        for (int i = 0; i < 2_000; i++) {
            perPacket[(int) places.next()]++;
        }

        assertEquals(3, LongStream.of(perPacket).max().orElseThrow());
        assertEquals(2_000, LongStream.of(perPacket).sum());
    }

    private static String words(long[] numbers) {
        return String.join(" ", LongStream.of(numbers).mapToObj(Long::toString).toList());
    }
}
