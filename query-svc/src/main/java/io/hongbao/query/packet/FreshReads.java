package io.hongbao.query.packet;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * At most one read of a key is under way, whoever asks; nobody gets an answer that is older than his question:
 *
 * <pre>
 * ask ─▶ nothing under way: read at once
 *    └─▶ a read is under way: it may have looked before the asker's own write ─▶ wait for the next one,
 *        which starts when this one ends, and answers all who came meanwhile
 * </pre>
 *
 * So a packet that a whole group looks at costs its SET one read at a time, and an asker waits for two reads at most.
 */
final class FreshReads<K, V> {
    /** @param next promised to those who came since the running read began */
    private record Line<V>(
            CompletableFuture<V> running, @Nullable CompletableFuture<V> next) {}

    /**
     * An answer to come.
     *
     * @param shared whether others asked for it first
     */
    record Promise<V>(CompletionStage<V> answer, boolean shared) {}

    private final ConcurrentMap<K, Line<V>> lines = new ConcurrentHashMap<>();
    private final Function<K, CompletionStage<V>> reader;

    FreshReads(Function<K, CompletionStage<V>> reader) {
        this.reader = reader;
    }

    Promise<V> read(K key) {
        CompletableFuture<V> own = new CompletableFuture<>();
        Line<V> line = lines.compute(key, (ignored, there) -> {
            if (there == null) {
                return new Line<>(own, null);
            }
            return there.next == null ? new Line<>(there.running, own) : there;
        });
        if (line.running == own) {
            start(key, own);
            return new Promise<>(own, false);
        }
        CompletableFuture<V> next = line.next == null ? own : line.next;
        return new Promise<>(next, next != own);
    }

    private void start(K key, CompletableFuture<V> answer) {
        CompletionStage<V> reading;
        try {
            reading = reader.apply(key);
        } catch (RuntimeException failure) {
            reading = CompletableFuture.failedFuture(failure);
        }
        reading.whenComplete((value, failure) -> {
            // The next read starts before this one is answered: who asks because of this answer must not join it.
            Line<V> line = lines.computeIfPresent(
                    key, (ignored, there) -> there.next == null ? null : new Line<>(there.next, null));
            if (line != null) {
                start(key, line.running);
            }
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failure);
            }
        });
    }
}
