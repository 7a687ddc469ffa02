package io.hongbao.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.hongbao.cli.stack.HealthProbe;
import io.hongbao.cli.stack.HealthProbe.Health;
import io.hongbao.cli.stack.Service;
import io.hongbao.fuzz.RawHttp2;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers that break the rules of the wire hurt nobody but themselves. */
@OnRunningStack
class BadProtocolTest {
    private final World world;

    BadProtocolTest(World world) {
        this.world = world;
    }

    @AfterEach
    void everyServiceShouldStillServeOthers() {
        for (Service service : Service.values()) {
            try (var probe = new HealthProbe(world.stack().addresses().of(service))) {
                await(service.module()).atMost(Duration.ofSeconds(10)).until(() -> probe.ask() == Health.SERVING);
            }
        }
    }

    @Test
    void shouldRefuseAMessageOf5MegabytesUnread() {
        CreatePacketRequest huge =
                world.lucky("sender", 100, 1).setGreeting("g".repeat(5 << 20)).build();

        var failure = assertThrows(
                StatusRuntimeException.class, () -> world.clients().send().createPacket(huge));

        // A server that stops reading may close the stream before its word arrives.
        Set<Code> expected = EnumSet.of(Code.RESOURCE_EXHAUSTED, Code.CANCELLED, Code.UNAVAILABLE);
        assertTrue(expected.contains(failure.getStatus().getCode()), failure.toString());
    }

    @Test
    void shouldRefuse100KilobytesOfMetadata() {
        var headers = new Metadata();
        headers.put(Metadata.Key.of("x-big", Metadata.ASCII_STRING_MARSHALLER), "m".repeat(100 << 10));

        assertThrows(
                StatusRuntimeException.class,
                () -> world.clients()
                        .send()
                        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                        .createPacket(world.lucky("sender", 100, 1).build()));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1_000_000, 0, 1_000})
    void shouldDoAnOrderOnceWhoseFirstCallHadNoTime(long deadlineMicros) {
        // given
        CreatePacketRequest request = world.lucky(world.sender(100), 100, 1).build();
        try {
            world.clients()
                    .send()
                    .withDeadlineAfter(deadlineMicros, TimeUnit.MICROSECONDS)
                    .createPacket(request);
        } catch (StatusRuntimeException noTime) {
            assertEquals(Code.DEADLINE_EXCEEDED, noTime.getStatus().getCode());
        }

        // when it is sent again with time enough
        CreatePacketResponse wrapped = world.clients().send().createPacket(request);

        // then there is one order, one that can be paid
        world.pay(wrapped, request);
        assertEquals(
                1,
                world.rows().orders().packets().stream()
                        .filter(packet -> packet.senderId().equals(request.getSenderId()) && packet.paid())
                        .count());
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void shouldSurviveAMessageThatIsCutOff(Service service) throws IOException {
        try (var socket = connect(service)) {
            var out = socket.getOutputStream();
            openStream(out, 1, service);
            // A message of 100 bytes is announced, three follow, and the caller is gone.
            RawHttp2.write(out, RawHttp2.DATA, RawHttp2.NO_FLAGS, 1, new byte[] {0, 0, 0, 0, 100, 8, 1, 2});
            out.flush();
        }
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void shouldSurviveFrameGarbage(Service service) throws IOException {
        try (var socket = connect(service)) {
            RawHttp2.flood(
                    socket,
                    out -> out.write("GET / HTTP/1.0\r\n\r\n".repeat(100).getBytes(StandardCharsets.US_ASCII)));
        }
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void shouldSurviveAFloodOfResets(Service service) throws IOException {
        try (var socket = connect(service)) {
            RawHttp2.flood(socket, out -> {
                for (int stream = 1; stream < 20_000; stream += 2) {
                    openStream(out, stream, service);
                    RawHttp2.cancel(out, stream);
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void shouldSurviveAFloodOfPings(Service service) throws IOException {
        try (var socket = connect(service)) {
            RawHttp2.flood(socket, out -> {
                for (int i = 0; i < 20_000; i++) {
                    RawHttp2.write(out, RawHttp2.PING, RawHttp2.NO_FLAGS, RawHttp2.NO_STREAM, new byte[8]);
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void shouldSurviveAFloodOfStreams(Service service) throws IOException {
        try (var socket = connect(service)) {
            RawHttp2.flood(socket, out -> {
                for (int stream = 1; stream < 20_000; stream += 2) {
                    openStream(out, stream, service);
                }
            });
        }
    }

    private Socket connect(Service service) throws IOException {
        String[] address = world.stack().addresses().of(service).split(":");
        var socket = new Socket(address[0], Integer.parseInt(address[1]));
        RawHttp2.begin(socket.getOutputStream());
        return socket;
    }

    private static void openStream(OutputStream out, int stream, Service service) throws IOException {
        RawHttp2.call(out, stream, "/" + service.grpcService() + "/Any");
    }
}
