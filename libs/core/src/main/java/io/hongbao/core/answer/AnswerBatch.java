package io.hongbao.core.answer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Answers that fall due in one turn of a loop, grouped so that each thread which writes some of them is woken once. Not
 * thread-safe: it belongs to the loop.
 */
public final class AnswerBatch {
    private final Consumer<RuntimeException> onUndelivered;
    private final List<Executor> executors = new ArrayList<>();
    private final List<List<Runnable>> byExecutor = new ArrayList<>();

    /** @param onUndelivered told of an answer that failed: one caller that has gone must not take along the others' */
    public AnswerBatch(Consumer<RuntimeException> onUndelivered) {
        this.onUndelivered = onUndelivered;
    }

    /** @param executor where the answer is given: one of few, such as the event loops of a server */
    public void add(Executor executor, Runnable answer) {
        int at = 0;
        while (at < executors.size() && executors.get(at) != executor) {
            at++;
        }
        if (at == executors.size()) {
            executors.add(executor);
            byExecutor.add(new ArrayList<>());
        }
        byExecutor.get(at).add(answer);
    }

    /** Gives what was added since the last time, one task for each executor. */
    public void flush() {
        for (int i = 0; i < executors.size(); i++) {
            List<Runnable> answers = byExecutor.get(i);
            if (!answers.isEmpty()) {
                byExecutor.set(i, new ArrayList<>(answers.size()));
                try {
                    executors.get(i).execute(() -> answers.forEach(this::give));
                } catch (RejectedExecutionException shutDown) {
                    onUndelivered.accept(shutDown);
                }
            }
        }
    }

    private void give(Runnable answer) {
        try {
            answer.run();
        } catch (RuntimeException failure) {
            onUndelivered.accept(failure);
        }
    }
}
