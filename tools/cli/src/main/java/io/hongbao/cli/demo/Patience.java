package io.hongbao.cli.demo;

import io.grpc.StatusRuntimeException;
import io.hongbao.cli.call.CallFailure;
import java.time.Duration;
import java.util.function.Supplier;

/** Repeats a call that was told to come back, as a good caller does; its request id makes that safe. */
final class Patience {
    /** Ends after ten seconds, or longer where each attempt takes its deadline: services just started are slow. */
    private static final int RETRY_COUNT_MAX = 20;

    private static final Duration PAUSE = Duration.ofMillis(500);

    private Patience() {}

    /** @throws StatusRuntimeException the last answer, if it is final or patience is at its end */
    static <T> T repeat(Supplier<T> call) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return call.get();
            } catch (StatusRuntimeException failure) {
                if (attempt > RETRY_COUNT_MAX || !CallFailure.of(failure).retryable()) {
                    throw failure;
                }
            }
            Thread.sleep(PAUSE);
        }
    }
}
