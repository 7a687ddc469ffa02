package io.hongbao.kit.assertion;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_ASSERTION_EXPIRED;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_ASSERTION_INVALID;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_ASSERTION_MISSING;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_ASSERTION_OF_ANOTHER;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.hongbao.control.Audit;
import io.hongbao.control.AuditEntry;
import io.hongbao.core.assertion.Asker;
import io.hongbao.core.assertion.AssertionSigner;
import io.hongbao.core.assertion.AssertionVerifier;
import io.hongbao.core.assertion.AssertionVerifier.Doubtful;
import io.hongbao.core.assertion.AssertionVerifier.Genuine;
import io.hongbao.kit.Refusal;
import io.hongbao.kit.access.CallerFilter;
import io.hongbao.kit.access.RefusedCalls;
import io.hongbao.tls.Party;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GlobalInterceptor;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.Prioritized;
import jakarta.inject.Inject;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Where assertions are required, lets a call through only if an access layer vouches for the user that it names.
 *
 * <pre>
 * headers ─▶ genuine? in time? ─▶ request ─▶ the same user and group? ─▶ service
 * </pre>
 */
@ApplicationScoped
@GlobalInterceptor
public class AssertionCheck implements ServerInterceptor, Prioritized {
    static final Metadata.Key<byte[]> HEADER = Metadata.Key.of(AssertionSigner.HEADER, Metadata.BINARY_BYTE_MARSHALLER);

    private static final Logger LOG = Logger.getLogger(AssertionCheck.class);

    private final Optional<AssertionVerifier> verifier;
    private final InstantSource clock;
    private final MeterRegistry registry;
    private final RefusedCalls refused;

    @Inject
    AssertionCheck(AssertionConfig config, MeterRegistry registry, Audit audit) {
        this(verifier(config), InstantSource.system(), registry, audit::record);
    }

    /** @param verifier empty if assertions are not required */
    AssertionCheck(
            Optional<AssertionVerifier> verifier,
            InstantSource clock,
            MeterRegistry registry,
            Consumer<AuditEntry> audit) {
        this.verifier = verifier;
        this.clock = clock;
        this.registry = registry;
        this.refused = new RefusedCalls(audit);
    }

    static Optional<AssertionVerifier> verifier(AssertionConfig config) {
        if (!config.required()) {
            return Optional.empty();
        }
        var secrets = new HashMap<Integer, byte[]>();
        config.keys().forEach((id, hex) -> {
            try {
                secrets.put(id, HexFormat.of().parseHex(hex.strip()));
            } catch (IllegalArgumentException notHex) {
                // Without the cause: its message would tell of the secret.
                throw new IllegalStateException("hongbao.assertion.keys: key " + id + " is not hexadecimal");
            }
        });
        if (secrets.isEmpty()) {
            throw new IllegalStateException(
                    "hongbao.assertion.required is true, and hongbao.assertion.keys names no key");
        }
        return Optional.of(new AssertionVerifier(secrets, config.lifeMax()));
    }

    /** A setting that cannot work ends the start, not the first call. */
    void begin(@Observes StartupEvent started, AssertionConfig config) {
        if (verifier.isPresent()) {
            LOG.infof(
                    "User assertions are required keys=%s lifeMax=%s",
                    config.keys().keySet(), config.lifeMax());
        }
    }

    /** After AccessControl, which costs less; before everything else. */
    @Override
    public int getPriority() {
        return Integer.MAX_VALUE - 1;
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        if (verifier.isEmpty()) {
            return next.startCall(call, headers);
        }
        return switch (AskerTable.of(call.getMethodDescriptor().getFullMethodName())) {
            case AskerTable.ForNobody nobody -> next.startCall(call, headers);
            case AskerTable.ForAnybody anybody -> {
                if (isOperator(call)) {
                    yield next.startCall(call, headers);
                }
                try {
                    asserted(verifier.get(), headers);
                    yield next.startCall(call, headers);
                } catch (Refusal refusal) {
                    refuse(call, refusal);
                    yield new ServerCall.Listener<>() {};
                }
            }
            case AskerTable.ForOne<?> one -> start(call, headers, next, verifier.get(), one);
        };
    }

    private <ReqT, RespT> ServerCall.Listener<ReqT> start(
            ServerCall<ReqT, RespT> call,
            Metadata headers,
            ServerCallHandler<ReqT, RespT> next,
            AssertionVerifier verifier,
            AskerTable.ForOne<?> one) {
        Optional<Asker> asserted;
        try {
            asserted = isOperator(call) && !headers.containsKey(HEADER)
                    ? Optional.empty()
                    : Optional.of(asserted(verifier, headers));
        } catch (Refusal refusal) {
            refuse(call, refusal);
            return new ServerCall.Listener<>() {};
        }
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            private boolean closed;

            @Override
            public void onMessage(ReqT request) {
                try {
                    compare(asserted, named(one, request));
                    super.onMessage(request);
                } catch (Refusal refusal) {
                    closed = true;
                    refuse(call, refusal);
                }
            }

            /** The service would complain of a call without a request. */
            @Override
            public void onHalfClose() {
                if (!closed) {
                    super.onHalfClose();
                }
            }
        };
    }

    /** The table has each method's line under that method's name. */
    @SuppressWarnings("unchecked")
    private static <ReqT> Asker named(AskerTable.ForOne<?> one, ReqT request) {
        return ((AskerTable.ForOne<ReqT>) one).named().apply(request);
    }

    private Asker asserted(AssertionVerifier verifier, Metadata headers) {
        byte[] assertion = headers.get(HEADER);
        if (assertion == null) {
            throw missing();
        }
        return switch (verifier.verify(assertion, clock.millis())) {
            case Genuine genuine -> genuine.asker();
            case Doubtful doubtful ->
                throw switch (doubtful) {
                    case FORGED ->
                        Refusal.of(
                                ERROR_REASON_ASSERTION_INVALID,
                                "the user assertion is damaged, forged, or signed by a key that is not known here");
                    case LIVES_TOO_LONG ->
                        Refusal.of(ERROR_REASON_ASSERTION_INVALID, "the user assertion would live for too long");
                    case EXPIRED ->
                        Refusal.of(ERROR_REASON_ASSERTION_EXPIRED, "the time of the user assertion is over");
                };
        };
    }

    /**
     * @param asserted empty: an operator, who may ask in nobody's name
     * @param named no user: the call is for anybody
     */
    private static void compare(Optional<Asker> asserted, Asker named) {
        if (named.userId().isEmpty()) {
            return;
        }
        Asker asker = asserted.orElseThrow(AssertionCheck::missing);
        if (!asker.userId().equals(named.userId())) {
            throw ofAnother("user_id");
        }
        if (!named.groupId().isEmpty() && !asker.groupId().equals(named.groupId())) {
            throw ofAnother("group_id");
        }
    }

    private static Refusal missing() {
        return Refusal.of(ERROR_REASON_ASSERTION_MISSING, "the call acts for a user, and brings no user assertion");
    }

    private static Refusal ofAnother(String field) {
        return Refusal.of(
                        ERROR_REASON_ASSERTION_OF_ANOTHER,
                        "the user assertion is of another user or group than the request names")
                .with("field", field);
    }

    /** A person with a certificate, who asks about packets in nobody's name. */
    private static boolean isOperator(ServerCall<?, ?> call) {
        return call.getAttributes().get(CallerFilter.CALLER) == Party.OPERATOR;
    }

    private void refuse(ServerCall<?, ?> call, Refusal refusal) {
        Party caller = call.getAttributes().get(CallerFilter.CALLER);
        String name = caller == null ? "unknown" : caller.label();
        String reason = Refusal.nameOf(refusal.reason());
        String method = call.getMethodDescriptor().getFullMethodName();
        registry.counter("hongbao.assertion.refused", "reason", reason, "method", method)
                .increment();
        refused.tell(name, method, Map.of("reason", reason));
        refusal.close(call);
    }
}
