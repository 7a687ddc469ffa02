package io.hongbao.kit;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.hongbao.v1.ErrorReason;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An error the caller gets: one stable reason, one sentence, and how long to wait where a retry makes sense. Carries no
 * stack trace, since it tells of the caller's input or of a dependency, not of our code; thrown on paths where a trace
 * would cost more than the work.
 */
public final class Refusal extends RuntimeException {
    /** {@code ErrorInfo.domain} of every error. */
    public static final String DOMAIN = "hongbao";

    private static final String REASON_PREFIX = "ERROR_REASON_";

    private final ErrorReason reason;
    private final Map<String, String> metadata;

    private Refusal(ErrorReason reason, String message, Map<String, String> metadata) {
        super(message, null, false, false);
        this.reason = reason;
        this.metadata = metadata;
    }

    /**
     * @param reason what went wrong; decides the status code
     * @param message one sentence for a person, without personal data
     */
    public static Refusal of(ErrorReason reason, String message) {
        return new Refusal(reason, message, Map.of());
    }

    /** The same refusal with one more entry in {@code ErrorInfo.metadata}. */
    public Refusal with(String key, String value) {
        var extended = new LinkedHashMap<>(metadata);
        extended.put(key, value);
        return new Refusal(reason, getMessage(), Map.copyOf(extended));
    }

    public ErrorReason reason() {
        return reason;
    }

    public Map<String, String> metadata() {
        return metadata;
    }

    /** The gRPC form: status code, message, one ErrorInfo, and RetryInfo where a retry makes sense. */
    public StatusRuntimeException toStatusException() {
        Status.Builder status = Status.newBuilder()
                .setCode(codeOf(reason).getNumber())
                .setMessage(getMessage())
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setReason(nameOf(reason))
                        .setDomain(DOMAIN)
                        .putAllMetadata(metadata)
                        .build()));
        Duration retryAfter = retryAfter(reason);
        if (!retryAfter.isZero()) {
            status.addDetails(Any.pack(RetryInfo.newBuilder()
                    .setRetryDelay(com.google.protobuf.Duration.newBuilder()
                            .setSeconds(retryAfter.getSeconds())
                            .setNanos(retryAfter.getNano()))
                    .build()));
        }
        return StatusProto.toStatusRuntimeException(status.build());
    }

    /** Ends a call with this, before any method of a service has seen it. */
    public void close(ServerCall<?, ?> call) {
        StatusRuntimeException status = toStatusException();
        Metadata trailers = status.getTrailers();
        call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
    }

    /** The reason as callers see it, for instance {@code PACKET_NOT_FOUND}. */
    public static String nameOf(ErrorReason reason) {
        return reason.name().substring(REASON_PREFIX.length());
    }

    /** How long the caller should wait before a retry; zero where a retry changes nothing. */
    static Duration retryAfter(ErrorReason reason) {
        return switch (codeOf(reason)) {
            // A packet's queue drains in a few batches of some milliseconds each.
            case RESOURCE_EXHAUSTED -> Duration.ofMillis(100);
            // A server that is away needs a moment to come back or to be replaced.
            case UNAVAILABLE -> Duration.ofSeconds(1);
            default -> Duration.ZERO;
        };
    }

    /** The one table from reason to status code. */
    static Code codeOf(ErrorReason reason) {
        return switch (reason) {
            case ERROR_REASON_AMOUNT_OUT_OF_RANGE,
                    ERROR_REASON_SHARE_COUNT_OUT_OF_RANGE,
                    ERROR_REASON_AMOUNT_BELOW_SHARE_COUNT,
                    ERROR_REASON_AMOUNT_NOT_DIVISIBLE,
                    ERROR_REASON_PACKET_KIND_INVALID,
                    ERROR_REASON_USER_ID_INVALID,
                    ERROR_REASON_GROUP_ID_INVALID,
                    ERROR_REASON_REQUEST_ID_INVALID,
                    ERROR_REASON_EXCLUSIVE_USER_INVALID,
                    ERROR_REASON_GREETING_INVALID,
                    ERROR_REASON_CITY_CODE_INVALID,
                    ERROR_REASON_TIME_TO_LIVE_OUT_OF_RANGE,
                    ERROR_REASON_PACKET_ID_MALFORMED,
                    ERROR_REASON_PAGE_SIZE_OUT_OF_RANGE,
                    ERROR_REASON_PAGE_TOKEN_INVALID,
                    ERROR_REASON_YEAR_OUT_OF_RANGE,
                    ERROR_REASON_PAYMENT_ID_INVALID,
                    ERROR_REASON_PAYMENT_AMOUNT_MISMATCH -> Code.INVALID_ARGUMENT;
            case ERROR_REASON_PACKET_NOT_FOUND, ERROR_REASON_PAYMENT_NOT_FOUND, ERROR_REASON_SUFFIX_NOT_SERVED ->
                Code.NOT_FOUND;
            case ERROR_REASON_REQUEST_ID_REUSED -> Code.ALREADY_EXISTS;
            case ERROR_REASON_PACKET_NOT_PAID,
                    ERROR_REASON_PACKET_FROZEN,
                    ERROR_REASON_PACKET_CLOSED,
                    ERROR_REASON_PACKET_ALREADY_PAID,
                    ERROR_REASON_WRONG_REGION,
                    ERROR_REASON_BALANCE_INSUFFICIENT,
                    ERROR_REASON_PAYMENT_CLOSED,
                    ERROR_REASON_PAYMENT_NOT_RECEIVED,
                    ERROR_REASON_NOT_WITH_THIS_PROVIDER,
                    ERROR_REASON_TICKET_EXPIRED -> Code.FAILED_PRECONDITION;
            case ERROR_REASON_NOT_IN_GROUP,
                    ERROR_REASON_TICKET_INVALID,
                    ERROR_REASON_NOT_THE_SENDER,
                    ERROR_REASON_NOT_THE_PAYER,
                    ERROR_REASON_CALLER_UNKNOWN,
                    ERROR_REASON_CALL_NOT_ALLOWED -> Code.PERMISSION_DENIED;
            case ERROR_REASON_PACKET_BUSY, ERROR_REASON_OVERLOADED, ERROR_REASON_PACKET_CONTENDED ->
                Code.RESOURCE_EXHAUSTED;
            case ERROR_REASON_SET_UNAVAILABLE,
                    ERROR_REASON_DEPENDENCY_UNAVAILABLE,
                    ERROR_REASON_DRAINING,
                    ERROR_REASON_LISTS_OFF,
                    ERROR_REASON_NEW_ORDERS_OFF -> Code.UNAVAILABLE;
            case ERROR_REASON_DEADLINE_PASSED -> Code.DEADLINE_EXCEEDED;
            case ERROR_REASON_ASSERTION_MISSING,
                    ERROR_REASON_ASSERTION_INVALID,
                    ERROR_REASON_ASSERTION_EXPIRED,
                    ERROR_REASON_ASSERTION_OF_ANOTHER -> Code.UNAUTHENTICATED;
            case ERROR_REASON_INTERNAL, ERROR_REASON_UNSPECIFIED, UNRECOGNIZED -> Code.INTERNAL;
        };
    }
}
