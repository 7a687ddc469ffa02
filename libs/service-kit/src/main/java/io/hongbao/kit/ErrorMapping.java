package io.hongbao.kit;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_INTERNAL;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.ExceptionHandler;
import io.quarkus.grpc.ExceptionHandlerProvider;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;

/** Turns whatever a service method throws into a status with exactly one ErrorInfo; nothing internal leaks to a caller. */
@ApplicationScoped
public class ErrorMapping implements ExceptionHandlerProvider {
    private static final Logger LOG = Logger.getLogger(ErrorMapping.class);

    /** The gRPC form of any failure. What is not a refusal is a fault of ours: logged with its trace, told as INTERNAL. */
    public static StatusRuntimeException toStatus(Throwable failure) {
        return switch (failure) {
            case Refusal refusal -> refusal.toStatusException();
            case StatusRuntimeException status -> status;
            case StatusException status -> status.getStatus().asRuntimeException(status.getTrailers());
            case CompletionException wrapper when wrapper.getCause() != null -> toStatus(wrapper.getCause());
            default -> {
                LOG.error("Request failed unexpectedly", failure);
                yield Refusal.of(ERROR_REASON_INTERNAL, "internal error").toStatusException();
            }
        };
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
