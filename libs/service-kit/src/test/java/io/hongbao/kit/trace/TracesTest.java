package io.hongbao.kit.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.id.PacketTraceId;
import io.hongbao.kit.Refusal;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.ErrorReason;
import io.hongbao.v1.GetPaymentStatusRequest;
import io.hongbao.v1.GetPaymentStatusResponse;
import io.hongbao.v1.PublishPacketRequest;
import io.hongbao.v1.PublishPacketResponse;
import io.hongbao.v1.SendServiceGrpc;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TracesTest {
    private static final PacketId PACKET = PacketId.of(1, 2_520, 7, 42, 123);
    private static final PublishPacketRequest PUBLISH =
            PublishPacketRequest.newBuilder().setPacketId(PACKET.value()).build();
    private static final String PACKETS_TRACE = new PacketTraceId(PACKET).toString();
    private static final String CALLERS_TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final long END_MAX_NANOS = 10_000_000_000L;

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final Traces traces = traces(1);
    private Server server;
    private ManagedChannel channel;

    private Traces traces(double ratio) {
        return new Traces(
                Optional.of(SdkTracerProvider.builder()
                        .setSampler(Traces.sampler(ratio))
                        .addSpanProcessor(SimpleSpanProcessor.create(spans))
                        .build()),
                ratio);
    }

    @BeforeEach
    void start() throws IOException {
        server = NettyServerBuilder.forPort(0)
                .intercept(new TracedCalls(traces))
                .addService(new FakeSend())
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void shouldPutACallIntoTheTraceOfItsPacket() {
        stub().publishPacket(PUBLISH);

        SpanData span = finished(1).getFirst();
        assertEquals(PACKETS_TRACE, span.getTraceId());
        assertEquals("hongbao.v1.SendService/PublishPacket", span.getName());
        assertEquals(SpanKind.SERVER, span.getKind());
        assertEquals(PACKET.toString(), span.getAttributes().get(Traces.PACKET_ID));
    }

    /** The order number comes with the answer, when the call has long begun. */
    @Test
    void shouldKnowAPacketThatIsMadeAndNobodyElse() {
        stub().createPacket(CreatePacketRequest.newBuilder()
                .setSenderId("li-na")
                .setGroupId("friends")
                .setGreeting("恭喜发财")
                .build());

        SpanData span = finished(1).getFirst();
        assertEquals(PACKETS_TRACE, span.getTraceId());
        assertFalse(span.toString().matches("(?s).*(li-na|friends|恭喜发财).*"), span::toString);
    }

    @Test
    void shouldStayInTheCallersTraceAndLinkThePackets() {
        stub("00-" + CALLERS_TRACE + "-b7ad6b7169203331-01").publishPacket(PUBLISH);

        SpanData span = finished(1).getFirst();
        assertEquals(CALLERS_TRACE, span.getTraceId());
        assertEquals("b7ad6b7169203331", span.getParentSpanId());
        assertEquals(PACKETS_TRACE, span.getLinks().getFirst().getSpanContext().getTraceId());
    }

    @Test
    void shouldIgnoreACallerWhoDoesNotTraceOrTalksNonsense() {
        List<String> headers = List.of(
                "00-" + CALLERS_TRACE + "-b7ad6b7169203331-00",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "ff-" + CALLERS_TRACE + "-b7ad6b7169203331-01",
                "nonsense");

        headers.forEach(header -> stub(header).publishPacket(PUBLISH));

        finished(headers.size()).forEach(span -> assertEquals(PACKETS_TRACE, span.getTraceId()));
    }

    @Test
    void shouldTellTheReasonOfARefusalAndNotItsSentence() {
        assertThrows(
                StatusRuntimeException.class,
                () -> stub().getPaymentStatus(GetPaymentStatusRequest.newBuilder()
                        .setPacketId(PACKET.value())
                        .build()));

        SpanData span = finished(1).getFirst();
        assertEquals("PACKET_NOT_FOUND", span.getAttributes().get(AttributeKey.stringKey("hongbao.reason")));
        assertEquals(StatusCode.UNSET, span.getStatus().getStatusCode());
        assertFalse(span.toString().contains("li-na"), span::toString);
    }

    @Test
    void shouldTakeItsContextAlongToTheNextService() {
        stub().withInterceptors(new TracedClientCalls(traces)).publishPacket(PUBLISH);

        SpanData client = ofKind(SpanKind.CLIENT, finished(2));
        SpanData served = ofKind(SpanKind.SERVER, finished(2));
        assertEquals(PACKETS_TRACE, client.getTraceId());
        assertEquals(PACKETS_TRACE, served.getTraceId());
        assertEquals(client.getSpanId(), served.getParentSpanId());
    }

    @Test
    void shouldEndTheSpanOfACallThatIsCancelledBeforeItsMessage() {
        ClientCall<PublishPacketRequest, PublishPacketResponse> call = new TracedClientCalls(traces)
                .interceptCall(SendServiceGrpc.getPublishPacketMethod(), CallOptions.DEFAULT, channel);
        call.start(new ClientCall.Listener<>() {}, new Metadata());

        call.cancel("no longer wanted", null);

        assertEquals(SpanKind.CLIENT, finished(1).getFirst().getKind());
    }

    @Test
    void shouldWriteASpanForEachPacketOfABatch() {
        PacketId other = PacketId.of(2, 2_520, 7, 43, 5);

        traces.done(
                Step.OPENS_COMMIT,
                "set-a",
                () -> LongStream.of(PACKET.value(), other.value(), PACKET.value(), 7),
                System.nanoTime(),
                new IllegalStateException("duplicate key (li-na)"));

        List<SpanData> both = finished(2);
        assertEquals(
                List.of(PACKETS_TRACE, new PacketTraceId(other).toString()),
                both.stream().map(SpanData::getTraceId).toList());
        assertEquals(
                "java.lang.IllegalStateException",
                both.getFirst().getAttributes().get(AttributeKey.stringKey("error.type")));
        assertFalse(both.toString().contains("li-na"), both::toString);
    }

    @Test
    void shouldTraceAPacketEverywhereOrNowhere() {
        int packets = 400;

        for (Traces pod : List.of(traces(0.25), traces(0.25))) {
            for (int counter = 0; counter < packets; counter++) {
                long packet = PacketId.of(1, 2_520, 7, counter, 0).value();
                pod.done(Step.OPENS_COMMIT, "", () -> LongStream.of(packet), System.nanoTime(), null);
            }
        }

        List<String> traced =
                spans.getFinishedSpanItems().stream().map(SpanData::getTraceId).toList();
        int half = traced.size() / 2;
        assertEquals(traced.subList(0, half), traced.subList(half, traced.size()));
        assertTrue(half > packets / 8 && half < packets / 2, "a quarter of 400, not " + half);
    }

    @Test
    void shouldAskNobodyForNumbersWhileItIsOff() {
        Traces off = Traces.off();

        off.done(
                Step.OPENS_COMMIT,
                "",
                () -> {
                    throw new AssertionError("asked");
                },
                System.nanoTime(),
                null);

        assertFalse(off.on());
    }

    private SendServiceGrpc.SendServiceBlockingStub stub() {
        return SendServiceGrpc.newBlockingStub(channel);
    }

    private SendServiceGrpc.SendServiceBlockingStub stub(String traceparent) {
        var headers = new Metadata();
        headers.put(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), traceparent);
        return stub().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private static SpanData ofKind(SpanKind kind, List<SpanData> among) {
        return among.stream().filter(span -> span.getKind() == kind).findFirst().orElseThrow();
    }

    /** A client's span ends a moment after its caller has the answer. */
    private List<SpanData> finished(int count) {
        long end = System.nanoTime() + END_MAX_NANOS;
        while (spans.getFinishedSpanItems().size() < count && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertEquals(count, spans.getFinishedSpanItems().size());
        return spans.getFinishedSpanItems();
    }

    private static final class FakeSend extends SendServiceGrpc.SendServiceImplBase {
        @Override
        public void createPacket(CreatePacketRequest request, StreamObserver<CreatePacketResponse> answer) {
            answer.onNext(CreatePacketResponse.newBuilder()
                    .setPacketId(PACKET.value())
                    .build());
            answer.onCompleted();
        }

        @Override
        public void publishPacket(PublishPacketRequest request, StreamObserver<PublishPacketResponse> answer) {
            answer.onNext(PublishPacketResponse.getDefaultInstance());
            answer.onCompleted();
        }

        @Override
        public void getPaymentStatus(GetPaymentStatusRequest request, StreamObserver<GetPaymentStatusResponse> answer) {
            answer.onError(Refusal.of(ErrorReason.ERROR_REASON_PACKET_NOT_FOUND, "li-na has no such packet")
                    .toStatusException());
        }
    }
}
