package io.hongbao.wallet.ledger;

import io.hongbao.core.id.PacketId;

/** Names of the accounts and of the transfers between them, fixed by what they stand for. */
public final class Accounts {
    /** Where money comes from; owes what all the others hold. */
    public static final String EXTERNAL = "external";

    private Accounts() {}

    public static String ofUser(String userId) {
        return "user:" + userId;
    }

    public static String ofEscrow(PacketId packet) {
        return "escrow:" + packet;
    }

    /** A slash parts user and request, since both may have colons and {@code a:b/c} must not meet {@code a/b:c}. */
    public static String depositId(String userId, String requestId) {
        return "deposit:" + userId + "/" + requestId;
    }

    public static String creditId(PacketId packet, String userId) {
        return "credit:" + packet + ":" + userId;
    }

    public static String refundId(PacketId packet) {
        return "refund:" + packet;
    }
}
