package io.hongbao.cli.bench.load;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Requests made before they are measured; what was not foreseen is made on the way. Taken by several threads. */
final class MadeAhead {
    private final Supplier<byte[]> maker;
    private final AtomicLong taken = new AtomicLong();
    private byte[][] ahead = new byte[0][];

    MadeAhead(Supplier<byte[]> maker) {
        this.maker = maker;
    }

    /** Before a load begins; what is left of the last is forgotten. */
    void prepare(int count) {
        byte[][] requests = new byte[count][];
        for (int i = 0; i < count; i++) {
            requests[i] = maker.get();
        }
        ahead = requests;
        taken.set(0);
    }

    byte[] next() {
        long number = taken.getAndIncrement();
        byte[][] made = ahead;
        return number < made.length ? made[(int) number] : maker.get();
    }
}
