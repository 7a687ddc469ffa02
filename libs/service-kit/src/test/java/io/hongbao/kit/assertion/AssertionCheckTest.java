package io.hongbao.kit.assertion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.hongbao.control.AuditEntry;
import io.hongbao.core.assertion.Asker;
import io.hongbao.core.assertion.AssertionSigner;
import io.hongbao.core.assertion.AssertionVerifier;
import io.hongbao.kit.access.CallerFilter;
import io.hongbao.tls.Party;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.DepositResponse;
import io.hongbao.v1.GetBalanceRequest;
import io.hongbao.v1.GetBalanceResponse;
import io.hongbao.v1.GetPacketRequest;
import io.hongbao.v1.GetPacketResponse;
import io.hongbao.v1.ListSharesRequest;
import io.hongbao.v1.ListSharesResponse;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenServiceGrpc;
import io.hongbao.v1.QueryServiceGrpc;
import io.hongbao.v1.WalletServiceGrpc;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Services that answer everything: what is refused was refused before them. */
class AssertionCheckTest {
    private static final byte[] SECRET = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEXT_SECRET = "fedcba9876543210".getBytes(StandardCharsets.US_ASCII);
    private static final Instant NOW = Instant.ofEpochMilli(1_800_000_000_000L);
    private static final Duration LIFE_MAX = Duration.ofMinutes(10);
    private static final Asker LI_NA = new Asker("li-na", "friends");
    private static final OpenRequest OPEN =
            OpenRequest.newBuilder().setUserId("li-na").setGroupId("friends").build();

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<AuditEntry> audited = Collections.synchronizedList(new ArrayList<>());
    private final List<String> served = Collections.synchronizedList(new ArrayList<>());
    private final List<Server> servers = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        channel = serve(Attributes.EMPTY, Map.of(1, SECRET, 2, NEXT_SECRET));
    }

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        servers.forEach(Server::shutdownNow);
    }

    @Test
    void shouldLetThroughTheUserThatTheAccessLayerVouchesFor() {
        assertEquals("OK", open(signed(1, SECRET, LI_NA), OPEN));
    }

    @Test
    void shouldBelieveEveryKeyItKnows() {
        assertEquals("OK", open(signed(2, NEXT_SECRET, LI_NA), OPEN));
    }

    @Test
    void shouldRefuseACallThatBringsNone() {
        assertEquals("UNAUTHENTICATED ASSERTION_MISSING", outcome(() -> opens().open(OPEN)));
        assertEquals(List.of(), served);
    }

    @Test
    void shouldRefuseAForgedOne() {
        byte[] forged = signed(1, SECRET, LI_NA);
        forged[12] ^= 1;

        assertEquals("UNAUTHENTICATED ASSERTION_INVALID", open(forged, OPEN));
        assertEquals("UNAUTHENTICATED ASSERTION_INVALID", open(new byte[0], OPEN));
        assertEquals("UNAUTHENTICATED ASSERTION_INVALID", open(signed(3, SECRET, LI_NA), OPEN));
        assertEquals(List.of(), served);
    }

    @Test
    void shouldRefuseOneThatIsOver() {
        byte[] expired = new AssertionSigner(1, SECRET, Duration.ofMinutes(1), at(NOW.minusSeconds(60))).sign(LI_NA);

        assertEquals("UNAUTHENTICATED ASSERTION_EXPIRED", open(expired, OPEN));
        assertEquals(List.of(), served);
    }

    @Test
    void shouldRefuseOneThatWouldLiveForTooLong() {
        byte[] eternal = new AssertionSigner(1, SECRET, LIFE_MAX.plusSeconds(1), at(NOW)).sign(LI_NA);

        assertEquals("UNAUTHENTICATED ASSERTION_INVALID", open(eternal, OPEN));
    }

    @Test
    void shouldRefuseOneBorrowedFromAnotherUser() {
        assertEquals(
                "UNAUTHENTICATED ASSERTION_OF_ANOTHER field=user_id",
                open(signed(1, SECRET, new Asker("wang-wei", "friends")), OPEN));
        assertEquals(List.of(), served);
    }

    @Test
    void shouldRefuseOneOfAnotherGroupOrOfNone() {
        assertEquals(
                "UNAUTHENTICATED ASSERTION_OF_ANOTHER field=group_id",
                open(signed(1, SECRET, new Asker("li-na", "family")), OPEN));
        assertEquals(
                "UNAUTHENTICATED ASSERTION_OF_ANOTHER field=group_id",
                open(signed(1, SECRET, Asker.of("li-na")), OPEN));
        assertEquals(List.of(), served);
    }

    @Test
    void shouldNotAskForAGroupWhereTheRequestNamesNone() {
        var balance = GetBalanceRequest.newBuilder().setUserId("li-na").build();

        assertEquals(
                "OK",
                outcome(() -> with(wallet(channel), signed(1, SECRET, Asker.of("li-na")))
                        .getBalance(balance)));
        assertEquals(
                "OK",
                outcome(() -> with(wallet(channel), signed(1, SECRET, LI_NA)).getBalance(balance)));
    }

    @Test
    void shouldLeaveARequestWithoutItsUserToTheService() {
        assertEquals("OK", open(signed(1, SECRET, LI_NA), OpenRequest.getDefaultInstance()));
    }

    @Test
    void shouldTakeTheWordOfAnyUserWhereTheRequestNamesNone() {
        var shares = ListSharesRequest.getDefaultInstance();
        var packet = GetPacketRequest.getDefaultInstance();

        assertEquals(
                "OK",
                outcome(() -> with(query(channel), signed(1, SECRET, LI_NA)).listShares(shares)));
        assertEquals(
                "OK",
                outcome(() -> with(query(channel), signed(1, SECRET, LI_NA)).getPacket(packet)));
        assertEquals(
                "UNAUTHENTICATED ASSERTION_MISSING",
                outcome(() -> query(channel).listShares(shares)));
        assertEquals(
                "UNAUTHENTICATED ASSERTION_MISSING",
                outcome(() -> query(channel).getPacket(packet)));
    }

    @Test
    void shouldLetAnOperatorLookInNobodysNameAndActInNone() throws Exception {
        ManagedChannel operator = serve(
                Attributes.newBuilder().set(CallerFilter.CALLER, Party.OPERATOR).build(), Map.of(1, SECRET));

        assertEquals("OK", outcome(() -> query(operator).getPacket(GetPacketRequest.getDefaultInstance())));
        assertEquals("OK", outcome(() -> query(operator).listShares(ListSharesRequest.getDefaultInstance())));
        assertEquals(
                "UNAUTHENTICATED ASSERTION_MISSING",
                outcome(() -> query(operator)
                        .getPacket(
                                GetPacketRequest.newBuilder().setUserId("li-na").build())));
        assertEquals(
                "UNAUTHENTICATED ASSERTION_MISSING",
                outcome(() -> OpenServiceGrpc.newBlockingStub(operator).open(OPEN)));
    }

    @Test
    void shouldAskForNoneWhereACallActsForNobody() {
        assertEquals("OK", outcome(() -> wallet(channel).deposit(DepositRequest.getDefaultInstance())));
    }

    @Test
    void shouldNotLookWhileNoneIsRequired() throws Exception {
        ManagedChannel off = serve(Attributes.EMPTY, Map.of());

        assertEquals("OK", outcome(() -> OpenServiceGrpc.newBlockingStub(off).open(OPEN)));
        assertEquals(
                "OK",
                outcome(() ->
                        with(OpenServiceGrpc.newBlockingStub(off), new byte[3]).open(OPEN)));
    }

    @Test
    void shouldCountAndAuditWhatItRefuses() {
        open(signed(1, SECRET, new Asker("wang-wei", "friends")), OPEN);
        open(signed(1, SECRET, new Asker("wang-wei", "friends")), OPEN);

        assertEquals(
                2,
                registry.counter(
                                "hongbao.assertion.refused",
                                "reason",
                                "ASSERTION_OF_ANOTHER",
                                "method",
                                "hongbao.v1.OpenService/Open")
                        .count());
        assertEquals(
                AuditEntry.of(
                        "unknown",
                        "call.refused",
                        "hongbao.v1.OpenService/Open",
                        Map.of("reason", "ASSERTION_OF_ANOTHER")),
                audited.getFirst());
    }

    @Test
    void shouldNotStartWithoutAKeyOrWithOneThatIsNone() {
        var noKey = assertThrows(IllegalStateException.class, () -> check(Map.of()));
        var noHex = assertThrows(IllegalStateException.class, () -> check(Map.of(1, "not hexadecimal")));

        assertEquals("hongbao.assertion.required is true, and hongbao.assertion.keys names no key", noKey.getMessage());
        assertEquals("hongbao.assertion.keys: key 1 is not hexadecimal", noHex.getMessage());
    }

    private AssertionCheck check(Map<Integer, String> keys) {
        return new AssertionCheck(AssertionCheck.verifier(new Required(keys)), at(NOW), registry, audited::add);
    }

    private record Required(Map<Integer, String> keys) implements AssertionConfig {
        @Override
        public boolean required() {
            return true;
        }

        @Override
        public Duration lifeMax() {
            return LIFE_MAX;
        }
    }

    private static InstantSource at(Instant instant) {
        return InstantSource.fixed(instant);
    }

    private static byte[] signed(int keyId, byte[] secret, Asker asker) {
        return new AssertionSigner(keyId, secret, Duration.ofMinutes(2), at(NOW)).sign(asker);
    }

    private OpenServiceGrpc.OpenServiceBlockingStub opens() {
        return OpenServiceGrpc.newBlockingStub(channel);
    }

    private static WalletServiceGrpc.WalletServiceBlockingStub wallet(ManagedChannel channel) {
        return WalletServiceGrpc.newBlockingStub(channel);
    }

    private static QueryServiceGrpc.QueryServiceBlockingStub query(ManagedChannel channel) {
        return QueryServiceGrpc.newBlockingStub(channel);
    }

    private String open(byte[] assertion, OpenRequest request) {
        return outcome(() -> with(opens(), assertion).open(request));
    }

    private static <S extends AbstractStub<S>> S with(S stub, byte[] assertion) {
        var headers = new Metadata();
        headers.put(AssertionCheck.HEADER, assertion);
        return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .withDeadlineAfter(5, TimeUnit.SECONDS);
    }

    /** The status code, the reason, and what it refers to. */
    private static String outcome(Runnable call) {
        try {
            call.run();
            return "OK";
        } catch (StatusRuntimeException refused) {
            var told = new StringBuilder(refused.getStatus().getCode().name());
            for (Any detail : StatusProto.fromThrowable(refused).getDetailsList()) {
                try {
                    ErrorInfo info = detail.unpack(ErrorInfo.class);
                    told.append(' ').append(info.getReason());
                    new HashMap<>(info.getMetadataMap())
                            .forEach((key, value) ->
                                    told.append(' ').append(key).append('=').append(value));
                } catch (InvalidProtocolBufferException other) {
                    told.append(" ?");
                }
            }
            return told.toString();
        }
    }

    /** @param secrets none: assertions are not required */
    private ManagedChannel serve(Attributes connection, Map<Integer, byte[]> secrets) throws Exception {
        Optional<AssertionVerifier> verifier =
                secrets.isEmpty() ? Optional.empty() : Optional.of(new AssertionVerifier(secrets, LIFE_MAX));
        Server server = NettyServerBuilder.forPort(0)
                .addTransportFilter(new ServerTransportFilter() {
                    @Override
                    public Attributes transportReady(Attributes attributes) {
                        return attributes.toBuilder().setAll(connection).build();
                    }
                })
                .intercept(new AssertionCheck(verifier, at(NOW), registry, audited::add))
                .addService(new Opens())
                .addService(new Queries())
                .addService(new Wallets())
                .build()
                .start();
        servers.add(server);
        ManagedChannel made = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
        channels.add(made);
        return made;
    }

    private <T> void answer(StreamObserver<T> observer, T message) {
        served.add(message.getClass().getSimpleName());
        observer.onNext(message);
        observer.onCompleted();
    }

    private final class Opens extends OpenServiceGrpc.OpenServiceImplBase {
        @Override
        public void open(OpenRequest request, StreamObserver<OpenResponse> observer) {
            answer(observer, OpenResponse.getDefaultInstance());
        }
    }

    private final class Queries extends QueryServiceGrpc.QueryServiceImplBase {
        @Override
        public void getPacket(GetPacketRequest request, StreamObserver<GetPacketResponse> observer) {
            answer(observer, GetPacketResponse.getDefaultInstance());
        }

        @Override
        public void listShares(ListSharesRequest request, StreamObserver<ListSharesResponse> observer) {
            answer(observer, ListSharesResponse.getDefaultInstance());
        }
    }

    private final class Wallets extends WalletServiceGrpc.WalletServiceImplBase {
        @Override
        public void getBalance(GetBalanceRequest request, StreamObserver<GetBalanceResponse> observer) {
            answer(observer, GetBalanceResponse.getDefaultInstance());
        }

        @Override
        public void deposit(DepositRequest request, StreamObserver<DepositResponse> observer) {
            answer(observer, DepositResponse.getDefaultInstance());
        }
    }
}
