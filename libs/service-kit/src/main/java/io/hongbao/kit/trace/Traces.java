package io.hongbao.kit.trace;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.id.PacketTraceId;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.quarkus.arc.Unremovable;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Writes spans into the traces of packets ({@link PacketTraceId}). All of a packet's spans hang below one context that
 * everybody can compute, so nothing has to be carried from the call to the batch that commits it, nor through the outbox.
 * A call that came with a trace of its caller's stays in that one, with a link to the packet's.
 *
 * <p>A span holds order numbers, names of SETs, counts and codes; never who, which group, how much, or what was said.
 */
@Singleton
@Unremovable
public class Traces {
    static final AttributeKey<String> PACKET_ID = AttributeKey.stringKey("hongbao.packet.id");
    private static final AttributeKey<String> SET = AttributeKey.stringKey("hongbao.set");
    private static final AttributeKey<Long> BATCH_SIZE = AttributeKey.longKey("hongbao.batch.packets");
    private static final AttributeKey<String> DATABASE = AttributeKey.stringKey("db.system.name");
    private static final AttributeKey<String> MESSAGING = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> TOPIC = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

    /** The span that all of a packet's hang below. Nobody sends it: it stands for the packet itself. */
    private static final String ROOT_SPAN_ID = "0000000000000001";

    /** Who looks for a packet does not want to wait; a collector takes a request a second from each pod. */
    private static final Duration SEND_EVERY = Duration.ofSeconds(1);

    private final double ratio;
    private final Optional<SdkTracerProvider> provider;
    private final Tracer tracer;

    @Inject
    Traces(
            TraceConfig config,
            @ConfigProperty(name = "quarkus.application.name") String service,
            MeterRegistry registry) {
        this(config.enabled() ? Optional.of(provider(config, service, registry)) : Optional.empty(), config.ratio());
    }

    /** @param provider empty to write nothing */
    Traces(Optional<SdkTracerProvider> provider, double ratio) {
        this.provider = provider;
        this.ratio = ratio;
        this.tracer = provider.map(made -> made.get("io.hongbao"))
                .orElseGet(() -> TracerProvider.noop().get("io.hongbao"));
    }

    /** Traces nothing: for whoever makes a service's parts by hand. */
    public static Traces off() {
        return new Traces(Optional.empty(), 0);
    }

    private static SdkTracerProvider provider(TraceConfig config, String service, MeterRegistry registry) {
        SpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(config.endpoint().toString())
                .build();
        return SdkTracerProvider.builder()
                .setResource(Resource.builder().put("service.name", service).build())
                .setSampler(sampler(config.ratio()))
                .addSpanProcessor(BatchSpanProcessor.builder(new CountedExporter(exporter, registry))
                        .setMaxQueueSize(config.queueMax())
                        .setScheduleDelay(SEND_EVERY)
                        .build())
                .build();
    }

    /** By the trace's id if it begins here; else as it was begun. */
    static Sampler sampler(double ratio) {
        return Sampler.parentBased(Sampler.traceIdRatioBased(ratio));
    }

    @PreDestroy
    void close() {
        provider.ifPresent(SdkTracerProvider::close);
    }

    public boolean on() {
        return provider.isPresent();
    }

    /** The context below which the spans of a packet are; sampled or not, for all services alike. */
    SpanContext of(PacketId packet) {
        var id = new PacketTraceId(packet);
        return SpanContext.createFromRemoteParent(
                id.toString(),
                ROOT_SPAN_ID,
                isTraced(id) ? TraceFlags.getSampled() : TraceFlags.getDefault(),
                TraceState.getDefault());
    }

    /** The rule of {@link Sampler#traceIdRatioBased}, so that both choose the same packets. */
    private boolean isTraced(PacketTraceId id) {
        return ratio >= 1 || ratio > 0 && Math.abs(id.low()) < (long) (ratio * Long.MAX_VALUE);
    }

    /** A span below {@code parent}, with a link to the packet if that is elsewhere. */
    Span start(String name, SpanKind kind, SpanContext parent, Optional<PacketId> packet, long begunNanos) {
        SpanBuilder span = tracer.spanBuilder(name)
                .setParent(Context.root().with(Span.wrap(parent)))
                .setSpanKind(kind)
                .setStartTimestamp(epochNanos(begunNanos), TimeUnit.NANOSECONDS);
        packet.ifPresent(id -> {
            span.setAttribute(PACKET_ID, id.toString());
            SpanContext own = of(id);
            if (!own.getTraceId().equals(parent.getTraceId())) {
                span.addLink(own);
            }
        });
        return span.startSpan();
    }

    /**
     * Tells that a step ended now which took many packets along: one span for each that is traced.
     *
     * @param where the SET it was done in; empty where there are none
     * @param packets not asked for while traces are off; numbers that are none are left out
     * @param begunNanos by {@link System#nanoTime()}
     * @param failure what it ended with, or null
     */
    public void done(
            Step step, String where, Supplier<LongStream> packets, long begunNanos, @Nullable Throwable failure) {
        if (!on()) {
            return;
        }
        long[] ids = packets.get().distinct().filter(PacketId::isWellFormed).toArray();
        for (long value : ids) {
            var packet = new PacketId(value);
            SpanContext parent = of(packet);
            if (!parent.isSampled()) {
                continue;
            }
            Span span = start(step.spanName, step.kind, parent, Optional.of(packet), begunNanos);
            span.setAttribute(BATCH_SIZE, (long) ids.length);
            if (!where.isEmpty()) {
                span.setAttribute(SET, where);
            }
            if (step.isKafka()) {
                span.setAttribute(MESSAGING, "kafka").setAttribute(TOPIC, step.topic());
            } else {
                span.setAttribute(DATABASE, "postgresql");
            }
            if (failure != null) {
                // Its class only: messages of a database may quote what was written.
                span.setAttribute(ERROR_TYPE, failure.getClass().getName()).setStatus(StatusCode.ERROR);
            }
            span.end();
        }
    }

    /** The wall clock of a moment of {@link System#nanoTime()}. */
    private static long epochNanos(long nanoTime) {
        return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - (System.nanoTime() - nanoTime);
    }
}
