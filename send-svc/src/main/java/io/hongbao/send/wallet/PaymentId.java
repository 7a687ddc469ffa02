package io.hongbao.send.wallet;

import io.hongbao.core.id.PacketId;

/** The id of an order's payment, which follows from the order number. */
public final class PaymentId {
    private PaymentId() {}

    public static String of(PacketId packetId) {
        return "pay-" + packetId.value();
    }
}
