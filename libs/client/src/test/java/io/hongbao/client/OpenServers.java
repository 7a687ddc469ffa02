package io.hongbao.client;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.hongbao.core.assertion.AssertionSigner;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenServiceGrpc;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Real servers on loopback; each answers an open with its own index as the sequence, or holds it if it comes from HELD. */
public final class OpenServers implements AutoCloseable {
    /** Opens of this user are never answered. */
    public static final String HELD = "held";

    /** Opens that are held, on all servers. */
    public final AtomicInteger heldCount = new AtomicInteger();

    /** The user assertions that came along with calls, in their order. */
    public final List<byte[]> assertions = new CopyOnWriteArrayList<>();

    private final List<Server> servers = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();

    public static OpenServers start(int count) throws IOException {
        var started = new OpenServers();
        for (int i = 0; i < count; i++) {
            Server server = started.serve(i, 0);
            started.servers.add(server);
            started.ports.add(server.getPort());
        }
        return started;
    }

    public String address(int index) {
        return "127.0.0.1:" + ports.get(index);
    }

    public String target() {
        return "hongbao-static:///"
                + ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    /** Ends a server as a crash would. */
    public void crash(int index) throws InterruptedException {
        servers.get(index).shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }

    /** Starts a crashed server again at the same address. */
    public void restart(int index) throws IOException {
        servers.set(index, serve(index, ports.get(index)));
    }

    @Override
    public void close() {
        servers.forEach(Server::shutdownNow);
    }

    private Server serve(int index, int port) throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
                .addService(new OpenServiceGrpc.OpenServiceImplBase() {
                    @Override
                    public void open(OpenRequest request, StreamObserver<OpenResponse> answer) {
                        if (request.getUserId().equals(HELD)) {
                            heldCount.incrementAndGet();
                            return;
                        }
                        answer.onNext(
                                OpenResponse.newBuilder().setSequence(index).build());
                        answer.onCompleted();
                    }
                })
                .intercept(new ServerInterceptor() {
                    @Override
                    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
                            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
                        byte[] assertion =
                                headers.get(Metadata.Key.of(AssertionSigner.HEADER, Metadata.BINARY_BYTE_MARSHALLER));
                        if (assertion != null) {
                            assertions.add(assertion);
                        }
                        return next.startCall(call, headers);
                    }
                })
                .build()
                .start();
    }
}
