package io.hongbao.wallet.payment;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_PAYMENT_ID_INVALID;

import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Refusal;

/** The id of an order's only payment; says which order, so that there is nothing to look up. */
public final class PaymentId {
    private static final String PREFIX = "pay-";
    private static final int LENGTH = PREFIX.length() + 19;

    private PaymentId() {}

    public static String of(PacketId packet) {
        return PREFIX + packet;
    }

    /** @throws Refusal PAYMENT_ID_INVALID if no order could have this payment */
    public static PacketId packetOf(String paymentId) {
        if (paymentId.length() == LENGTH && paymentId.startsWith(PREFIX)) {
            try {
                long packetId = Long.parseUnsignedLong(paymentId, PREFIX.length(), LENGTH, 10);
                if (PacketId.isWellFormed(packetId)) {
                    return new PacketId(packetId);
                }
            } catch (NumberFormatException noNumber) {
                // Told below, like every other wrong id.
            }
        }
        throw Refusal.of(ERROR_REASON_PAYMENT_ID_INVALID, "payment_id must be pay- and a 19-digit order number");
    }
}
