package io.hongbao.kit;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.netty.channel.EventLoop;
import io.netty.util.internal.ThreadExecutorMap;
import io.quarkus.grpc.api.ServerBuilderCustomizer;
import io.quarkus.grpc.runtime.config.GrpcServerConfiguration;
import io.vertx.grpc.VertxServerBuilder;
import jakarta.enterprise.inject.spi.Prioritized;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Brings calls of some methods from their connection to their service without what the framework puts around every call: a
 * CDI request scope, a duplicated context, and a task on the event loop for each event of the call. Such a method uses none
 * of them and blocks nowhere. Only the framework's own interceptors are left out: those that check callers, trace calls,
 * or are added one day stay in front. All other calls take the usual way.
 */
public abstract class ShortPath implements ServerBuilderCustomizer<VertxServerBuilder> {
    /** Package of the interceptors that are left out. */
    private static final String FRAMEWORK = "io.quarkus.";

    private final Map<String, ServerCallHandler<?, ?>> handlers;

    /** @param methods of the service */
    protected ShortPath(
            BindableService service, Iterable<ServerInterceptor> interceptors, MethodDescriptor<?, ?>... methods) {
        List<ServerInterceptor> kept = StreamSupport.stream(interceptors.spliterator(), false)
                .filter(interceptor -> !interceptor.getClass().getName().startsWith(FRAMEWORK))
                .sorted(Comparator.<ServerInterceptor>comparingInt(ShortPath::priority)
                        .reversed())
                .toList();
        ServerServiceDefinition guarded = ServerInterceptors.interceptForward(service, kept);
        var found = new HashMap<String, ServerCallHandler<?, ?>>();
        for (MethodDescriptor<?, ?> method : methods) {
            String name = method.getFullMethodName();
            found.put(name, guarded.getMethod(name).getServerCallHandler());
        }
        this.handlers = Map.copyOf(found);
    }

    /** The event loop that the running call came in on, where its answer is written without another hop. */
    public static @Nullable EventLoop eventLoop() {
        return ThreadExecutorMap.currentExecutor() instanceof EventLoop loop ? loop : null;
    }

    /** The higher, the earlier. */
    private static int priority(ServerInterceptor interceptor) {
        return interceptor instanceof Prioritized prioritized ? prioritized.getPriority() : 0;
    }

    @Override
    public void customize(GrpcServerConfiguration config, VertxServerBuilder builder) {
        builder.nettyBuilder().intercept(new Shortcut()).callExecutor(new HereIfShort());
    }

    private final class Shortcut implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            // The handler of this very method.
            @SuppressWarnings("unchecked")
            var handler = (ServerCallHandler<Q, A>)
                    handlers.get(call.getMethodDescriptor().getFullMethodName());
            return handler == null ? next.startCall(call, headers) : handler.startCall(call, headers);
        }
    }

    /** The events of such a call are handled where they come in, on the event loop of their connection. */
    private final class HereIfShort implements ServerCallExecutorSupplier {
        @Override
        public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
            return handlers.containsKey(call.getMethodDescriptor().getFullMethodName()) ? Runnable::run : null;
        }
    }
}
