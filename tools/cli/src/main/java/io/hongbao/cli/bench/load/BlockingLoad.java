package io.hongbao.cli.bench.load;

import io.grpc.StatusRuntimeException;
import io.hongbao.cli.bench.load.CallKind.Verdict;
import io.hongbao.cli.bench.load.LoadGenerator.Counts;
import io.hongbao.cli.bench.load.LoadGenerator.Run;
import java.util.ArrayList;
import java.util.List;

/** A closed loop of operations that are several calls, or of several kinds: each virtual thread does one after another. */
public final class BlockingLoad implements Run {
    private final List<Thread> threads = new ArrayList<>();
    private final Tally tally = new Tally();
    private volatile boolean stopping;

    /** One operation. */
    @FunctionalInterface
    public interface Operation {
        /**
         * @param slot number of the loop that calls, from 0
         * @throws StatusRuntimeException if it failed
         */
        Verdict call(int slot);
    }

    public BlockingLoad(int inFlight, Operation operation) {
        for (int i = 0; i < inFlight; i++) {
            int slot = i;
            threads.add(Thread.ofVirtual().unstarted(() -> run(slot, operation)));
        }
        threads.forEach(Thread::start);
    }

    private void run(int slot, Operation operation) {
        while (!stopping) {
            long startNanos = System.nanoTime();
            try {
                tally.answered(startNanos, operation.call(slot));
            } catch (StatusRuntimeException e) {
                tally.failed(e);
            }
        }
    }

    @Override
    public void begin() {
        tally.begin();
    }

    @Override
    public Counts end() {
        return tally.end();
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Override
    public long failedEver() {
        return tally.failedEver();
    }
}
