package io.hongbao.core.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class AnswerBatchTest {
    private final List<RuntimeException> undelivered = new ArrayList<>();
    private final AnswerBatch answers = new AnswerBatch(undelivered::add);
    private final List<String> given = new ArrayList<>();

    /** Runs what it is handed at once, and counts how often it was woken. */
    private static final class CountingExecutor implements Executor {
        int taskCount;

        @Override
        public void execute(Runnable task) {
            taskCount++;
            task.run();
        }
    }

    @Test
    void shouldWakeEachExecutorOnceAndKeepItsOrder() {
        var first = new CountingExecutor();
        var second = new CountingExecutor();
        answers.add(first, () -> given.add("a"));
        answers.add(second, () -> given.add("b"));
        answers.add(first, () -> given.add("c"));

        answers.flush();

        assertEquals(List.of("a", "c", "b"), given);
        assertEquals(1, first.taskCount);
        assertEquals(1, second.taskCount);
    }

    @Test
    void shouldGiveEachAnswerOnce() {
        var executor = new CountingExecutor();
        answers.add(executor, () -> given.add("a"));
        answers.flush();

        answers.flush();

        assertEquals(List.of("a"), given);
        assertEquals(1, executor.taskCount);
    }

    @Test
    void shouldGiveTheOthersWhenOneFails() {
        var gone = new IllegalStateException("the caller has gone");
        var executor = new CountingExecutor();
        answers.add(executor, () -> {
            throw gone;
        });
        answers.add(executor, () -> given.add("b"));

        answers.flush();

        assertEquals(List.of("b"), given);
        assertSame(gone, undelivered.getFirst());
    }
}
