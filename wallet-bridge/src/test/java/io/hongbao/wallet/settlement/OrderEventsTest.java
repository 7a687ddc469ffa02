package io.hongbao.wallet.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hongbao.core.id.PacketId;
import io.hongbao.wallet.settlement.DueTransfer.Kind;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** In which order a poll is settled. */
class OrderEventsTest {
    private static final Instant LATE = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant BEFORE = LATE.minusSeconds(1);
    private static final int MORE_THAN_A_BATCH = Settler.BATCH_SIZE_MAX + 100;

    @Test
    void shouldSettleLargeAmountsFirstWhenBehind() {
        var batches = OrderEvents.batches(due(MORE_THAN_A_BATCH, BEFORE), LATE);

        assertEquals(2, batches.size());
        assertEquals(
                IntStream.rangeClosed(1, Settler.BATCH_SIZE_MAX)
                        .mapToObj(i -> (long) MORE_THAN_A_BATCH + 1 - i)
                        .toList(),
                batches.getFirst().stream().map(DueTransfer::amountFen).toList());
        assertEquals(1, batches.getLast().getLast().amountFen());
    }

    @Test
    void shouldKeepTheOrderOfEventsWhileUpToDate() {
        List<DueTransfer> due = due(MORE_THAN_A_BATCH, LATE);

        assertEquals(
                due,
                OrderEvents.batches(due, LATE).stream().flatMap(List::stream).toList());
    }

    @Test
    void shouldKeepTheOrderOfWhatIsOneBatch() {
        List<DueTransfer> due = due(Settler.BATCH_SIZE_MAX, BEFORE);

        assertEquals(List.of(due), OrderEvents.batches(due, LATE));
    }

    /** Small amounts come first. */
    private static List<DueTransfer> due(int count, Instant occurredAt) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> new DueTransfer(Kind.CREDIT, PacketId.of(1, 2_000, 1, i, 0), "user-" + i, i, occurredAt))
                .toList();
    }
}
