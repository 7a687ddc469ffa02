package io.hongbao.cli.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ZipfTest {
    @Test
    void shouldFavourTheFirst() {
        var zipf = new Zipf(3, 1);

        // 1 : 1/2 : 1/3, which is 6 : 3 : 2 of 11.
        assertEquals(0, zipf.next(0));
        assertEquals(0, zipf.next(5.9 / 11));
        assertEquals(1, zipf.next(6.1 / 11));
        assertEquals(1, zipf.next(8.9 / 11));
        assertEquals(2, zipf.next(9.1 / 11));
        assertEquals(2, zipf.next(Math.nextDown(1.0)));
    }
}
