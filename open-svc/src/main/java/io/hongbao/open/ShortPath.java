package io.hongbao.open;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.hongbao.v1.OpenServiceGrpc;
import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.GrpcService;
import io.quarkus.grpc.api.ServerBuilderCustomizer;
import io.quarkus.grpc.runtime.config.GrpcServerConfiguration;
import io.vertx.grpc.VertxServerBuilder;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.spi.Prioritized;
import jakarta.inject.Singleton;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Brings opens from their connection to {@link OpenGrpc} without what the framework puts around every call: a CDI request
 * scope, a duplicated context, and a task on the event loop for each event of the call. An open uses none of them, and
 * its answer is written on the event loop it came in on either way. Only the framework's own interceptors are left out:
 * those that check callers, trace calls, or are added one day stay in front. All other calls take the usual way.
 */
@Singleton
@Unremovable
public class ShortPath implements ServerBuilderCustomizer<VertxServerBuilder> {
    /** Package of the interceptors that are left out. */
    private static final String FRAMEWORK = "io.quarkus.";

    private static final String OPEN = OpenServiceGrpc.getOpenMethod().getFullMethodName();

    private final ServerCallHandler<?, ?> opens;

    ShortPath(@GrpcService OpenGrpc opens, @Any Instance<ServerInterceptor> interceptors) {
        List<ServerInterceptor> kept = interceptors.stream()
                .filter(interceptor -> !interceptor.getClass().getName().startsWith(FRAMEWORK))
                .sorted(Comparator.<ServerInterceptor>comparingInt(ShortPath::priority)
                        .reversed())
                .toList();
        this.opens =
                ServerInterceptors.interceptForward(opens, kept).getMethod(OPEN).getServerCallHandler();
    }

    /** The higher, the earlier. */
    private static int priority(ServerInterceptor interceptor) {
        return interceptor instanceof Prioritized prioritized ? prioritized.getPriority() : 0;
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
            return handler.startCall(call, headers);
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
