package io.hongbao.client;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.hongbao.v1.ExpirePacketRequest;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenServiceGrpc;
import org.jspecify.annotations.Nullable;

/**
 * Names the packet of every call to OpenService, taken from the request itself, so that the load balancer, or a gateway
 * that reads {@link #HEADER}, brings the call to the pod that owns the packet. Callers cannot forget it and cannot name
 * another packet than they ask for. Works with every kind of stub; has a public constructor and is not final, so that
 * an injection framework can make it a bean.
 */
public class PacketIdAffinity extends RequestFirst {
    /** The packet a call is about. Set by this interceptor; a call that brings it along keeps it. */
    public static final CallOptions.Key<@Nullable Long> PACKET_ID = CallOptions.Key.create("hongbao-packet-id");

    /** The same for those who see only headers: 19 decimal digits. */
    public static final Metadata.Key<String> HEADER =
            Metadata.Key.of("x-hongbao-packet-id", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    protected boolean concerns(MethodDescriptor<?, ?> method, CallOptions options) {
        return OpenServiceGrpc.SERVICE_NAME.equals(method.getServiceName()) && options.getOption(PACKET_ID) == null;
    }

    @Override
    protected CallOptions before(Object request, CallOptions options, Metadata headers) {
        return switch (request) {
            case OpenRequest open -> named(open.getPacketId(), options, headers);
            case ExpirePacketRequest expire -> named(expire.getPacketId(), options, headers);
            default -> options;
        };
    }

    private static CallOptions named(long packetId, CallOptions options, Metadata headers) {
        headers.discardAll(HEADER);
        headers.put(HEADER, Long.toString(packetId));
        return options.withOption(PACKET_ID, packetId);
    }
}
