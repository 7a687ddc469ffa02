package io.hongbao.kit.trace;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;

/** Counts what the collector took and what it did not. */
final class CountedExporter implements SpanExporter {
    private static final String SPANS = "hongbao.traces.spans";

    private final SpanExporter exporter;
    private final Counter sent;
    private final Counter failed;

    CountedExporter(SpanExporter exporter, MeterRegistry registry) {
        this.exporter = exporter;
        this.sent = registry.counter(SPANS, "outcome", "sent");
        this.failed = registry.counter(SPANS, "outcome", "failed");
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        int count = spans.size();
        CompletableResultCode result = exporter.export(spans);
        return result.whenComplete(() -> (result.isSuccess() ? sent : failed).increment(count));
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
