package io.hongbao.send;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.hongbao.kit.Refusal;
import io.hongbao.orders.StoreException;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** Reads failures of the stores and services behind this one. */
public final class Failures {
    private Failures() {}

    /** What a stage failed with, without what stages put around it. */
    public static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException wrapper && wrapper.getCause() != null
                ? cause(wrapper.getCause())
                : failure;
    }

    /** What the caller hears: a refusal stays one, a store's failure becomes one, anything else is left as it is. */
    public static Throwable toCaller(Throwable failure) {
        return switch (cause(failure)) {
            case StoreException store -> store.toRefusal();
            case Throwable other -> other;
        };
    }

    /** The stable reason, for instance {@code REQUEST_ID_REUSED}; empty if the failure has none of ours. */
    public static Optional<String> reasonOf(Throwable failure) {
        return switch (toCaller(failure)) {
            case Refusal refusal -> Optional.of(Refusal.nameOf(refusal.reason()));
            case StatusRuntimeException status -> reasonOf(status);
            default -> Optional.empty();
        };
    }

    private static Optional<String> reasonOf(StatusRuntimeException failure) {
        Status status = StatusProto.fromThrowable(failure);
        if (status != null) {
            for (Any detail : status.getDetailsList()) {
                if (detail.is(ErrorInfo.class)) {
                    try {
                        ErrorInfo info = detail.unpack(ErrorInfo.class);
                        if (info.getDomain().equals(Refusal.DOMAIN)) {
                            return Optional.of(info.getReason());
                        }
                    } catch (InvalidProtocolBufferException damaged) {
                        return Optional.empty();
                    }
                }
            }
        }
        return Optional.empty();
    }
}
