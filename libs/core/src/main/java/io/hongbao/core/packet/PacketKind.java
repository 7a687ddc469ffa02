package io.hongbao.core.packet;

/** How the amounts of a packet's shares are decided. */
public enum PacketKind {
    /** Double mean, drawn at each open. */
    LUCKY(1),
    /** Total / count; the total divides. */
    EQUAL(2),
    /** One share for one named user. */
    EXCLUSIVE(3);

    private static final PacketKind[] BY_CODE = {null, LUCKY, EQUAL, EXCLUSIVE};

    private final int code;

    PacketKind(int code) {
        this.code = code;
    }

    /** The number in stores and contracts, never changed. */
    public int code() {
        return code;
    }

    /** @throws IllegalArgumentException if no kind has the code */
    public static PacketKind ofCode(int code) {
        if (code < 1 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("no packet kind has code " + code);
        }
        return BY_CODE[code];
    }
}
