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
import io.hongbao.v1.SendServiceGrpc;

/** Tells the circuit of a region how its new orders fare, whatever stub they were sent with. Holds none up. */
public final class OrderWatch implements ClientInterceptor {
    private final OrderCircuit circuit;

    public OrderWatch(OrderCircuit circuit) {
        this.circuit = circuit;
    }

    @Override
    public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
            MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
        ClientCall<ReqT, RespT> call = next.newCall(method, options);
        boolean isOrder = method.getFullMethodName()
                .equals(SendServiceGrpc.getCreatePacketMethod().getFullMethodName());
        return isOrder ? new Watched<>(call) : call;
    }

    private final class Watched<ReqT, RespT> extends SimpleForwardingClientCall<ReqT, RespT> {
        Watched(ClientCall<ReqT, RespT> call) {
            super(call);
        }

        @Override
        public void start(Listener<RespT> listener, Metadata headers) {
            super.start(
                    new SimpleForwardingClientCallListener<>(listener) {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            heard(status);
                            super.onClose(status, trailers);
                        }
                    },
                    headers);
        }
    }

    private void heard(Status status) {
        switch (status.getCode()) {
            // No SET, no wallet, no new orders for now, or nobody there at all.
            case UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL -> circuit.failed();
            case CANCELLED -> {
                // By the caller. An order that was to try is lost, and another one tries when its time is over.
            }
            default -> circuit.taken();
        }
    }
}
