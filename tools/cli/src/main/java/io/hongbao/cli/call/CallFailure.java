package io.hongbao.cli.call;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.hongbao.client.CallError;
import io.hongbao.client.Errors;
import io.hongbao.v1.ErrorReason;
import java.util.Map;

/**
 * What a service said instead of an answer, in words.
 *
 * @param code the gRPC status
 * @param reason the stable reason as callers see it, for instance {@code PACKET_NOT_FOUND}, or empty if the error did
 *     not come from a Hongbao service
 * @param message one sentence
 */
public record CallFailure(Status.Code code, String reason, String message, Map<String, String> metadata) {
    private static final String REASON_PREFIX = "ERROR_REASON_";

    public static CallFailure of(StatusRuntimeException failure) {
        CallError error = Errors.read(failure);
        String description = failure.getStatus().getDescription();
        return new CallFailure(
                error.code(),
                error.reason()
                        .map(ErrorReason::name)
                        .map(name -> name.substring(REASON_PREFIX.length()))
                        .orElse(""),
                description == null ? "no further words" : description,
                error.metadata());
    }

    /** Whether the same request may do better a moment later. */
    public boolean retryable() {
        return code == Status.Code.UNAVAILABLE
                || code == Status.Code.RESOURCE_EXHAUSTED
                || code == Status.Code.DEADLINE_EXCEEDED;
    }

    /** Its reason, or the code's name if it has none: what failures are counted by. */
    public String word() {
        return reason.isEmpty() ? code.name() : reason;
    }

    /** For a person: {@code PACKET_NOT_FOUND: no packet has this number}. */
    @Override
    public String toString() {
        return word() + ": " + message + (metadata.isEmpty() ? "" : " " + metadata);
    }
}
