package io.hongbao.orders;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEPENDENCY_UNAVAILABLE;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_INTERNAL;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_NOT_FOUND;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_SET_UNAVAILABLE;

import io.hongbao.kit.Refusal;
import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import java.util.OptionalInt;

/** A statement that did not do what it was to do, and what is known of its effect. */
public final class StoreException extends RuntimeException {
    /** What is known of the statement's effect. */
    public enum Effect {
        /** None: a guard missed, somebody else changed the row. Reload, and decide again. */
        GUARD_MISSED,
        /** None: a row of that key is there. */
        DUPLICATE,
        /** None: the server refused the statement for what it says. */
        REJECTED,
        /** None: the {@link StoreException#database} is on its way to another SET. Its packets are served again soon. */
        MOVING,
        /** None: the tables of that day are not here. */
        NO_TABLES,
        /** None: there was no connection to send it on, or the server takes no writes now (full, read-only). */
        NOT_SENT,
        /** Unknown: it may be committed. Reload, and look up what became of it. */
        UNKNOWN
    }

    private final Effect effect;
    private final String set;

    StoreException(Effect effect, String set, Throwable cause) {
        super("SET " + set + ": " + effect + ": " + cause.getMessage(), cause, false, false);
        this.effect = effect;
        this.set = set;
    }

    public Effect effect() {
        return effect;
    }

    public String set() {
        return set;
    }

    /** The logical database that is MOVING; empty for all other effects. */
    public OptionalInt database() {
        return effect == Effect.MOVING
                        && getCause() instanceof PgException refused
                        && refused.getDetail() != null
                        && refused.getDetail().matches("[0-9]{1,2}")
                ? OptionalInt.of(Integer.parseInt(refused.getDetail()))
                : OptionalInt.empty();
    }

    /** What a caller hears when nothing better can be done about it. */
    public Refusal toRefusal() {
        if (set.equals(ColdStore.NAME)) {
            return Refusal.of(ERROR_REASON_DEPENDENCY_UNAVAILABLE, "the store of old packets does not answer")
                    .with("dependency", ColdStore.NAME);
        }
        return switch (effect) {
            case NO_TABLES -> Refusal.of(ERROR_REASON_PACKET_NOT_FOUND, "no packet has this number");
            case NOT_SENT, UNKNOWN, GUARD_MISSED, MOVING ->
                Refusal.of(ERROR_REASON_SET_UNAVAILABLE, "the SET of this order does not answer")
                        .with("set", set);
            case DUPLICATE, REJECTED -> Refusal.of(ERROR_REASON_INTERNAL, "internal error");
        };
    }

    /** Reads what the failure says about the statement's effect; anything doubtful is unknown. */
    public static StoreException of(String set, Throwable failure) {
        return switch (failure) {
            case StoreException known -> known;
            case PgException refused -> new StoreException(effectOf(refused.getSqlState()), set, refused);
            case ConnectException noConnection -> new StoreException(Effect.NOT_SENT, set, noConnection);
            default -> new StoreException(Effect.UNKNOWN, set, failure);
        };
    }

    private static Effect effectOf(String sqlState) {
        return switch (sqlState) {
            // The batch statements divide by zero when a guard misses.
            case "22012" -> Effect.GUARD_MISSED;
            case "23505" -> Effect.DUPLICATE;
            // Raised by orders.refuse_moving.
            case "HB001" -> Effect.MOVING;
            // undefined_table; invalid_schema_name
            case "42P01", "3F000" -> Effect.NO_TABLES;
            // read_only_sql_transaction: a standby, or a primary that is being replaced.
            case "25006" -> Effect.NOT_SENT;
            // admin_shutdown, crash_shutdown, cannot_connect_now: a commit may have been under way.
            case "57P01", "57P02", "57P03" -> Effect.UNKNOWN;
            // Insufficient resources: disk full, out of memory, too many connections. The statement was taken back.
            case String full when full.startsWith("53") -> Effect.NOT_SENT;
            default ->
                // Connection exceptions, system errors and internal errors say nothing sure about a commit.
                sqlState.startsWith("08") || sqlState.startsWith("58") || sqlState.startsWith("XX")
                        ? Effect.UNKNOWN
                        : Effect.REJECTED;
        };
    }
}
