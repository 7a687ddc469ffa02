package io.hongbao.e2e;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;

/** An OpenTelemetry collector that keeps what it gets: OTLP over HTTP, read field by field. */
final class SpanCollector implements AutoCloseable {
    /** @param parentId empty for the first of a trace; @param attributes numbers as text */
    record Span(
            String service,
            String traceId,
            String spanId,
            String parentId,
            String name,
            Map<String, String> attributes) {}

    private final Map<String, List<Span>> byTrace = new ConcurrentHashMap<>();
    private final HttpServer server;

    SpanCollector() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/v1/traces", this::receive);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces";
    }

    List<Span> ofTrace(String traceId) {
        return List.copyOf(byTrace.getOrDefault(traceId, List.of()));
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange;
                var body = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))
                        ? new GZIPInputStream(exchange.getRequestBody())
                        : exchange.getRequestBody()) {
            for (UnknownFieldSet resourceSpans : messages(UnknownFieldSet.parseFrom(body), 1)) {
                String service = messages(resourceSpans, 1).stream()
                        .map(resource -> attributes(resource, 1).getOrDefault("service.name", ""))
                        .findFirst()
                        .orElse("");
                for (UnknownFieldSet scopeSpans : messages(resourceSpans, 2)) {
                    messages(scopeSpans, 2).forEach(span -> keep(service, span));
                }
            }
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private void keep(String service, UnknownFieldSet span) {
        var read = new Span(
                service,
                hex(bytes(span, 1)),
                hex(bytes(span, 2)),
                hex(bytes(span, 4)),
                bytes(span, 5).toStringUtf8(),
                attributes(span, 9));
        byTrace.computeIfAbsent(read.traceId(), id -> new CopyOnWriteArrayList<>())
                .add(read);
    }

    private static Map<String, String> attributes(UnknownFieldSet message, int field) {
        var attributes = new LinkedHashMap<String, String>();
        for (UnknownFieldSet pair : messages(message, field)) {
            UnknownFieldSet value = messages(pair, 2).getFirst();
            attributes.put(
                    bytes(pair, 1).toStringUtf8(),
                    value.hasField(1)
                            ? bytes(value, 1).toStringUtf8()
                            : value.getField(3).getVarintList().toString());
        }
        return attributes;
    }

    private static List<UnknownFieldSet> messages(UnknownFieldSet message, int field) {
        return message.getField(field).getLengthDelimitedList().stream()
                .map(bytes -> {
                    try {
                        return UnknownFieldSet.parseFrom(bytes);
                    } catch (InvalidProtocolBufferException noMessage) {
                        throw new IllegalStateException(noMessage);
                    }
                })
                .toList();
    }

    private static ByteString bytes(UnknownFieldSet message, int field) {
        return message.getField(field).getLengthDelimitedList().stream()
                .findFirst()
                .orElse(ByteString.EMPTY);
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
