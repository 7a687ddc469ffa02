package io.hongbao.orders;

/**
 * What one commit tells the other flows.
 *
 * @param payload a serialised OrderEventBatch without its time
 * @param createdAtMicros when it was committed, microseconds since 1970
 */
public record OutboxRow(long outboxId, byte[] payload, int eventCount, long createdAtMicros) {}
