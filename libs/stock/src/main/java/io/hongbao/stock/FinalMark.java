package io.hongbao.stock;

/** How a packet ended. The codes are those of the function library. */
public enum FinalMark {
    /** Every share is open. */
    FINISHED(8),
    /** It expired, and what was left went back to the sender. */
    REFUNDED(9);

    private final String code;

    FinalMark(int code) {
        this.code = Integer.toString(code);
    }

    String code() {
        return code;
    }
}
