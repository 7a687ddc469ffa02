package io.hongbao.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * When to send a request again <em>with the same request id</em>. Every write is idempotent by its request id, so that
 * none of these retries can do anything twice.
 *
 * <pre>
 * UNAVAILABLE          always: nobody answered, or the answer was lost
 * RESOURCE_EXHAUSTED   if the server says when (RetryInfo): busy is not sold out
 * everything else      never here. DEADLINE_EXCEEDED has an unknown outcome and no time left: the same request id may be
 *                      sent under a new deadline, or the outcome looked up. INTERNAL is a fault to report. All other
 *                      codes say that the same request would be refused again
 * </pre>
 *
 * The wait is what the server asks for, else {@link #FIRST_WAIT} doubled with each attempt; on top comes up to as much
 * again at random, so that callers refused together do not come back together. A wait beyond {@link #WAIT_MAX} is not
 * waited: the error goes to the caller, who has a person waiting.
 *
 * @param attemptCountMax how often a request is sent at most, the first time included; from 1 to {@link #ATTEMPT_COUNT_LIMIT}
 * @param random where jitter comes from; used by any thread that retries
 */
public record RetryPolicy(int attemptCountMax, RandomGenerator random) {
    /** Retries multiply the load of a system that is already in trouble: more than this never helped a caller. */
    public static final int ATTEMPT_COUNT_LIMIT = 5;

    /** About the time in which a connection is made anew within a region. */
    public static final Duration FIRST_WAIT = Duration.ofMillis(50);

    /** The longest delay that a service asks for is 1 s; with its jitter that makes 2 s. */
    public static final Duration WAIT_MAX = Duration.ofSeconds(2);

    public RetryPolicy {
        if (attemptCountMax < 1 || attemptCountMax > ATTEMPT_COUNT_LIMIT) {
            throw new IllegalArgumentException("attemptCountMax is not in 1.." + ATTEMPT_COUNT_LIMIT);
        }
    }

    /** How a thread waits; in tests it does not. */
    @FunctionalInterface
    public interface Sleeper {
        void sleep(Duration length) throws InterruptedException;
    }

    /**
     * How long to wait before the next attempt; empty if there should be none.
     *
     * @param attempt which attempt failed, from 1
     */
    public Optional<Duration> waitAfter(int attempt, StatusRuntimeException failure) {
        if (attempt >= attemptCountMax) {
            return Optional.empty();
        }
        CallError error = Errors.read(failure);
        boolean retriable = error.code() == Status.Code.UNAVAILABLE
                || error.code() == Status.Code.RESOURCE_EXHAUSTED
                        && error.retryAfter().isPresent();
        if (!retriable) {
            return Optional.empty();
        }
        Duration least = error.retryAfter().orElse(FIRST_WAIT.multipliedBy(1L << (attempt - 1)));
        if (least.isNegative() || least.compareTo(WAIT_MAX) > 0) {
            return Optional.empty();
        }
        Duration wait = least.plusNanos(random.nextLong(least.toNanos() + 1));
        return Optional.of(wait.compareTo(WAIT_MAX) > 0 ? WAIT_MAX : wait);
    }

    /** Sends a request until it is answered or may not be sent again; waits on this thread. */
    public <T> T call(Supplier<T> request) {
        return call(request, Thread::sleep);
    }

    /**
     * The same, with the waiting handed in.
     *
     * @throws StatusRuntimeException the last failure; also when the thread is interrupted, which stays so
     */
    public <T> T call(Supplier<T> request, Sleeper sleeper) {
        for (int attempt = 1; ; attempt++) {
            try {
                return request.get();
            } catch (StatusRuntimeException failure) {
                Duration wait = waitAfter(attempt, failure).orElseThrow(() -> failure);
                try {
                    sleeper.sleep(wait);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw failure;
                }
            }
        }
    }
}
