package io.hongbao.kit.access;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_OVERLOADED;

import io.grpc.Attributes;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.hongbao.kit.Refusal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.spi.Prioritized;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the calls in flight of a connection whatever its client does. HTTP/2 binds a client to the limit of streams once it
 * has acknowledged it, and Netty keeps to that: one that never acknowledges may open as many as it likes. Its calls are
 * refused here from twice the limit on. Not from the limit itself: a call ends for HTTP/2 a moment before it has ended here,
 * and a client that keeps to the rules must not notice.
 */
@ApplicationScoped
@GlobalInterceptor
public class ConnectionCalls implements ServerInterceptor, Prioritized {
    private static final Attributes.Key<AtomicInteger> IN_FLIGHT = Attributes.Key.create("hongbao-calls-in-flight");

    private final int countMax;
    private final Counter refusedCount;

    ConnectionCalls(ServerLimits limits, MeterRegistry registry) {
        this.countMax = 2 * limits.concurrentCallsMax();
        this.refusedCount = registry.counter("hongbao.server.calls.refused");
    }

    /** Gives each connection its count. */
    static final class Counts extends ServerTransportFilter {
        @Override
        public Attributes transportReady(Attributes attributes) {
            return attributes.toBuilder().set(IN_FLIGHT, new AtomicInteger()).build();
        }
    }

    /** After the check of who calls, and before all that costs something. */
    @Override
    public int getPriority() {
        return Integer.MAX_VALUE - 1;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        AtomicInteger inFlight = call.getAttributes().get(IN_FLIGHT);
        if (inFlight == null) {
            // In-process, in a test: there is no connection.
            return next.startCall(call, headers);
        }
        if (inFlight.incrementAndGet() > countMax) {
            inFlight.decrementAndGet();
            refusedCount.increment();
            Refusal.of(ERROR_REASON_OVERLOADED, "too many calls are in flight on this connection")
                    .close(call);
            return new ServerCall.Listener<>() {};
        }
        try {
            return new Counted<>(next.startCall(call, headers), inFlight);
        } catch (RuntimeException failure) {
            inFlight.decrementAndGet();
            throw failure;
        }
    }

    /** Every call ends by one of these two. */
    private static final class Counted<Q> extends SimpleForwardingServerCallListener<Q> {
        private final AtomicInteger inFlight;

        Counted(ServerCall.Listener<Q> listener, AtomicInteger inFlight) {
            super(listener);
            this.inFlight = inFlight;
        }

        @Override
        public void onCancel() {
            inFlight.decrementAndGet();
            super.onCancel();
        }

        @Override
        public void onComplete() {
            inFlight.decrementAndGet();
            super.onComplete();
        }
    }
}
