package io.hongbao.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.hongbao.certificates.TestAuthority;
import io.hongbao.tls.MutualTls.Reload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real handshakes between a gRPC server and clients on this machine. */
class MutualTlsTest {
    private static final String SEND = "spiffe://hongbao/send-svc";
    private static final String WALLET = "spiffe://hongbao/wallet-bridge";
    private static final Identities IDENTITIES = Identities.ofTrustDomain("hongbao");

    private final TestAuthority authority = new TestAuthority("ours");
    private final TestAuthority stranger = new TestAuthority("a stranger's");
    private final List<ManagedChannel> channels = new ArrayList<>();

    @TempDir
    Path folder;

    private MutualTls walletTls;
    private Server server;

    @BeforeEach
    void start() throws Exception {
        authority.issue(WALLET).write(folder.resolve("wallet"), authority);
        walletTls = load("wallet");
        server = NettyServerBuilder.forPort(0)
                .sslContext(walletTls.server())
                .addService(new HealthStatusManager().getHealthService())
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        server.shutdownNow();
        walletTls.close();
    }

    @Test
    void shouldConnectPartiesOfOneRoot() throws Exception {
        authority.issue(SEND).write(folder.resolve("send"), authority);

        assertEquals(Status.Code.OK, call(channel(load("send"), Party.WALLET_BRIDGE)));
    }

    @Test
    void shouldRefuseClientWithoutCertificate() throws Exception {
        var trusting = io.grpc.TlsChannelCredentials.newBuilder()
                .trustManager(folder.resolve("wallet/ca.crt").toFile())
                .build();
        ManagedChannel channel = kept(Grpc.newChannelBuilder("localhost:" + server.getPort(), trusting)
                .build());

        assertEquals(Status.Code.UNAVAILABLE, call(channel));
    }

    @Test
    void shouldRefusePlainText() {
        ManagedChannel channel = kept(NettyChannelBuilder.forAddress("localhost", server.getPort())
                .usePlaintext()
                .build());

        assertEquals(Status.Code.UNAVAILABLE, call(channel));
    }

    @Test
    void shouldRefuseRightNameFromWrongRoot() throws Exception {
        stranger.issue(SEND).write(folder.resolve("send"), authority);

        assertEquals(Status.Code.UNAVAILABLE, call(channel(load("send"), Party.WALLET_BRIDGE)));
    }

    @Test
    void shouldRefuseServerThatIsAnotherParty() throws Exception {
        authority.issue(SEND).write(folder.resolve("send"), authority);

        assertEquals(Status.Code.UNAVAILABLE, call(channel(load("send"), Party.OPEN_SVC)));
    }

    @Test
    void shouldRefuseClientWhoseCertificateRanOutAfterItWasLoaded() throws Exception {
        Instant end = Instant.now().plusSeconds(2);
        authority.issue(Instant.now().minusSeconds(60), end, SEND).write(folder.resolve("send"), authority);
        MutualTls send = load("send");

        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> Instant.now().isAfter(end.plusSeconds(1)));

        assertEquals(Status.Code.UNAVAILABLE, call(channel(send, Party.WALLET_BRIDGE)));
    }

    @Test
    void shouldTakeRenewedCertificatesWithoutRestart() throws Exception {
        authority.issue(SEND).write(folder.resolve("send"), authority);
        MutualTls send = load("send");
        Instant before = send.expiresAt();

        authority
                .issue(Instant.now().minusSeconds(60), before.plusSeconds(3600), SEND)
                .write(folder.resolve("send"), authority);

        assertEquals(Reload.CHANGED, send.reload());
        assertEquals(before.plusSeconds(3600).getEpochSecond(), send.expiresAt().getEpochSecond());
        assertEquals(Reload.UNCHANGED, send.reload());
        assertEquals(Status.Code.OK, call(channel(send, Party.WALLET_BRIDGE)));
    }

    @Test
    void shouldMoveToAnotherRootByTrustingBothForAWhile() throws Exception {
        authority.issue(SEND).write(folder.resolve("send"), authority);
        MutualTls send = load("send");

        // Both sides trust both; then the client's leaf, then the server's comes from the new root.
        authority.issue(WALLET).write(folder.resolve("wallet"), authority, stranger);
        walletTls.reload();
        stranger.issue(SEND).write(folder.resolve("send"), authority, stranger);
        send.reload();
        assertEquals(Status.Code.OK, call(channel(send, Party.WALLET_BRIDGE)));
        stranger.issue(WALLET).write(folder.resolve("wallet"), stranger);
        walletTls.reload();

        assertEquals(Status.Code.OK, call(channel(send, Party.WALLET_BRIDGE)));
    }

    @Test
    void shouldNotResumeASessionOfARootThatIsTrustedNoMore() throws Exception {
        authority.issue(SEND).write(folder.resolve("send"), authority, stranger);
        MutualTls send = load("send");
        assertEquals(Status.Code.OK, call(channel(send, Party.WALLET_BRIDGE)));

        stranger.issue(WALLET).write(folder.resolve("wallet"), stranger);
        walletTls.reload();

        assertEquals(Status.Code.UNAVAILABLE, call(channel(send, Party.WALLET_BRIDGE)));
    }

    @Test
    void shouldKeepWhatWorksWhenFilesAreSpoilt() throws Exception {
        authority.issue(SEND).write(folder.resolve("send"), authority);
        Files.writeString(folder.resolve("wallet/tls.key"), "half a ke");

        assertThrows(UnusableCertificateException.class, walletTls::reload);

        assertEquals(Status.Code.OK, call(channel(load("send"), Party.WALLET_BRIDGE)));
    }

    @Test
    void shouldRefuseKeyOfAnotherCertificate() throws IOException {
        authority.issue(SEND).write(folder.resolve("one"), authority);
        authority.issue(SEND).write(folder.resolve("two"), authority);
        TlsFiles mixed = new TlsFiles(
                folder.resolve("one/tls.crt"), folder.resolve("two/tls.key"), folder.resolve("one/ca.crt"));

        var refused = assertThrows(UnusableCertificateException.class, () -> MutualTls.load(mixed, IDENTITIES));

        assertEquals(mixed.key() + " is not the key of " + mixed.certificate(), refused.getMessage());
    }

    @Test
    void shouldRefuseToLoadWhatHasExpired() throws IOException {
        authority
                .issue(Instant.now().minusSeconds(600), Instant.now().minusSeconds(1), SEND)
                .write(folder.resolve("send"), authority);

        assertThrows(UnusableCertificateException.class, () -> load("send"));
    }

    @Test
    void shouldKnowNobodyByTwoNames() throws Exception {
        authority.issue(SEND, WALLET).write(folder.resolve("both"), authority);
        var leaf = io.grpc.util.CertificateUtils.getX509Certificates(
                Files.newInputStream(folder.resolve("both/tls.crt")))[0];

        assertEquals(java.util.Optional.empty(), IDENTITIES.partyOf(leaf));
    }

    private MutualTls load(String party) throws UnusableCertificateException {
        return MutualTls.load(TlsFiles.in(folder.resolve(party)), IDENTITIES);
    }

    private ManagedChannel channel(MutualTls tls, Party to) {
        return kept(NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .sslContext(tls.client(to))
                .build());
    }

    private ManagedChannel kept(ManagedChannel channel) {
        channels.add(channel);
        return channel;
    }

    private static Status.Code call(ManagedChannel channel) {
        try {
            HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(5, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.getDefaultInstance());
            return Status.Code.OK;
        } catch (StatusRuntimeException refused) {
            return refused.getStatus().getCode();
        }
    }
}
