package io.hongbao.send.number;

import io.hongbao.core.id.PacketId;
import java.time.Duration;

/**
 * Counters that belong to this process alone.
 *
 * @param day days since 2020-01-01 in Asia/Shanghai, by the clock of the database
 * @param firstCounter first counter of the block
 * @param endCounter one above its last counter
 * @param untilMidnight what was left of the day, by the clock of the database
 */
public record NumberBlock(int day, int slot, int firstCounter, int endCounter, Duration untilMidnight) {
    public NumberBlock {
        if (firstCounter < 0 || endCounter <= firstCounter || endCounter > PacketId.COUNTER_MAX + 1) {
            throw new IllegalArgumentException("no block of counters: " + firstCounter + " to " + endCounter);
        }
    }

    public int count() {
        return endCounter - firstCounter;
    }
}
