package io.hongbao.kit;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEPENDENCY_UNAVAILABLE;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_INTERNAL;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_OVERLOADED;

import com.google.rpc.ErrorInfo;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.quarkus.grpc.ExceptionHandler;
import io.quarkus.grpc.ExceptionHandlerProvider;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;

/**
 * Turns whatever a service method throws into a status with exactly one ErrorInfo; nothing internal leaks to a caller.
 * A status that another service of ours answered with its reason is passed on as it is. A status without one comes from
 * the transport, or from a stranger: only its code is believed.
 */
@ApplicationScoped
public class ErrorMapping implements ExceptionHandlerProvider {
    private static final Logger LOG = Logger.getLogger(ErrorMapping.class);

    /** The gRPC form of any failure. What is not a refusal is a fault of ours: logged with its trace, told as INTERNAL. */
    public static StatusRuntimeException toStatus(Throwable failure) {
        return switch (failure) {
            case Refusal refusal -> refusal.toStatusException();
            case StatusRuntimeException status -> ofStatus(status);
            case StatusException status -> ofStatus(status.getStatus().asRuntimeException(status.getTrailers()));
            case CompletionException wrapper when wrapper.getCause() != null -> toStatus(wrapper.getCause());
            default -> {
                LOG.error("Request failed unexpectedly", failure);
                yield Refusal.of(ERROR_REASON_INTERNAL, "internal error").toStatusException();
            }
        };
    }

    private static StatusRuntimeException ofStatus(StatusRuntimeException status) {
        if (hasReason(status)) {
            return status;
        }
        return switch (status.getStatus().getCode()) {
            // The caller has gone; nobody reads this.
            case CANCELLED -> status;
            case UNAVAILABLE, DEADLINE_EXCEEDED ->
                Refusal.of(ERROR_REASON_DEPENDENCY_UNAVAILABLE, "a service that is needed does not answer")
                        .toStatusException();
            case RESOURCE_EXHAUSTED ->
                Refusal.of(ERROR_REASON_OVERLOADED, "a service that is needed sheds load")
                        .toStatusException();
            default -> {
                LOG.error("Request failed with a status that has no reason", status);
                yield Refusal.of(ERROR_REASON_INTERNAL, "internal error").toStatusException();
            }
        };
    }

    private static boolean hasReason(StatusRuntimeException status) {
        return StatusProto.fromThrowable(status).getDetailsList().stream()
                        .filter(detail -> detail.is(ErrorInfo.class))
                        .count()
                == 1;
    }

    @Override
    public Throwable transform(Throwable failure) {
        return toStatus(failure);
    }

    @Override
    public <ReqT, RespT> ExceptionHandler<ReqT, RespT> createHandler(
            ServerCall.Listener<ReqT> listener, ServerCall<ReqT, RespT> call, Metadata metadata) {
        return new ExceptionHandler<>(listener, call, metadata) {
            @Override
            protected void handleException(Throwable failure, ServerCall<ReqT, RespT> call, Metadata metadata) {
                StatusRuntimeException status = toStatus(failure);
                Metadata trailers = status.getTrailers();
                call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
            }
        };
    }
}
