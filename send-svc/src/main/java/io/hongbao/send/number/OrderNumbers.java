package io.hongbao.send.number;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_OVERLOADED;

import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Refusal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Hands out order numbers from blocks, without a round trip for each.
 *
 * <p>That a number is unique rests on one statement in the database, which advances a counter: neither a clock nor a
 * lease has a part in it, and a process that was paused for an hour goes on with counters that are still its own.
 *
 * <p>The day in a number comes from the database with each block, together with how much of that day was left. A block is
 * used until that much time has passed on this process's monotonic clock, counted from when the answer arrived; then the
 * database is asked for a block of the new day. The time of day on this pod is never looked at. So a number may carry the
 * day before for as long as an answer may be under way (two seconds) after midnight, which harms nobody: the tables of
 * yesterday stay for days. A number never carries a day that has not begun.
 *
 * <p>When half of a block is used the next one is asked for, so that nobody waits for it. Thread-safe.
 */
public final class OrderNumbers {
    /** Callers that wait for a block: what a pod lets in during one round trip at full load. */
    static final int WAITING_MAX = 10_000;
    /** After a block could not be fetched ahead of need, this long until the next try. */
    static final long PREFETCH_PAUSE_NANOS = 1_000_000_000L;

    private static final class Lease {
        final NumberBlock block;
        final long endNanos;
        int nextCounter;

        Lease(NumberBlock block, long receivedNanos) {
            this.block = block;
            this.endNanos = receivedNanos + block.untilMidnight().toNanos();
            this.nextCounter = block.firstCounter();
        }

        boolean usable(long nowNanos) {
            return nextCounter < block.endCounter() && endNanos - nowNanos > 0;
        }

        int left() {
            return block.endCounter() - nextCounter;
        }
    }

    private final int region;
    private final BlockSource source;
    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<CompletableFuture<PacketId>> waiting = new ArrayDeque<>();
    private @Nullable Lease current;
    private @Nullable Lease spare;
    private boolean fetching;
    private long prefetchNotBeforeNanos;

    /** @param nanoClock monotonic, nanoseconds */
    public OrderNumbers(int region, BlockSource source, LongSupplier nanoClock) {
        this.region = region;
        this.source = source;
        this.nanoClock = nanoClock;
        this.prefetchNotBeforeNanos = nanoClock.getAsLong();
    }

    /** The next order number, with suffix 000. Fails with what the source failed with, or OVERLOADED. */
    public CompletableFuture<PacketId> next() {
        CompletableFuture<PacketId> answer;
        boolean fetch = false;
        lock.lock();
        try {
            long now = nanoClock.getAsLong();
            Optional<PacketId> number = take(now);
            if (number.isPresent()) {
                answer = CompletableFuture.completedFuture(number.get());
                fetch = wantsSpare(now);
            } else if (waiting.size() >= WAITING_MAX) {
                return CompletableFuture.failedFuture(
                        Refusal.of(ERROR_REASON_OVERLOADED, "too many requests wait for an order number"));
            } else {
                answer = new CompletableFuture<>();
                waiting.add(answer);
                fetch = !fetching;
            }
            fetching |= fetch;
        } finally {
            lock.unlock();
        }
        if (fetch) {
            fetch();
        }
        return answer;
    }

    /** Whether a number can be had right now, without asking anybody. */
    public boolean ready() {
        return left() > 0;
    }

    /** Numbers that can be had without asking anybody. */
    public int left() {
        lock.lock();
        try {
            long now = nanoClock.getAsLong();
            return left(current, now) + left(spare, now);
        } finally {
            lock.unlock();
        }
    }

    /** Throws away what is left of the blocks, if one of their numbers turned out not to be ours after all. */
    public void discard() {
        lock.lock();
        try {
            current = null;
            spare = null;
        } finally {
            lock.unlock();
        }
    }

    private static int left(@Nullable Lease lease, long now) {
        return lease != null && lease.usable(now) ? lease.left() : 0;
    }

    private Optional<PacketId> take(long now) {
        Lease lease = current;
        if (lease == null || !lease.usable(now)) {
            lease = spare;
            current = spare;
            spare = null;
        }
        if (lease == null || !lease.usable(now)) {
            return Optional.empty();
        }
        NumberBlock block = lease.block;
        return Optional.of(PacketId.of(region, block.day(), block.slot(), lease.nextCounter++, 0));
    }

    private boolean wantsSpare(long now) {
        Lease lease = current;
        return !fetching
                && spare == null
                && lease != null
                && lease.left() <= lease.block.count() / 2
                && now - prefetchNotBeforeNanos >= 0;
    }

    private void fetch() {
        CompletionStage<NumberBlock> asked;
        try {
            asked = source.next();
        } catch (RuntimeException failure) {
            asked = CompletableFuture.failedStage(failure);
        }
        asked.whenComplete(this::fetched);
    }

    private void fetched(@Nullable NumberBlock block, @Nullable Throwable failure) {
        List<Runnable> answers = new ArrayList<>();
        boolean again = false;
        lock.lock();
        try {
            long now = nanoClock.getAsLong();
            fetching = false;
            if (block == null) {
                prefetchNotBeforeNanos = now + PREFETCH_PAUSE_NANOS;
                Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
                for (var answer : waiting) {
                    answers.add(() -> answer.completeExceptionally(cause));
                }
                waiting.clear();
            } else {
                Lease lease = new Lease(block, now);
                if (current == null || !current.usable(now)) {
                    current = lease;
                } else {
                    spare = lease;
                }
                while (!waiting.isEmpty()) {
                    Optional<PacketId> number = take(now);
                    if (number.isEmpty()) {
                        // A block smaller than the queue, or one that came with the last moment of its day.
                        again = true;
                        break;
                    }
                    var answer = waiting.remove();
                    answers.add(() -> answer.complete(number.get()));
                }
                fetching = again;
            }
        } finally {
            lock.unlock();
        }
        answers.forEach(Runnable::run);
        if (again) {
            fetch();
        }
    }
}
