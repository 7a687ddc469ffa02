package io.hongbao.query.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class FreshReadsTest {
    private final List<CompletableFuture<String>> started = new ArrayList<>();
    private final FreshReads<String, String> reads = new FreshReads<>(key -> {
        CompletableFuture<String> read = new CompletableFuture<>();
        started.add(read);
        return read;
    });

    @Test
    void shouldNotAnswerWithAReadThatBeganBeforeTheQuestion() {
        CompletionStage<String> first = ask();
        CompletionStage<String> second = ask();

        started.get(0).complete("old");

        assertEquals("old", now(first));
        assertFalse(second.toCompletableFuture().isDone());
        started.get(1).complete("new");
        assertEquals("new", now(second));
    }

    @Test
    void shouldAnswerAllWhoWaitWithOneRead() {
        ask();
        List<CompletionStage<String>> waiting = List.of(ask(), ask(), ask());

        started.get(0).complete("old");
        started.get(1).complete("new");

        assertEquals(2, started.size());
        waiting.forEach(answer -> assertEquals("new", now(answer)));
    }

    @Test
    void shouldReadAfreshForWhoAsksOnAnAnswer() {
        List<CompletionStage<String>> again = new ArrayList<>();
        ask().thenRun(() -> again.add(ask()));
        ask();

        started.get(0).complete("first");
        started.get(1).complete("second");

        assertFalse(again.getFirst().toCompletableFuture().isDone(), "it asked after the second read began");
        started.get(2).complete("third");
        assertEquals("third", now(again.getFirst()));
    }

    @Test
    void shouldTellAFailureToWhoWaitedForItOnly() {
        CompletionStage<String> failing = ask();
        CompletionStage<String> next = ask();

        started.get(0).completeExceptionally(new IllegalStateException("away"));
        started.get(1).complete("back");

        assertTrue(failing.toCompletableFuture().isCompletedExceptionally());
        assertEquals("back", now(next));
    }

    @Test
    void shouldForgetAKeyNobodyReads() {
        ask();
        started.get(0).complete("one");

        ask();

        assertEquals(2, started.size());
    }

    private CompletionStage<String> ask() {
        return reads.read("packet").answer();
    }

    private static String now(CompletionStage<String> answer) {
        return answer.toCompletableFuture().getNow("not answered");
    }
}
