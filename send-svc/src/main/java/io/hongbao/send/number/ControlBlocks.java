package io.hongbao.send.number;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEPENDENCY_UNAVAILABLE;

import io.hongbao.control.ControlDatabase;
import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Refusal;
import io.hongbao.send.SendMetrics;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Blocks from the database {@code control}. The statement advances the counter of the slot, and answers the database's
 * own date with it; a slot whose day is used up answers nothing, and the next slot is tried.
 */
@ApplicationScoped
public class ControlBlocks implements BlockSource {
    /** $1 slot, $2 size of the block. No row if the slot has not that many counters left today. */
    static final String TAKE = """
            insert into order_number_block as held (day, slot, next_counter)
            values ((now() at time zone 'Asia/Shanghai')::date - date '2020-01-01', $1::int2, $2::int4)
            on conflict (day, slot) do update set next_counter = held.next_counter + $2::int4
                where held.next_counter + $2::int4 <= 100000000
            returning day, slot::int4, next_counter - $2::int4 as first_counter, next_counter as end_counter,
                      (extract(epoch from date_trunc('day', now() at time zone 'Asia/Shanghai') + interval '1 day'
                               - (now() at time zone 'Asia/Shanghai')) * 1000)::int8 as until_midnight_ms
            """;

    /** One statement on one row: longer means that nobody answers. */
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    /** Used-up slots passed over for one block; the next call goes on from there. */
    private static final int SLOT_ATTEMPT_COUNT_MAX = 16;

    private static final int SLOT_COUNT = PacketId.SLOT_MAX + 1;
    private static final Logger LOG = Logger.getLogger(ControlBlocks.class);

    private final ControlDatabase control;
    private final SendMetrics metrics;
    private final int blockSize;
    private volatile int slot;
    private volatile boolean available = true;

    ControlBlocks(ControlDatabase control, NumbersConfig config, SendMetrics metrics) {
        this.control = control;
        this.metrics = metrics;
        this.blockSize = config.blockSize();
        this.slot =
                config.slot().orElseGet(() -> Math.floorMod(config.instance().hashCode(), SLOT_COUNT));
        if (slot < 0 || slot > PacketId.SLOT_MAX) {
            throw new IllegalArgumentException("hongbao.numbers.slot is " + slot + ", not in 0.." + PacketId.SLOT_MAX);
        }
        if (blockSize < 1 || blockSize > PacketId.COUNTER_MAX) {
            throw new IllegalArgumentException("hongbao.numbers.block-size is " + blockSize);
        }
    }

    /** Whether the last call was answered. */
    public boolean available() {
        return available;
    }

    @Override
    public CompletionStage<NumberBlock> next() {
        return take(SLOT_ATTEMPT_COUNT_MAX)
                .onSuccess(block -> {
                    available = true;
                    metrics.blockTaken();
                    LOG.infof(
                            "Block of order numbers taken day=%d slot=%d first=%d count=%d",
                            block.day(), block.slot(), block.firstCounter(), block.count());
                })
                .recover(failure -> {
                    available = false;
                    LOG.warnf("No block of order numbers slot=%d cause=%s", slot, failure);
                    return Future.failedFuture(
                            Refusal.of(ERROR_REASON_DEPENDENCY_UNAVAILABLE, "order numbers cannot be had now")
                                    .with("dependency", "control"));
                })
                .toCompletionStage();
    }

    private Future<NumberBlock> take(int attemptsLeft) {
        int tried = slot;
        return control.pool()
                .preparedQuery(TAKE)
                .execute(Tuple.of((short) tried, blockSize))
                .timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .compose(rows -> {
                    if (rows.size() == 1) {
                        return Future.succeededFuture(block(rows));
                    }
                    LOG.warnf("The day of an allocator slot is used up slot=%d", tried);
                    slot = (tried + 1) % SLOT_COUNT;
                    return attemptsLeft == 1
                            ? Future.failedFuture("every slot tried is used up")
                            : take(attemptsLeft - 1);
                });
    }

    private static NumberBlock block(RowSet<Row> rows) {
        Row row = rows.iterator().next();
        return new NumberBlock(
                row.getInteger("day"),
                row.getInteger("slot"),
                row.getInteger("first_counter"),
                row.getInteger("end_counter"),
                Duration.ofMillis(row.getLong("until_midnight_ms")));
    }
}
