package io.hongbao.kit.trace;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.hongbao.core.id.PacketId;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.spi.Prioritized;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A span for each call that is served, in the trace of its packet, or in its caller's if that is sampled. */
@ApplicationScoped
@GlobalInterceptor
public class TracedCalls implements ServerInterceptor, Prioritized {
    private final Traces traces;

    TracedCalls(Traces traces) {
        this.traces = traces;
    }

    /** After the checks of the caller and of the user: who may not call costs nothing more. */
    @Override
    public int getPriority() {
        return Integer.MAX_VALUE - 2;
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        if (!traces.on() || !RpcSpans.isTraced(call.getMethodDescriptor())) {
            return next.startCall(call, headers);
        }
        var traced = new TracedCall<>(call, traces, TraceParent.read(headers));
        return new SimpleForwardingServerCallListener<>(next.startCall(traced, headers)) {
            @Override
            public void onMessage(ReqT message) {
                traced.about(message);
                super.onMessage(message);
            }

            @Override
            public void onCancel() {
                traced.end(Status.CANCELLED, null);
                super.onCancel();
            }
        };
    }

    private static final class TracedCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {
        private final Traces traces;
        private final SpanContext caller;
        private final long begunNanos = System.nanoTime();
        private final AtomicBoolean ended = new AtomicBoolean();
        private volatile Optional<PacketId> packet = Optional.empty();

        TracedCall(ServerCall<ReqT, RespT> call, Traces traces, SpanContext caller) {
            super(call);
            this.traces = traces;
            this.caller = caller;
        }

        /** The packet is known with the request, or, when it is being made, with the answer. */
        void about(Object message) {
            if (packet.isEmpty()) {
                packet = TracedMessage.packetOf(message);
            }
        }

        @Override
        public void sendMessage(RespT message) {
            about(message);
            super.sendMessage(message);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            end(status, trailers);
            super.close(status, trailers);
        }

        void end(Status status, @Nullable Metadata trailers) {
            if (ended.getAndSet(true)) {
                return;
            }
            SpanContext parent =
                    caller.isSampled() ? caller : packet.map(traces::of).orElse(caller);
            Span span = traces.start(
                    getMethodDescriptor().getFullMethodName(), SpanKind.SERVER, parent, packet, begunNanos);
            RpcSpans.end(span, getMethodDescriptor(), status, trailers);
        }
    }
}
