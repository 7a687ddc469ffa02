package io.hongbao.cli.call;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Map;

/**
 * What a service said instead of an answer.
 *
 * @param code the gRPC status
 * @param reason the stable reason, or empty if the error did not come from a Hongbao service
 * @param message one sentence
 */
public record CallError(Status.Code code, String reason, String message, Map<String, String> metadata) {
    public static CallError of(StatusRuntimeException failure) {
        Status status = failure.getStatus();
        String message = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        com.google.rpc.Status details = StatusProto.fromThrowable(failure);
        if (details != null) {
            for (Any detail : details.getDetailsList()) {
                if (detail.is(ErrorInfo.class)) {
                    try {
                        ErrorInfo info = detail.unpack(ErrorInfo.class);
                        return new CallError(status.getCode(), info.getReason(), message, info.getMetadataMap());
                    } catch (InvalidProtocolBufferException damaged) {
                        // Then the status has to do.
                    }
                }
            }
        }
        return new CallError(status.getCode(), "", message, Map.of());
    }

    /** Whether the same request may do better a moment later. */
    public boolean retryable() {
        return code == Status.Code.UNAVAILABLE
                || code == Status.Code.RESOURCE_EXHAUSTED
                || code == Status.Code.DEADLINE_EXCEEDED;
    }

    /** For a person: {@code PACKET_NOT_FOUND: no packet has this number}. */
    @Override
    public String toString() {
        return (reason.isEmpty() ? code.name() : reason) + ": " + message + (metadata.isEmpty() ? "" : " " + metadata);
    }
}
