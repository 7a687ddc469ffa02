package io.hongbao.client.resolve;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.EquivalentAddressGroup;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.StatusOr;
import io.hongbao.client.OpenServers;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenServiceGrpc;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameResolversTest {
    /** How Quarkus puts a target together from name-resolver, host and port. */
    private static final String QUARKUS_TARGET = "%s://%s:%d";

    @Test
    void shouldReadTheListAsQuarkusWritesIt() {
        // given
        URI target =
                URI.create(String.format(QUARKUS_TARGET, "hongbao-static", "/10.0.0.1:9103,10.0.0.2,10.0.0.3", 9113));

        // when
        var servers = StaticNameResolverProvider.parse(StaticNameResolverProvider.listIn(target));

        // then
        assertEquals("[10.0.0.1:9103, 10.0.0.2:9113, 10.0.0.3:9113]", servers.toString());
    }

    @Test
    void shouldReadTheListWithoutTheThirdSlash() {
        // given
        URI target = URI.create(String.format(QUARKUS_TARGET, "hongbao-static", "10.0.0.1:9103,10.0.0.2", 9113));

        // when
        var servers = StaticNameResolverProvider.parse(StaticNameResolverProvider.listIn(target));

        // then
        assertEquals("[10.0.0.1:9103, 10.0.0.2:9113]", servers.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a:0", "a:65536", "a:x", ":1", "a:1,", "a:1,,b:2", "a:1,b"})
    void shouldRefuseAListThatIsNone(String list) {
        assertThrows(IllegalArgumentException.class, () -> StaticNameResolverProvider.parse(list));
    }

    @Test
    void shouldAskDnsForTheNameWithAndWithoutTheThirdSlash() throws Exception {
        for (String target : List.of("hongbao-dns:///localhost:%s", "hongbao-dns://localhost:%s")) {
            try (OpenServers servers = OpenServers.start(1)) {
                // given
                String port = servers.address(0).split(":")[1];
                ManagedChannel channel = ManagedChannelBuilder.forTarget(String.format(target, port))
                        .usePlaintext()
                        .build();
                try {
                    // when
                    Set<Integer> answering = answering(channel);

                    // then
                    assertEquals(Set.of(0), answering);
                } finally {
                    channel.shutdownNow();
                }
            }
        }
    }

    @Test
    void shouldFindANewPodWithoutAnyFailure() throws Exception {
        try (OpenServers servers = OpenServers.start(2)) {
            // given
            var addresses = new CopyOnWriteArrayList<>(List.of(servers.address(0)));
            var provider = new FakeDns(addresses);
            NameResolverRegistry.getDefaultRegistry().register(provider);
            ManagedChannel channel = ManagedChannelBuilder.forTarget("fake-dns:///open-svc")
                    .usePlaintext()
                    .defaultLoadBalancingPolicy("round_robin")
                    .build();
            try {
                assertEquals(Set.of(0), answering(channel));

                // when
                addresses.add(servers.address(1));

                // then
                await().until(() -> answering(channel).equals(Set.of(0, 1)));
            } finally {
                channel.shutdownNow();
                NameResolverRegistry.getDefaultRegistry().deregister(provider);
            }
        }
    }

    private static Set<Integer> answering(ManagedChannel channel) {
        var stub = OpenServiceGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
        var indexes = new HashSet<Integer>();
        for (int i = 0; i < 4; i++) {
            indexes.add(stub.open(OpenRequest.getDefaultInstance()).getSequence());
        }
        return indexes;
    }

    /** A name whose addresses a test changes, asked again every few milliseconds. */
    private static final class FakeDns extends NameResolverProvider {
        private final List<String> addresses;

        FakeDns(List<String> addresses) {
            this.addresses = addresses;
        }

        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return 1;
        }

        @Override
        public String getDefaultScheme() {
            return "fake-dns";
        }

        @Override
        public NameResolver newNameResolver(URI target, NameResolver.Args args) {
            var answers = new NameResolver() {
                private Listener2 listener;

                @Override
                public String getServiceAuthority() {
                    return "open-svc";
                }

                @Override
                public void start(Listener2 listener) {
                    this.listener = listener;
                    refresh();
                }

                @Override
                public void refresh() {
                    List<EquivalentAddressGroup> groups = addresses.stream()
                            .map(address -> address.split(":"))
                            .map(parts -> new EquivalentAddressGroup(
                                    new InetSocketAddress(parts[0], Integer.parseInt(parts[1]))))
                            .toList();
                    listener.onResult2(ResolutionResult.newBuilder()
                            .setAddressesOrError(StatusOr.fromValue(groups))
                            .build());
                }

                @Override
                public void shutdown() {
                    // Nothing is held.
                }
            };
            return new RefreshingNameResolver(answers, args, Duration.ofMillis(10));
        }
    }
}
