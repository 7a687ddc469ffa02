package io.hongbao.kit.access;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_CALLER_UNKNOWN;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_CALL_NOT_ALLOWED;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.hongbao.control.Audit;
import io.hongbao.control.AuditEntry;
import io.hongbao.kit.Refusal;
import io.hongbao.tls.Party;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.spi.Prioritized;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** While TLS is on, lets through what {@link AccessTable} allows, and nothing else. Refused calls are counted; some are audited. */
@ApplicationScoped
@GlobalInterceptor
public class AccessControl implements ServerInterceptor, Prioritized {
    private static final Logger LOG = Logger.getLogger(AccessControl.class);

    /** Whoever tries doors must fill neither the log nor the chain: one in this time, and all of them in the counter. */
    private static final Duration TELL_EVERY = Duration.ofSeconds(1);

    private final boolean on;
    private final MeterRegistry registry;
    private final Consumer<AuditEntry> audit;
    private final AtomicLong nextTellNanos = new AtomicLong(System.nanoTime());

    @Inject
    AccessControl(ServiceTls tls, MeterRegistry registry, Audit audit) {
        this(tls.mutual().isPresent(), registry, audit::record);
    }

    AccessControl(boolean on, MeterRegistry registry, Consumer<AuditEntry> audit) {
        this.on = on;
        this.audit = audit;
        this.registry = registry;
    }

    /** Before everything else: who may not call costs nothing more. */
    @Override
    public int getPriority() {
        return Integer.MAX_VALUE;
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        if (!on) {
            return next.startCall(call, headers);
        }
        String method = call.getMethodDescriptor().getFullMethodName();
        Party caller = call.getAttributes().get(CallerFilter.CALLER);
        if (caller != null && AccessTable.allows(caller, method)) {
            return next.startCall(call, headers);
        }
        StatusRuntimeException refusal = refuse(caller, method).toStatusException();
        Metadata trailers = refusal.getTrailers();
        call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
        return new ServerCall.Listener<>() {};
    }

    private Refusal refuse(@Nullable Party caller, String method) {
        String name = caller == null ? "unknown" : caller.label();
        registry.counter("hongbao.access.refused", "caller", name, "method", method)
                .increment();
        long now = System.nanoTime();
        long next = nextTellNanos.get();
        if (now - next >= 0 && nextTellNanos.compareAndSet(next, now + TELL_EVERY.toNanos())) {
            LOG.warnf("Call refused caller=%s method=%s", name, method);
            audit.accept(AuditEntry.of(name, "call.refused", method, Map.of()));
        }
        return caller == null
                ? Refusal.of(
                        ERROR_REASON_CALLER_UNKNOWN, "the certificate of the caller names nobody who is known here")
                : Refusal.of(ERROR_REASON_CALL_NOT_ALLOWED, name + " may not call " + method);
    }
}
