package io.hongbao.client;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.hongbao.v1.ExpirePacketRequest;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenServiceGrpc;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Names the packet of every call to OpenService, taken from the request itself, so that the load balancer, or a gateway
 * that reads {@link #HEADER}, brings the call to the pod that owns the packet. Callers cannot forget it and cannot name
 * another packet than they ask for. Works with every kind of stub; has a public constructor and is not final, so that
 * an injection framework can make it a bean.
 */
public class PacketIdAffinity implements ClientInterceptor {
    /** The packet a call is about. Set by this interceptor; a call that brings it along keeps it. */
    public static final CallOptions.Key<@Nullable Long> PACKET_ID = CallOptions.Key.create("hongbao-packet-id");

    /** The same for those who see only headers: 19 decimal digits. */
    public static final Metadata.Key<String> HEADER =
            Metadata.Key.of("x-hongbao-packet-id", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
            MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
        boolean named = options.getOption(PACKET_ID) != null;
        boolean opens = OpenServiceGrpc.SERVICE_NAME.equals(method.getServiceName());
        return opens && !named && method.getType() == MethodType.UNARY
                ? new StartedByItsRequest<>(method, options, next)
                : next.newCall(method, options);
    }

    private static OptionalLong packetIdOf(@Nullable Object request) {
        return switch (request) {
            case OpenRequest open -> OptionalLong.of(open.getPacketId());
            case ExpirePacketRequest expire -> OptionalLong.of(expire.getPacketId());
            case null, default -> OptionalLong.empty();
        };
    }

    /**
     * A unary call that starts when its request is there. Grpc picks a server at the start of a call, before it has seen
     * the request; so the start, and what a stub does between start and request, is kept until then. Like every client
     * call it is used by one thread at a time, except for cancel.
     */
    private static final class StartedByItsRequest<ReqT, RespT> extends ClientCall<ReqT, RespT> {
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
            started(packetIdOf(request)).sendMessage(request);
        }

        @Override
        public void halfClose() {
            started(OptionalLong.empty()).halfClose();
        }

        /** Before the start this starts and cancels the call at once, so that the listener hears of it from grpc. */
        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {
            if (listener != null) {
                started(OptionalLong.empty()).cancel(message, cause);
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

        private synchronized ClientCall<ReqT, RespT> started(OptionalLong packetId) {
            if (call != null) {
                return call;
            }
            if (listener == null || headers == null) {
                throw new IllegalStateException("the call was not started");
            }
            CallOptions keyed = options;
            if (packetId.isPresent()) {
                keyed = options.withOption(PACKET_ID, packetId.getAsLong());
                headers.discardAll(HEADER);
                headers.put(HEADER, Long.toString(packetId.getAsLong()));
            }
            ClientCall<ReqT, RespT> made = next.newCall(method, keyed);
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
