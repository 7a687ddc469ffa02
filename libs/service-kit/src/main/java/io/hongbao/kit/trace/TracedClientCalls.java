package io.hongbao.kit.trace;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.hongbao.core.id.PacketId;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A span for each call of one service to another, which takes its context along. */
@ApplicationScoped
@GlobalInterceptor
public class TracedClientCalls implements ClientInterceptor {
    private final Traces traces;

    TracedClientCalls(Traces traces) {
        this.traces = traces;
    }

    @Override
    public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
            MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
        ClientCall<ReqT, RespT> call = next.newCall(method, options);
        return traces.on() && RpcSpans.isTraced(method) ? new TracedCall<>(call, method) : call;
    }

    /** Headers go out before the message, which names the packet: so the start waits for the first message. */
    private final class TracedCall<ReqT, RespT> extends SimpleForwardingClientCall<ReqT, RespT> {
        private final MethodDescriptor<ReqT, RespT> method;
        private final long begunNanos = System.nanoTime();
        private ClientCall.@Nullable Listener<RespT> listener;
        private @Nullable Metadata headers;
        private int requested;

        TracedCall(ClientCall<ReqT, RespT> call, MethodDescriptor<ReqT, RespT> method) {
            super(call);
            this.method = method;
        }

        @Override
        public void start(Listener<RespT> responseListener, Metadata callHeaders) {
            listener = responseListener;
            headers = callHeaders;
        }

        @Override
        public void request(int count) {
            if (listener == null) {
                super.request(count);
            } else {
                requested += count;
            }
        }

        @Override
        public boolean isReady() {
            return listener == null && super.isReady();
        }

        @Override
        public void sendMessage(ReqT message) {
            begin(TracedMessage.packetOf(message));
            super.sendMessage(message);
        }

        @Override
        public void halfClose() {
            begin(Optional.empty());
            super.halfClose();
        }

        @Override
        public void cancel(@Nullable String reason, @Nullable Throwable cause) {
            begin(Optional.empty());
            super.cancel(reason, cause);
        }

        private void begin(Optional<PacketId> packet) {
            Listener<RespT> waiting = listener;
            Metadata own = headers;
            if (waiting == null || own == null) {
                return;
            }
            listener = null;
            Span span = traces.start(
                    method.getFullMethodName(),
                    SpanKind.CLIENT,
                    packet.map(traces::of).orElseGet(SpanContext::getInvalid),
                    packet,
                    begunNanos);
            TraceParent.write(span.getSpanContext(), own);
            delegate()
                    .start(
                            new SimpleForwardingClientCallListener<>(waiting) {
                                @Override
                                public void onClose(Status status, Metadata trailers) {
                                    RpcSpans.end(span, method, status, trailers);
                                    super.onClose(status, trailers);
                                }
                            },
                            own);
            if (requested > 0) {
                super.request(requested);
            }
        }
    }
}
