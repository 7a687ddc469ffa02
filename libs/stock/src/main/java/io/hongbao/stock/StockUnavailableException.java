package io.hongbao.stock;

/**
 * Redis did not answer, or not usefully. Whether the call took effect is unknown; every call may be repeated. Carries no
 * stack trace: it tells of a dependency, and there may be one for every call.
 */
public final class StockUnavailableException extends RuntimeException {
    private final Cause reason;

    /** Why there is no answer. */
    public enum Cause {
        /** There is no connection: known beforehand, costs no wait. */
        AWAY,
        /** The answer did not come in time. */
        TIMEOUT,
        /** More calls wait than {@link StockClient#WAITING_MAX}. */
        BUSY,
        /** The connection broke with the call on its way, or Redis as a whole refuses calls: full, loading, read-only. */
        BROKEN,
        /** What Redis holds of this one packet makes no sense; to ask again changes nothing. */
        UNUSABLE
    }

    StockUnavailableException(Cause cause, String message) {
        super(message, null, false, false);
        this.reason = cause;
    }

    public Cause reason() {
        return reason;
    }
}
