package io.hongbao.send.number;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.core.id.PacketId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OrderNumbersTest {
    private static final int DAY = 2_500;
    private static final int SLOT = 42;
    private static final Duration HOUR = Duration.ofHours(1);

    /** A database that answers when the test says so. */
    private final ArrayDeque<CompletableFuture<NumberBlock>> asked = new ArrayDeque<>();

    private long nowNanos = -5;
    private final OrderNumbers numbers = new OrderNumbers(PacketId.SOUTH, this::ask, () -> nowNanos);

    private CompletionStage<NumberBlock> ask() {
        var answer = new CompletableFuture<NumberBlock>();
        asked.add(answer);
        return answer;
    }

    private void answer(int day, int first, int count, Duration untilMidnight) {
        asked.remove().complete(new NumberBlock(day, SLOT, first, first + count, untilMidnight));
    }

    @Test
    void shouldMakeNumbersOfTheBlock() {
        CompletableFuture<PacketId> first = numbers.next();
        answer(DAY, 300, 100, HOUR);
        assertEquals(PacketId.of(PacketId.SOUTH, DAY, SLOT, 300, 0), first.join());
        assertEquals(
                PacketId.of(PacketId.SOUTH, DAY, SLOT, 301, 0), numbers.next().join());
        assertEquals(98, numbers.left());
    }

    @Test
    void shouldAskOnceForAllWhoWait() {
        List<CompletableFuture<PacketId>> waiting =
                IntStream.range(0, 50).mapToObj(i -> numbers.next()).toList();
        assertEquals(1, asked.size());
        answer(DAY, 0, 100, HOUR);
        assertEquals(
                50, waiting.stream().map(CompletableFuture::join).distinct().count());
    }

    @Test
    void shouldAskAgainIfTheBlockIsTooSmallForAllWhoWait() {
        List<CompletableFuture<PacketId>> waiting =
                IntStream.range(0, 5).mapToObj(i -> numbers.next()).toList();
        answer(DAY, 0, 3, HOUR);
        answer(DAY, 3, 3, HOUR);
        assertEquals(5, waiting.stream().map(CompletableFuture::join).distinct().count());
    }

    @Test
    void shouldAskForTheNextBlockWhenHalfIsUsed() {
        numbers.next();
        answer(DAY, 0, 10, HOUR);
        IntStream.range(1, 4).forEach(i -> numbers.next());
        assertTrue(asked.isEmpty());
        numbers.next();
        assertEquals(1, asked.size());
        answer(DAY, 10, 10, HOUR);
        Set<Integer> counters = new HashSet<>();
        IntStream.range(5, 15).forEach(i -> counters.add(numbers.next().join().counter()));
        assertEquals(10, counters.size());
    }

    @Test
    void shouldUseNoNumberOfADayThatIsOver() {
        numbers.next();
        answer(DAY, 0, 100, HOUR);
        nowNanos += HOUR.toNanos();
        assertFalse(numbers.ready());

        CompletableFuture<PacketId> afterMidnight = numbers.next();
        assertFalse(afterMidnight.isDone());
        answer(DAY + 1, 0, 100, Duration.ofHours(24));

        assertEquals(DAY + 1, afterMidnight.join().day());
    }

    @Test
    void shouldDropTheSpareBlockAtMidnightToo() {
        numbers.next();
        answer(DAY, 0, 2, HOUR);
        numbers.next();
        answer(DAY, 2, 2, HOUR);
        nowNanos += HOUR.toNanos() + 1;
        CompletableFuture<PacketId> afterMidnight = numbers.next();
        answer(DAY + 1, 0, 2, HOUR);
        assertEquals(DAY + 1, afterMidnight.join().day());
    }

    @Test
    void shouldAskAgainIfABlockCameWithTheLastMomentOfItsDay() {
        CompletableFuture<PacketId> number = numbers.next();
        answer(DAY, 0, 100, Duration.ZERO);
        answer(DAY + 1, 0, 100, HOUR);
        assertEquals(DAY + 1, number.join().day());
    }

    @Test
    void shouldTellAllWhoWaitThatTheDatabaseIsAway() {
        var away = new IllegalStateException("away");
        var first = numbers.next();
        var second = numbers.next();
        asked.remove().completeExceptionally(away);
        assertSame(away, assertThrows(CompletionException.class, first::join).getCause());
        assertSame(away, assertThrows(CompletionException.class, second::join).getCause());

        var third = numbers.next();
        answer(DAY, 0, 100, HOUR);
        assertEquals(0, third.join().counter(), "and recovers by itself");
    }

    @Test
    void shouldGoOnWithItsBlockWhileTheDatabaseIsAway() {
        numbers.next();
        answer(DAY, 0, 4, HOUR);
        numbers.next();
        asked.remove().completeExceptionally(new IllegalStateException("away"));
        assertTrue(numbers.next().isDone());
        assertTrue(asked.isEmpty(), "and does not ask for every order");
        nowNanos += OrderNumbers.PREFETCH_PAUSE_NANOS;
        numbers.next();
        assertEquals(1, asked.size());
    }

    @Test
    void shouldThrowAwayWhatIsNotOurs() {
        numbers.next();
        answer(DAY, 0, 100, HOUR);
        numbers.discard();
        var number = numbers.next();
        answer(DAY, 100, 100, HOUR);
        assertEquals(100, number.join().counter());
    }
}
