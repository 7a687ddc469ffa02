package io.hongbao.client;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import org.jspecify.annotations.Nullable;

/** Starts unary calls only when their request is there, so that options and headers can be made from it. */
public abstract class RequestFirst implements ClientInterceptor {
    /** Whether a unary call waits for its request. */
    protected abstract boolean concerns(MethodDescriptor<?, ?> method, CallOptions options);

    /**
     * Called before the call starts.
     *
     * @param headers may be added to
     * @return the options to start it with
     */
    protected abstract CallOptions before(Object request, CallOptions options, Metadata headers);

    @Override
    public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
            MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
        return method.getType() == MethodType.UNARY && concerns(method, options)
                ? new StartedByItsRequest<>(method, options, next)
                : next.newCall(method, options);
    }

    /**
     * A unary call that starts when its request is there. Grpc picks a server at the start of a call, before it has seen
     * the request; so the start, and what a stub does between start and request, is kept until then. Like every client
     * call it is used by one thread at a time, except for cancel.
     */
    private final class StartedByItsRequest<ReqT, RespT> extends ClientCall<ReqT, RespT> {
        private final MethodDescriptor<ReqT, RespT> method;
        private final CallOptions options;
        private final Channel next;

        private @Nullable Listener<RespT> listener;
        private @Nullable Metadata headers;
        private int requested;
        private @Nullable Boolean compressed;
        private volatile @Nullable ClientCall<ReqT, RespT> call;

        StartedByItsRequest(MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
            this.method = method;
            this.options = options;
            this.next = next;
        }

        @Override
        public void start(Listener<RespT> listener, Metadata headers) {
            this.listener = listener;
            this.headers = headers;
        }

        @Override
        public void request(int count) {
            if (call == null) {
                requested += count;
            } else {
                call.request(count);
            }
        }

        @Override
        public void sendMessage(ReqT request) {
            started(request).sendMessage(request);
        }

        @Override
        public void halfClose() {
            started(null).halfClose();
        }

        /** Before the start this starts and cancels the call at once, so that the listener hears of it from grpc. */
        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {
            if (listener != null) {
                started(null).cancel(message, cause);
            }
        }

        @Override
        public void setMessageCompression(boolean enabled) {
            if (call == null) {
                compressed = enabled;
            } else {
                call.setMessageCompression(enabled);
            }
        }

        @Override
        public boolean isReady() {
            // A unary stub sends its only request without asking; before the start nothing holds it back.
            return call == null || call.isReady();
        }

        @Override
        public Attributes getAttributes() {
            return call == null ? Attributes.EMPTY : call.getAttributes();
        }

        private synchronized ClientCall<ReqT, RespT> started(@Nullable ReqT request) {
            if (call != null) {
                return call;
            }
            if (listener == null || headers == null) {
                throw new IllegalStateException("the call was not started");
            }
            ClientCall<ReqT, RespT> made =
                    next.newCall(method, request == null ? options : before(request, options, headers));
            made.start(listener, headers);
            if (compressed != null) {
                made.setMessageCompression(compressed);
            }
            if (requested > 0) {
                made.request(requested);
            }
            call = made;
            return made;
        }
    }
}
