package io.hongbao.kit.access;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.hongbao.certificates.TestAuthority;
import io.hongbao.fuzz.RawHttp2;
import io.hongbao.tls.Identities;
import io.hongbao.tls.MutualTls;
import io.hongbao.tls.TlsFiles;
import io.hongbao.v1.GetBalanceRequest;
import io.hongbao.v1.GetBalanceResponse;
import io.hongbao.v1.WalletServiceGrpc;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server under small limits, and a caller that keeps to no rule of the wire: what is too much ends, and others are served. */
class ServerLimitsTest {
    private static final String HELD = "held";

    /** Enough for a busy machine; what is tested takes a tenth of it. */
    private static final int HANG_UP_MAX_MILLIS = 20_000;

    private final AtomicInteger heldCount = new AtomicInteger();
    private final AtomicInteger callCount = new AtomicInteger();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Server server = serve(new Limits(), false, Path.of(""));

    private record Limits(
            int metadataBytesMax,
            int concurrentCallsMax,
            Duration handshakeTimeMax,
            Duration connectionIdleMax,
            Duration connectionAgeMax,
            Duration connectionAgeGrace,
            Duration pingIntervalMin,
            int resetsPerTenSecondsMax)
            implements ServerLimits {
        Limits() {
            this(
                    8_192,
                    10,
                    Duration.ofMillis(500),
                    Duration.ofMinutes(10),
                    Duration.ofMinutes(30),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(5),
                    50);
        }

        Limits idle(Duration idle) {
            return new Limits(
                    metadataBytesMax,
                    concurrentCallsMax,
                    handshakeTimeMax,
                    idle,
                    connectionAgeMax,
                    connectionAgeGrace,
                    pingIntervalMin,
                    resetsPerTenSecondsMax);
        }
    }

    private Server serve(Limits limits, boolean tls, Path folder) {
        NettyServerBuilder builder =
                NettyServerBuilder.forPort(0).addService(new Wallet()).intercept(new ConnectionCalls(limits, registry));
        ServerSetup.limit(builder, limits);
        try {
            if (tls) {
                var authority = new TestAuthority("ours");
                authority.issue("spiffe://hongbao/wallet-bridge").write(folder, authority);
                ServerSetup.secure(builder, MutualTls.load(TlsFiles.in(folder), Identities.ofTrustDomain("hongbao")));
            }
            return builder.build().start();
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    private void serveAgain(Limits limits, boolean tls, Path folder) {
        server.shutdownNow();
        server = serve(limits, tls, folder);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        server.shutdownNow();
    }

    @Test
    void shouldHangUpOnAConnectionThatSaysNothing() throws Exception {
        awaitHangUp(socket());
    }

    @Test
    void shouldHangUpOnATlsHandshakeThatDoesNotGoOn(@TempDir Path folder) throws Exception {
        serveAgain(new Limits(), true, folder);
        Socket socket = socket();

        // A record of a handshake, of which the rest never comes.
        socket.getOutputStream().write(new byte[] {0x16, 3, 1, 1, 0, 1, 0});

        awaitHangUp(socket);
    }

    @Test
    void shouldServeOthersDuringAFloodOfConnectionsAndEndThemAll() throws Exception {
        var flood = new ArrayList<Socket>();
        for (int i = 0; i < 300; i++) {
            flood.add(socket());
        }

        wallet().getBalance(GetBalanceRequest.getDefaultInstance());

        for (Socket socket : flood) {
            awaitHangUp(socket);
        }
    }

    @Test
    void shouldHangUpOnAConnectionWithoutCalls() throws Exception {
        serveAgain(new Limits().idle(Duration.ofMillis(300)), false, Path.of(""));

        assertTrue(framesUntilHangUp(http2()).stream().anyMatch(frame -> frame.type == RawHttp2.GOAWAY));
    }

    @Test
    void shouldHangUpOnPingsThatComeTooOften() throws Exception {
        Socket socket = http2();

        RawHttp2.flood(socket, out -> {
            for (int i = 0; i < 1_000; i++) {
                RawHttp2.write(out, RawHttp2.PING, RawHttp2.NO_FLAGS, RawHttp2.NO_STREAM, new byte[8]);
            }
        });

        assertTrue(framesUntilHangUp(socket).stream()
                .anyMatch(frame -> frame.errorOfGoAway() == RawHttp2.ENHANCE_YOUR_CALM));
    }

    @Test
    void shouldHangUpOnAFloodOfResets() throws Exception {
        Socket socket = http2();

        RawHttp2.flood(socket, out -> {
            for (int stream = 1; stream < 2_000; stream += 2) {
                call(out, stream);
                RawHttp2.cancel(out, stream);
            }
        });

        assertTrue(framesUntilHangUp(socket).stream()
                .anyMatch(frame -> frame.errorOfGoAway() == RawHttp2.ENHANCE_YOUR_CALM));
    }

    @Test
    void shouldHoldNoMoreCallsOfAConnectionThanItsLimit() throws Exception {
        Socket socket = http2();
        // A limit binds from here on, as HTTP/2 has it.
        RawHttp2.write(socket.getOutputStream(), RawHttp2.SETTINGS, RawHttp2.ACK, RawHttp2.NO_STREAM, new byte[0]);

        RawHttp2.flood(socket, out -> {
            for (int stream = 1; stream <= 39; stream += 2) {
                call(out, stream);
            }
        });

        // Ten are held, ten are refused.
        socket.setSoTimeout(HANG_UP_MAX_MILLIS);
        var in = new DataInputStream(socket.getInputStream());
        int refusedCount = 0;
        while (refusedCount < 10) {
            Frame frame = Frame.read(in);
            if (frame.type == RawHttp2.RST_STREAM
                    && ByteBuffer.wrap(frame.payload).getInt() == RawHttp2.REFUSED_STREAM) {
                refusedCount++;
            }
        }
        wallet().getBalance(GetBalanceRequest.getDefaultInstance());
    }

    @Test
    void shouldBoundTheCallsOfAClientThatNeverAcknowledgesItsLimit() throws Exception {
        Socket socket = http2();
        byte[] held = GetBalanceRequest.newBuilder().setUserId(HELD).build().toByteArray();

        RawHttp2.flood(socket, out -> {
            for (int stream = 1; stream < 400; stream += 2) {
                call(out, stream);
                RawHttp2.message(out, stream, held);
            }
        });

        // Twice the limit is held, all others are answered at once.
        await().until(() -> refusedCount() == 180);
        await().until(() -> heldCount.get() == 20);
        assertEquals(200, callCount.get() + refusedCount());
        wallet().getBalance(GetBalanceRequest.getDefaultInstance());

        // What ends makes room for one more.
        RawHttp2.flood(socket, out -> RawHttp2.cancel(out, 1));
        var stream = new AtomicInteger(401);
        await().until(() -> {
            RawHttp2.flood(socket, out -> {
                int next = stream.getAndAdd(2);
                call(out, next);
                RawHttp2.message(out, next, held);
            });
            return heldCount.get() > 20;
        });
        assertEquals(21, heldCount.get());
    }

    private long refusedCount() {
        return (long) registry.counter("hongbao.server.calls.refused").count();
    }

    @Test
    void shouldTakeNoMetadataBeyondItsLimit() throws Exception {
        var headers = new Metadata();
        headers.put(Metadata.Key.of("x-big", Metadata.ASCII_STRING_MARSHALLER), "m".repeat(100_000));

        assertThrows(
                StatusRuntimeException.class,
                () -> wallet().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                        .getBalance(GetBalanceRequest.getDefaultInstance()));

        assertEquals(0, callCount.get());
        wallet().getBalance(GetBalanceRequest.getDefaultInstance());
    }

    @Test
    void shouldServeAnotherConnectionWhileOneHoldsAllItMay() throws Exception {
        var held = GetBalanceRequest.newBuilder().setUserId(HELD).build();
        ManagedChannel greedy = channel();
        for (int i = 0; i < 30; i++) {
            WalletServiceGrpc.newFutureStub(greedy).getBalance(held);
        }
        await().until(() -> heldCount.get() == 10);

        wallet().getBalance(GetBalanceRequest.getDefaultInstance());

        assertEquals(10, heldCount.get());
    }

    private final class Wallet extends WalletServiceGrpc.WalletServiceImplBase {
        @Override
        public void getBalance(GetBalanceRequest request, StreamObserver<GetBalanceResponse> answer) {
            callCount.incrementAndGet();
            if (request.getUserId().equals(HELD)) {
                heldCount.incrementAndGet();
                return;
            }
            answer.onNext(GetBalanceResponse.getDefaultInstance());
            answer.onCompleted();
        }
    }

    private ManagedChannel channel() {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
        open.add(channel::shutdownNow);
        return channel;
    }

    private WalletServiceGrpc.WalletServiceBlockingStub wallet() {
        return WalletServiceGrpc.newBlockingStub(channel()).withDeadlineAfter(10, TimeUnit.SECONDS);
    }

    private Socket socket() throws IOException {
        var socket = new Socket("127.0.0.1", server.getPort());
        open.add(socket);
        return socket;
    }

    private Socket http2() throws IOException {
        Socket socket = socket();
        RawHttp2.begin(socket.getOutputStream());
        return socket;
    }

    private record Frame(int type, byte[] payload) {
        static Frame read(DataInputStream in) throws IOException {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            in.skipNBytes(5);
            return new Frame(type, in.readNBytes(length));
        }

        int errorOfGoAway() {
            return type == RawHttp2.GOAWAY ? ByteBuffer.wrap(payload).getInt(4) : -1;
        }
    }

    private static List<Frame> framesUntilHangUp(Socket socket) throws IOException {
        socket.setSoTimeout(HANG_UP_MAX_MILLIS);
        var frames = new ArrayList<Frame>();
        var in = new DataInputStream(socket.getInputStream());
        try {
            while (true) {
                frames.add(Frame.read(in));
            }
        } catch (EOFException | SocketException hungUp) {
            return frames;
        }
    }

    private static void awaitHangUp(Socket socket) throws IOException {
        socket.setSoTimeout(HANG_UP_MAX_MILLIS);
        try {
            socket.getInputStream().readAllBytes();
        } catch (SocketException reset) {
            // Ends it as well.
        }
    }

    private static void call(OutputStream out, int stream) throws IOException {
        RawHttp2.call(out, stream, "/hongbao.v1.WalletService/GetBalance");
    }
}
