package io.hongbao.kit.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.ErrorInfo;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.hongbao.certificates.TestAuthority;
import io.hongbao.control.AuditEntry;
import io.hongbao.tls.Identities;
import io.hongbao.tls.MutualTls;
import io.hongbao.tls.Party;
import io.hongbao.tls.TlsFiles;
import io.hongbao.v1.WalletServiceGrpc;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A wallet-bridge that implements nothing: a call that is let through is answered UNIMPLEMENTED. */
class AccessControlTest {
    private static final Identities IDENTITIES = Identities.ofTrustDomain("hongbao");

    private final TestAuthority authority = new TestAuthority("ours");
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<ManagedChannel> channels = new ArrayList<>();

    private final List<AuditEntry> audited = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    Path folder;

    private Server server;

    @BeforeEach
    void start() throws Exception {
        var builder = NettyServerBuilder.forPort(0)
                .intercept(new AccessControl(true, registry, audited::add))
                .addService(unimplemented());
        ServerSetup.secure(builder, tls("spiffe://hongbao/wallet-bridge"));
        server = builder.build().start();
    }

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        server.shutdownNow();
    }

    @ParameterizedTest
    @EnumSource(Party.class)
    void shouldLetThroughWhatTheTableAllowsAndRefuseTheRest(Party party) throws Exception {
        ManagedChannel channel = channel("spiffe://hongbao/" + party.label());

        for (MethodDescriptor<?, ?> method :
                WalletServiceGrpc.getServiceDescriptor().getMethods()) {
            String expected = AccessTable.allows(party, method.getFullMethodName())
                    ? "UNIMPLEMENTED"
                    : "PERMISSION_DENIED CALL_NOT_ALLOWED";
            assertEquals(expected, call(channel, method), method.getFullMethodName());
        }
    }

    @Test
    void shouldRefuseAStrangerWithACertificateOfOurRoot() throws Exception {
        ManagedChannel channel = channel("spiffe://elsewhere/access-layer");

        assertEquals("PERMISSION_DENIED CALLER_UNKNOWN", call(channel, WalletServiceGrpc.getGetBalanceMethod()));
    }

    @Test
    void shouldCountWhatItRefuses() throws Exception {
        call(channel("spiffe://hongbao/grab-svc"), WalletServiceGrpc.getDepositMethod());

        assertEquals(
                1,
                registry.counter(
                                "hongbao.access.refused",
                                "caller",
                                "grab-svc",
                                "method",
                                "hongbao.v1.WalletService/Deposit")
                        .count());
    }

    @Test
    void shouldAuditOneRefusalASecondAtMost() throws Exception {
        ManagedChannel channel = channel("spiffe://hongbao/grab-svc");

        long begun = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            call(channel, WalletServiceGrpc.getDepositMethod());
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);

        assertEquals(
                AuditEntry.of("grab-svc", "call.refused", "hongbao.v1.WalletService/Deposit", Map.of()),
                audited.getFirst());
        assertTrue(audited.size() <= seconds + 1, () -> audited.size() + " entries in " + seconds + " s");
    }

    @Test
    void shouldKnowTheServiceBehindEachClient() {
        assertEquals(Party.WALLET_BRIDGE, ClientSetup.serviceOf("wallet"));
        assertEquals(Party.SEND_SVC, ClientSetup.serviceOf("send"));
        assertEquals(Party.OPEN_SVC, ClientSetup.serviceOf("open"));
    }

    private static ServerServiceDefinition unimplemented() {
        var service = ServerServiceDefinition.builder(WalletServiceGrpc.getServiceDescriptor());
        WalletServiceGrpc.getServiceDescriptor().getMethods().forEach(method -> service.addMethod(refusing(method)));
        return service.build();
    }

    private static <ReqT, RespT> ServerMethodDefinition<ReqT, RespT> refusing(MethodDescriptor<ReqT, RespT> method) {
        return ServerMethodDefinition.create(method, (call, headers) -> {
            call.close(Status.UNIMPLEMENTED, new io.grpc.Metadata());
            return new io.grpc.ServerCall.Listener<>() {};
        });
    }

    private MutualTls tls(String id) throws Exception {
        Path own = folder.resolve(id.replaceAll("[^a-z]+", "-"));
        authority.issue(id).write(own, authority);
        return MutualTls.load(TlsFiles.in(own), IDENTITIES);
    }

    private ManagedChannel channel(String id) throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .sslContext(tls(id).client(Party.WALLET_BRIDGE))
                .build();
        channels.add(channel);
        return channel;
    }

    private static <ReqT, RespT> String call(ManagedChannel channel, MethodDescriptor<ReqT, RespT> method) {
        ReqT empty = method.parseRequest(new java.io.ByteArrayInputStream(new byte[0]));
        try {
            ClientCalls.blockingUnaryCall(
                    channel, method, io.grpc.CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS), empty);
            return "OK";
        } catch (StatusRuntimeException refused) {
            String reason = StatusProto.fromThrowable(refused).getDetailsList().stream()
                    .map(detail -> {
                        try {
                            return " " + detail.unpack(ErrorInfo.class).getReason();
                        } catch (com.google.protobuf.InvalidProtocolBufferException other) {
                            return "";
                        }
                    })
                    .findFirst()
                    .orElse("");
            return refused.getStatus().getCode() + reason;
        }
    }
}
