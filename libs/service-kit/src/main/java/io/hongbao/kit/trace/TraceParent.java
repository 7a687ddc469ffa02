package io.hongbao.kit.trace;

import io.grpc.Metadata;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The header {@code traceparent} of W3C Trace Context, version 00. What is malformed is as if it were not there. */
final class TraceParent {
    private static final Metadata.Key<String> HEADER = Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
    private static final Pattern FORM =
            Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2}).{0,64}");

    private TraceParent() {}

    static SpanContext read(Metadata headers) {
        String value = headers.get(HEADER);
        Matcher parts = FORM.matcher(value == null ? "" : value);
        if (!parts.matches() || value.startsWith("ff")) {
            return SpanContext.getInvalid();
        }
        SpanContext context = SpanContext.createFromRemoteParent(
                parts.group(1), parts.group(2), TraceFlags.fromHex(parts.group(3), 0), TraceState.getDefault());
        // One of zeros keeps its flags, and would look sampled.
        return context.isValid() ? context : SpanContext.getInvalid();
    }

    static void write(SpanContext context, Metadata headers) {
        headers.discardAll(HEADER);
        headers.put(
                HEADER,
                "00-" + context.getTraceId() + "-" + context.getSpanId() + "-"
                        + context.getTraceFlags().asHex());
    }
}
