package io.hongbao.client.region;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.hongbao.client.Errors;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Fails calls to a service that cannot be reached at once, with UNAVAILABLE and no ErrorInfo, as a refused connection
 * does; and learns from all others whether it can.
 */
public final class ReachabilityGate implements ClientInterceptor {
    /** A call that was given less time than this says nothing about the service when its time is over. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Reachability reachability;
    private final String service;

    /** @param service for the words of the error */
    public ReachabilityGate(Reachability reachability, String service) {
        this.reachability = reachability;
        this.service = service;
    }

    @Override
    public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
            MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
        return reachability.admits()
                ? new Watched<>(next.newCall(method, options))
                : new Refused<>(Status.UNAVAILABLE.withDescription(service + " cannot be reached"));
    }

    private final class Watched<ReqT, RespT> extends SimpleForwardingClientCall<ReqT, RespT> {
        Watched(ClientCall<ReqT, RespT> call) {
            super(call);
        }

        @Override
        public void start(Listener<RespT> listener, Metadata headers) {
            long begunNanos = System.nanoTime();
            super.start(
                    new SimpleForwardingClientCallListener<>(listener) {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            heard(status, trailers, System.nanoTime() - begunNanos);
                            super.onClose(status, trailers);
                        }
                    },
                    headers);
        }
    }

    private void heard(Status status, Metadata trailers, long tookNanos) {
        switch (status.getCode()) {
            case UNAVAILABLE -> {
                if (isOurs(status, trailers)) {
                    reachability.answered();
                } else {
                    reachability.silent();
                }
            }
            case DEADLINE_EXCEEDED -> {
                if (isOurs(status, trailers)) {
                    reachability.answered();
                } else if (tookNanos >= PATIENCE.toNanos()) {
                    reachability.silent();
                }
            }
            case CANCELLED -> {
                // By the caller, who did not wait for it.
            }
            default -> reachability.answered();
        }
    }

    private static boolean isOurs(Status status, Metadata trailers) {
        return Errors.read(status.asRuntimeException(trailers)).reason().isPresent();
    }

    /** A call that ends when it begins. */
    private static final class Refused<ReqT, RespT> extends ClientCall<ReqT, RespT> {
        private final Status why;

        Refused(Status why) {
            this.why = why;
        }

        @Override
        public void start(Listener<RespT> listener, Metadata headers) {
            listener.onClose(why, new Metadata());
        }

        @Override
        public void request(int count) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(ReqT message) {}
    }
}
