package io.hongbao.client.resolve;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.StatusOr;
import io.hongbao.client.resolve.StaticNameResolverProvider.HostAndPort;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Tells grpc a fixed list of servers. Host names are looked up at every refresh, off the channel's threads; one that
 * cannot be looked up stays in the list unresolved, fails to connect, and makes grpc ask again.
 */
final class StaticNameResolver extends NameResolver {
    private final List<HostAndPort> servers;
    private final Args args;
    private final Executor lookups;

    @SuppressWarnings("NullAway.Init") // grpc calls start before anything else.
    private Listener2 listener;

    StaticNameResolver(List<HostAndPort> servers, Args args) {
        this.servers = servers;
        this.args = args;
        this.lookups = args.getOffloadExecutor() == null ? Runnable::run : args.getOffloadExecutor();
    }

    /** The first server; each one overrides it by its own name, which is what TLS checks certificates against. */
    @Override
    public String getServiceAuthority() {
        return servers.getFirst().toString();
    }

    @Override
    public void start(Listener2 listener) {
        this.listener = listener;
        refresh();
    }

    @Override
    public void refresh() {
        lookups.execute(() -> {
            List<EquivalentAddressGroup> groups =
                    servers.stream().map(StaticNameResolver::lookUp).toList();
            args.getSynchronizationContext()
                    .execute(() -> listener.onResult2(ResolutionResult.newBuilder()
                            .setAddressesOrError(StatusOr.fromValue(groups))
                            .build()));
        });
    }

    @Override
    public void shutdown() {
        // Nothing is held.
    }

    private static EquivalentAddressGroup lookUp(HostAndPort server) {
        return new EquivalentAddressGroup(
                new InetSocketAddress(server.host(), server.port()),
                Attributes.newBuilder()
                        .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, server.toString())
                        .build());
    }
}
