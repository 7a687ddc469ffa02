package io.hongbao.kit;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEADLINE_PASSED;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_OVERLOADED;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Turns many small commits into few large ones. Requests of one key that arrive while a batch of that key is under way go
 * into the next batch together; nobody waits for a batch to fill, so a lone request costs no more than without it.
 *
 * <pre>
 * submit ─▶ queue of the key (bounded) ─▶ lane (one batch in flight) ─▶ commit ─┬─ done ──────────▶ each its result
 *                                                  ▲                            ├─ one is to blame ▶ halve, again
 *                                                  └────────── next batch ──────┴─ else ──────────▶ all the failure
 * </pre>
 *
 * A batch that fails because of one of its requests is halved until that one stands alone: a bad request fails only
 * itself, for about {@code 2 log2(n)} more commits. A failure that blames nobody, or whose effect is unknown, is told to
 * all of the batch and never tried again here, since only the caller can find out what became of it.
 *
 * <p>Thread-safe; needs no thread of its own. There is no order between lanes of one key.
 *
 * @param <K> what a batch has in common
 * @param <R> a request
 * @param <T> its result
 */
public final class GroupCommit<K, R, T> {
    /** Commits one batch. */
    @FunctionalInterface
    public interface Batch<K, R, T> {
        /**
         * Commits all of the requests or, if it fails, none of them as far as is known.
         *
         * @param requests at least one
         * @return one result for each request, in their order
         */
        CompletionStage<List<T>> commit(K key, List<R> requests);
    }

    /**
     * @param batchMax requests in one batch
     * @param waitingMax requests that may wait for a batch, per key; one more is refused as OVERLOADED
     * @param laneCount batches of one key that may be in flight at once
     */
    public record Limits(int batchMax, int waitingMax, int laneCount) {
        public Limits {
            if (batchMax < 1 || waitingMax < 1 || laneCount < 1) {
                throw new IllegalArgumentException("every limit is at least 1");
            }
        }
    }

    private record Waiting<R, T>(R request, BooleanSupplier wanted, CompletableFuture<T> result) {}

    /** The requests of one key. Guarded by {@link #lock}. */
    private static final class Queue<K, R, T> {
        final K key;
        final ArrayDeque<Waiting<R, T>> waiting = new ArrayDeque<>();
        int inFlightCount;

        Queue(K key) {
            this.key = key;
        }
    }

    private final Batch<K, R, T> batch;
    private final Predicate<Throwable> blamesOne;
    private final Limits limits;
    private final Executor starter;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<K, Queue<K, R, T>> queues = new HashMap<>();

    /**
     * @param blamesOne whether a failure means that nothing was done and one request alone may be the cause
     * @param starter where the first batch of an idle lane is started; keeps a batch free of the context of the request
     *     that happened to come first
     */
    public GroupCommit(Batch<K, R, T> batch, Predicate<Throwable> blamesOne, Limits limits, Executor starter) {
        this.batch = batch;
        this.blamesOne = blamesOne;
        this.limits = limits;
        this.starter = starter;
    }

    /**
     * Puts a request into the next batch of its key.
     *
     * @param wanted asked once, right before the request is sent: whether its caller still waits
     * @return its result; fails with what the batch failed with, OVERLOADED, or DEADLINE_PASSED. The last two mean that
     *     nothing was done.
     */
    public CompletableFuture<T> submit(K key, R request, BooleanSupplier wanted) {
        var result = new CompletableFuture<T>();
        Queue<K, R, T> queue;
        lock.lock();
        try {
            queue = queues.computeIfAbsent(key, Queue::new);
            if (queue.waiting.size() >= limits.waitingMax) {
                return CompletableFuture.failedFuture(
                        Refusal.of(ERROR_REASON_OVERLOADED, "too many requests wait to be stored"));
            }
            queue.waiting.add(new Waiting<>(request, wanted, result));
            if (queue.inFlightCount >= limits.laneCount) {
                return result;
            }
            queue.inFlightCount++;
        } finally {
            lock.unlock();
        }
        starter.execute(() -> next(queue));
        return result;
    }

    /** Requests that wait for a batch, over all keys. */
    public int waitingCount() {
        lock.lock();
        try {
            return queues.values().stream()
                    .mapToInt(queue -> queue.waiting.size())
                    .sum();
        } finally {
            lock.unlock();
        }
    }

    /** Starts the lane's next batch, or ends the lane. */
    private void next(Queue<K, R, T> queue) {
        while (true) {
            List<Waiting<R, T>> taken = take(queue);
            if (taken.isEmpty()) {
                return;
            }
            List<Waiting<R, T>> wanted = new ArrayList<>(taken.size());
            for (Waiting<R, T> waiting : taken) {
                if (waiting.wanted.getAsBoolean()) {
                    wanted.add(waiting);
                } else {
                    waiting.result.completeExceptionally(Refusal.of(
                            ERROR_REASON_DEADLINE_PASSED, "the deadline passed before the request was stored"));
                }
            }
            if (!wanted.isEmpty()) {
                // The next batch goes out before the callers of this one are answered: the server should not wait for
                // us.
                commit(queue.key, wanted, () -> next(queue));
                return;
            }
        }
    }

    private List<Waiting<R, T>> take(Queue<K, R, T> queue) {
        lock.lock();
        try {
            int count = Math.min(queue.waiting.size(), limits.batchMax);
            List<Waiting<R, T>> taken = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                taken.add(queue.waiting.remove());
            }
            if (count == 0) {
                queue.inFlightCount--;
                if (queue.inFlightCount == 0) {
                    queues.remove(queue.key);
                }
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Commits, halving where one request is to blame; {@code after} runs once, when no part is in flight any more. */
    private void commit(K key, List<Waiting<R, T>> waiting, Runnable after) {
        CompletionStage<List<T>> committed;
        try {
            committed = batch.commit(key, waiting.stream().map(Waiting::request).toList());
        } catch (RuntimeException failure) {
            committed = CompletableFuture.failedStage(failure);
        }
        committed.whenComplete((results, failure) -> {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            if (cause != null && waiting.size() > 1 && blamesOne.test(cause)) {
                int half = waiting.size() / 2;
                commit(key, waiting.subList(0, half), () -> commit(key, waiting.subList(half, waiting.size()), after));
                return;
            }
            after.run();
            if (cause == null && results.size() != waiting.size()) {
                cause = new IllegalStateException(
                        results.size() + " results for a batch of " + waiting.size() + " requests");
            }
            for (int i = 0; i < waiting.size(); i++) {
                CompletableFuture<T> result = waiting.get(i).result;
                if (cause == null) {
                    result.complete(results.get(i));
                } else {
                    result.completeExceptionally(cause);
                }
            }
        });
    }
}
