package io.hongbao.kit.trace;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the spans of both ends of a call say about it, after OpenTelemetry's conventions for RPC. */
final class RpcSpans {
    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("rpc.system");
    private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("rpc.service");
    private static final AttributeKey<String> METHOD = AttributeKey.stringKey("rpc.method");
    private static final AttributeKey<Long> CODE = AttributeKey.longKey("rpc.grpc.status_code");
    private static final AttributeKey<String> REASON = AttributeKey.stringKey("hongbao.reason");

    private static final String OURS = "hongbao.v1.";

    private RpcSpans() {}

    /** Health and reflection are asked all day, and of no packet. */
    static boolean isTraced(MethodDescriptor<?, ?> method) {
        return method.getFullMethodName().startsWith(OURS);
    }

    static void end(Span span, MethodDescriptor<?, ?> method, Status status, @Nullable Metadata trailers) {
        span.setAttribute(SYSTEM, "grpc")
                .setAttribute(SERVICE, Objects.requireNonNull(method.getServiceName()))
                .setAttribute(METHOD, Objects.requireNonNull(method.getBareMethodName()))
                .setAttribute(CODE, (long) status.getCode().value());
        if (!status.isOk()) {
            String reason = reasonOf(status, trailers);
            if (!reason.isEmpty()) {
                span.setAttribute(REASON, reason);
            }
            switch (status.getCode()) {
                case UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS ->
                    span.setStatus(StatusCode.ERROR);
                // Refusals: the service did what it should.
                case OK,
                        CANCELLED,
                        INVALID_ARGUMENT,
                        NOT_FOUND,
                        ALREADY_EXISTS,
                        PERMISSION_DENIED,
                        RESOURCE_EXHAUSTED,
                        FAILED_PRECONDITION,
                        ABORTED,
                        OUT_OF_RANGE,
                        UNAUTHENTICATED -> {}
            }
        }
        span.end();
    }

    /** The stable reason of a refusal; its sentence is for people, and not for here. */
    private static String reasonOf(Status status, @Nullable Metadata trailers) {
        com.google.rpc.Status details = StatusProto.fromStatusAndTrailers(status, trailers);
        for (Any detail : details.getDetailsList()) {
            if (detail.is(ErrorInfo.class)) {
                try {
                    return detail.unpack(ErrorInfo.class).getReason();
                } catch (InvalidProtocolBufferException unreadable) {
                    return "";
                }
            }
        }
        return "";
    }
}
