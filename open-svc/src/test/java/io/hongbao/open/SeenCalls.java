package io.hongbao.open;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** An interceptor as any library may bring one: it must see every call. */
@ApplicationScoped
@GlobalInterceptor
public class SeenCalls implements ServerInterceptor {
    static final Set<String> METHODS = ConcurrentHashMap.newKeySet();

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        METHODS.add(call.getMethodDescriptor().getBareMethodName());
        return next.startCall(call, headers);
    }
}
