package io.hongbao.orders;

import io.hongbao.core.id.PacketId;

/**
 * An order whose payment is confirmed, and what was paid: it is published only if that is what it costs, and who wraps it.
 *
 * @param amountFen above 0
 */
public record PaidOrder(PacketId id, long amountFen, String payerId) {}
