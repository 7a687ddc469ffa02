package io.hongbao.wallet.wechat.api;

/** A call to WeChat Pay that did not come to a trusted answer, or to a refusal. Has no trace: it tells of the other side. */
public final class Trouble extends RuntimeException {
    /** What to do about it. */
    public enum Kind {
        /** No answer, a broken one, or SYSTEM_ERROR: whether the call took effect is unknown. Again, with the same id. */
        UNKNOWN,
        /** Asked too often. Again, later; nothing was done. */
        TOO_FAST,
        /** The merchant's account holds too little. Again, once somebody has filled it; nothing was done. */
        NOT_ENOUGH,
        /** There is no such order, refund or transfer. */
        ABSENT,
        /** Refused for what was asked. */
        REFUSED
    }

    private final Kind kind;
    private final String code;

    Trouble(Kind kind, String code) {
        super("WeChat Pay: " + code, null, false, false);
        this.kind = kind;
        this.code = code;
    }

    public Kind kind() {
        return kind;
    }

    /** WeChat Pay's own error code, or our word where there was no answer. */
    public String code() {
        return code;
    }

    /** By status and code of an answer that is not 2xx. */
    static Trouble of(int status, String code) {
        Kind kind = switch (code) {
            case "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "RATELIMIT_EXCEEDED" -> Kind.TOO_FAST;
            case "NOT_ENOUGH", "QUOTA_EXCEED" -> Kind.NOT_ENOUGH;
            case "ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS", "NOT_FOUND" -> Kind.ABSENT;
            case "SYSTEM_ERROR", "SYSTEMERROR" -> Kind.UNKNOWN;
            default -> status == 429 ? Kind.TOO_FAST : status >= 500 ? Kind.UNKNOWN : Kind.REFUSED;
        };
        return new Trouble(kind, code.isEmpty() ? "HTTP_" + status : code);
    }

    static Trouble unknown(String code) {
        return new Trouble(Kind.UNKNOWN, code);
    }
}
