package io.hongbao.open;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.hongbao.kit.access.AccessControl;
import io.hongbao.v1.OpenServiceGrpc;
import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.GrpcService;
import io.quarkus.grpc.api.ServerBuilderCustomizer;
import io.quarkus.grpc.runtime.config.GrpcServerConfiguration;
import io.vertx.grpc.VertxServerBuilder;
import jakarta.inject.Singleton;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Brings opens from their connection to {@link OpenGrpc} without what the framework puts around every call: a CDI request
 * scope, a duplicated context, and a task on the event loop for each event of the call. An open uses none of them, and
 * its answer is written on the event loop it came in on either way. {@link AccessControl} stays in front, and all other
 * calls take the usual way.
 */
@Singleton
@Unremovable
public class ShortPath implements ServerBuilderCustomizer<VertxServerBuilder> {
    private static final String OPEN = OpenServiceGrpc.getOpenMethod().getFullMethodName();

    private final ServerCallHandler<?, ?> opens;
    private final AccessControl access;

    ShortPath(@GrpcService OpenGrpc opens, AccessControl access) {
        this.opens = opens.bindService().getMethod(OPEN).getServerCallHandler();
        this.access = access;
    }

    @Override
    public void customize(GrpcServerConfiguration config, VertxServerBuilder builder) {
        builder.nettyBuilder().intercept(new Shortcut()).callExecutor(new HereIfOpen());
    }

    private static boolean isOpen(MethodDescriptor<?, ?> method) {
        return method.getFullMethodName().equals(OPEN);
    }

    private final class Shortcut implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            if (!isOpen(call.getMethodDescriptor())) {
                return next.startCall(call, headers);
            }
            @SuppressWarnings("unchecked") // The handler of this very method.
            var handler = (ServerCallHandler<Q, A>) opens;
            return access.interceptCall(call, headers, handler);
        }
    }

    /** The events of an open are handled where they come in, on the event loop of their connection. */
    private static final class HereIfOpen implements ServerCallExecutorSupplier {
        @Override
        public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
            return isOpen(call.getMethodDescriptor()) ? Runnable::run : null;
        }
    }
}
