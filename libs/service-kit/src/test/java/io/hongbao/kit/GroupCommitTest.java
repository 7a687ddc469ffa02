package io.hongbao.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.kit.GroupCommit.Limits;
import io.hongbao.v1.ErrorReason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class GroupCommitTest {
    private static final Limits LIMITS = new Limits(4, 8, 1);

    /** A store whose commits end when the test says so. A negative request is a bad one. */
    private static final class FakeStore implements GroupCommit.Batch<String, Integer, String> {
        static final class Guard extends RuntimeException {}

        final List<List<Integer>> batches = new ArrayList<>();
        final ArrayDeque<Runnable> inFlight = new ArrayDeque<>();

        @Override
        public CompletionStage<List<String>> commit(String key, List<Integer> requests) {
            batches.add(requests);
            var result = new CompletableFuture<List<String>>();
            inFlight.add(() -> {
                if (requests.stream().anyMatch(request -> request < 0)) {
                    result.completeExceptionally(new Guard());
                } else {
                    result.complete(requests.stream().map(r -> key + r).toList());
                }
            });
            return result;
        }

        void finishOne() {
            inFlight.remove().run();
        }

        void finishAll() {
            while (!inFlight.isEmpty()) {
                finishOne();
            }
        }
    }

    private final FakeStore store = new FakeStore();
    private final GroupCommit<String, Integer, String> commits =
            new GroupCommit<>(store, failure -> failure instanceof FakeStore.Guard, LIMITS, Runnable::run);

    private CompletableFuture<String> submit(String key, int request) {
        return commits.submit(key, request, () -> true);
    }

    @Test
    void shouldSendALoneRequestAtOnce() {
        CompletableFuture<String> result = submit("a", 1);
        assertEquals(List.of(List.of(1)), store.batches);
        store.finishAll();
        assertEquals("a1", result.join());
    }

    @Test
    void shouldGatherWhatArrivesWhileABatchIsUnderWay() {
        submit("a", 1);
        submit("a", 2);
        CompletableFuture<String> third = submit("a", 3);

        store.finishAll();

        assertEquals(List.of(List.of(1), List.of(2, 3)), store.batches);
        assertEquals("a3", third.join());
        assertEquals(0, commits.waitingCount());
    }

    @Test
    void shouldLimitTheSizeOfABatch() {
        IntStream.rangeClosed(0, 5).forEach(i -> submit("a", i));
        store.finishAll();
        assertEquals(List.of(List.of(0), List.of(1, 2, 3, 4), List.of(5)), store.batches);
    }

    @Test
    void shouldKeepKeysApart() {
        submit("a", 1);
        submit("b", 2);
        assertEquals(List.of(List.of(1), List.of(2)), store.batches);
    }

    @Test
    void shouldKeepAsManyBatchesInFlightAsThereAreLanes() {
        var twoLanes = new GroupCommit<>(store, failure -> false, new Limits(4, 8, 2), Runnable::run);
        IntStream.rangeClosed(1, 4).forEach(i -> twoLanes.submit("a", i, () -> true));
        assertEquals(2, store.inFlight.size());
        store.finishAll();
        assertEquals(List.of(List.of(1), List.of(2), List.of(3, 4)), store.batches);
    }

    @Test
    void shouldRefuseWhenTooManyWait() {
        IntStream.rangeClosed(0, LIMITS.waitingMax()).forEach(i -> submit("a", i));

        CompletableFuture<String> oneTooMany = submit("a", 99);

        Refusal refusal = assertInstanceOf(
                Refusal.class,
                assertThrows(CompletionException.class, oneTooMany::join).getCause());
        assertEquals(ErrorReason.ERROR_REASON_OVERLOADED, refusal.reason());
        store.finishAll();
        assertFalse(store.batches.stream().anyMatch(batch -> batch.contains(99)));
    }

    @Test
    void shouldFailOnlyTheBadRequestOfABatch() {
        submit("a", 0);
        List<CompletableFuture<String>> results =
                List.of(submit("a", 1), submit("a", 2), submit("a", -3), submit("a", 4));

        store.finishAll();

        assertEquals("a1", results.get(0).join());
        assertEquals("a2", results.get(1).join());
        assertTrue(results.get(2).isCompletedExceptionally());
        assertEquals("a4", results.get(3).join());
        assertEquals(
                List.of(List.of(0), List.of(1, 2, -3, 4), List.of(1, 2), List.of(-3, 4), List.of(-3), List.of(4)),
                store.batches);
    }

    @Test
    void shouldStartNoOtherBatchOfTheLaneWhileItHalvesOne() {
        submit("a", 0);
        submit("a", -1);
        submit("a", 2);
        store.finishOne();
        submit("a", 3);
        store.finishOne();
        assertEquals(List.of(-1), store.batches.getLast());
        store.finishAll();
        assertEquals(List.of(List.of(0), List.of(-1, 2), List.of(-1), List.of(2), List.of(3)), store.batches);
    }

    @Test
    void shouldTellAnUnknownOutcomeToAllOfTheBatchAndNotRepeatIt() {
        var unknown = new RuntimeException("connection lost");
        var attempts = new AtomicInteger();
        var first = new CompletableFuture<List<String>>();
        var failing = new GroupCommit<String, Integer, String>(
                (key, requests) -> attempts.getAndIncrement() == 0 ? first : CompletableFuture.failedFuture(unknown),
                failure -> failure != unknown,
                LIMITS,
                Runnable::run);
        failing.submit("a", 0, () -> true);
        var one = failing.submit("a", 1, () -> true);
        var other = failing.submit("a", 2, () -> true);

        first.complete(List.of("a0"));

        assertSame(unknown, assertThrows(CompletionException.class, one::join).getCause());
        assertSame(unknown, assertThrows(CompletionException.class, other::join).getCause());
        assertEquals(2, attempts.get());
    }

    @Test
    void shouldNotSendWhatNobodyWaitsForAnyMore() {
        submit("a", 1);
        CompletableFuture<String> late = commits.submit("a", 2, () -> false);
        CompletableFuture<String> next = submit("a", 3);

        store.finishAll();

        Refusal refusal = assertInstanceOf(
                Refusal.class,
                assertThrows(CompletionException.class, late::join).getCause());
        assertEquals(ErrorReason.ERROR_REASON_DEADLINE_PASSED, refusal.reason());
        assertEquals("a3", next.join());
        assertEquals(List.of(List.of(1), List.of(3)), store.batches);
    }

    @Test
    void shouldGoOnAfterACommitThatThrows() {
        var throwing = new GroupCommit<String, Integer, String>(
                (key, requests) -> {
                    if (requests.contains(1)) {
                        throw new IllegalStateException("cannot even start");
                    }
                    return CompletableFuture.completedFuture(List.of("fine"));
                },
                failure -> false,
                LIMITS,
                Runnable::run);
        assertTrue(throwing.submit("a", 1, () -> true).isCompletedExceptionally());
        assertEquals("fine", throwing.submit("a", 2, () -> true).join());
    }

    @Test
    void shouldAnswerEveryRequestOfManyThreadsOnce() throws Exception {
        int threadCount = 4;
        int requestCount = 20_000;
        var committed = new AtomicInteger();
        try (var servers = Executors.newFixedThreadPool(2);
                var callers = Executors.newFixedThreadPool(threadCount)) {
            var concurrent = new GroupCommit<Integer, Integer, Integer>(
                    (key, requests) -> CompletableFuture.supplyAsync(
                            () -> {
                                committed.addAndGet(requests.size());
                                return requests;
                            },
                            servers),
                    failure -> false,
                    new Limits(64, requestCount * threadCount, 1),
                    Runnable::run);
            List<CompletableFuture<Integer>> results = IntStream.range(0, threadCount * requestCount)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> concurrent.submit(i % 3, i, () -> true), callers)
                            .thenCompose(result -> result))
                    .toList();
            for (int i = 0; i < results.size(); i++) {
                assertEquals(i, results.get(i).get(20, TimeUnit.SECONDS));
            }
            assertEquals(threadCount * requestCount, committed.get());
            assertEquals(0, concurrent.waitingCount());
        }
    }
}
