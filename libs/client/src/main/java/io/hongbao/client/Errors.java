package io.hongbao.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.hongbao.v1.ErrorReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the typed details of errors: {@code google.rpc.ErrorInfo} and {@code google.rpc.RetryInfo}. */
public final class Errors {
    /** {@code ErrorInfo.domain} of Hongbao's errors. */
    public static final String DOMAIN = "hongbao";

    private static final String REASON_PREFIX = "ERROR_REASON_";

    private Errors() {}

    /** What the error says. Details that are damaged or of another domain are passed over. */
    public static CallError read(StatusRuntimeException error) {
        com.google.rpc.Status status = StatusProto.fromThrowable(error);
        List<Any> details = status == null ? List.of() : status.getDetailsList();
        Optional<ErrorInfo> info = first(details, ErrorInfo.class).filter(found -> DOMAIN.equals(found.getDomain()));
        return new CallError(
                error.getStatus().getCode(),
                info.flatMap(found -> reasonOf(found.getReason())),
                info.map(ErrorInfo::getMetadataMap).orElse(Map.of()),
                first(details, RetryInfo.class)
                        .map(RetryInfo::getRetryDelay)
                        .map(delay -> Duration.ofSeconds(delay.getSeconds(), delay.getNanos())));
    }

    /** Only the reason. */
    public static Optional<ErrorReason> reason(StatusRuntimeException error) {
        return read(error).reason();
    }

    private static Optional<ErrorReason> reasonOf(String name) {
        for (ErrorReason reason : ErrorReason.values()) {
            if (reason.name().equals(REASON_PREFIX + name)) {
                return Optional.of(reason);
            }
        }
        return Optional.empty();
    }

    private static <T extends Message> Optional<T> first(List<Any> details, Class<T> type) {
        for (Any detail : details) {
            if (detail.is(type)) {
                try {
                    return Optional.of(detail.unpack(type));
                } catch (InvalidProtocolBufferException damaged) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }
}
