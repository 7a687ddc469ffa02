package io.hongbao.kit.access;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_CALLER_UNKNOWN;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_CALL_NOT_ALLOWED;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.hongbao.control.Audit;
import io.hongbao.control.AuditEntry;
import io.hongbao.kit.Refusal;
import io.hongbao.tls.Party;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.spi.Prioritized;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** While TLS is on, lets through what {@link AccessTable} allows, and nothing else. Refused calls are counted; some are audited. */
@ApplicationScoped
@GlobalInterceptor
public class AccessControl implements ServerInterceptor, Prioritized {
    private final boolean on;
    private final MeterRegistry registry;
    private final RefusedCalls refused;

    @Inject
    AccessControl(ServiceTls tls, MeterRegistry registry, Audit audit) {
        this(tls.mutual().isPresent(), registry, audit::record);
    }

    AccessControl(boolean on, MeterRegistry registry, Consumer<AuditEntry> audit) {
        this.on = on;
        this.registry = registry;
        this.refused = new RefusedCalls(audit);
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
        refuse(caller, method).close(call);
        return new ServerCall.Listener<>() {};
    }

    private Refusal refuse(@Nullable Party caller, String method) {
        String name = caller == null ? "unknown" : caller.label();
        registry.counter("hongbao.access.refused", "caller", name, "method", method)
                .increment();
        refused.tell(name, method, Map.of());
        return caller == null
                ? Refusal.of(
                        ERROR_REASON_CALLER_UNKNOWN, "the certificate of the caller names nobody who is known here")
                : Refusal.of(ERROR_REASON_CALL_NOT_ALLOWED, name + " may not call " + method);
    }
}
