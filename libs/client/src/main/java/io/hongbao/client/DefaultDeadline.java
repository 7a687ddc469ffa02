package io.hongbao.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.time.Duration;

/** Gives a deadline to every call that has none, counted from the call, so that none hangs for ever. */
record DefaultDeadline(Duration length) implements ClientInterceptor {
    @Override
    public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
            MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
        return next.newCall(method, options.getDeadline() == null ? options.withDeadlineAfter(length) : options);
    }
}
