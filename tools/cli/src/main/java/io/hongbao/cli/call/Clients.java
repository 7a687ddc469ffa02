package io.hongbao.cli.call;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.hongbao.cli.stack.Addresses;
import io.hongbao.cli.stack.Service;
import io.hongbao.v1.GrabServiceGrpc;
import io.hongbao.v1.GrabServiceGrpc.GrabServiceBlockingStub;
import io.hongbao.v1.OpenServiceGrpc;
import io.hongbao.v1.OpenServiceGrpc.OpenServiceBlockingStub;
import io.hongbao.v1.QueryServiceGrpc;
import io.hongbao.v1.QueryServiceGrpc.QueryServiceBlockingStub;
import io.hongbao.v1.SendServiceGrpc;
import io.hongbao.v1.SendServiceGrpc.SendServiceBlockingStub;
import io.hongbao.v1.WalletServiceGrpc;
import io.hongbao.v1.WalletServiceGrpc.WalletServiceBlockingStub;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One channel to each service, opened when it is first needed, and stubs on them. Every call has a deadline. */
public final class Clients implements AutoCloseable {
    /** Longer than any service takes when it works, short enough for a person to wait. */
    public static final Duration DEADLINE = Duration.ofSeconds(5);

    private final Addresses addresses;
    private final Map<Service, ManagedChannel> channels = new EnumMap<>(Service.class);

    public Clients(Addresses addresses) {
        this.addresses = addresses;
    }

    public SendServiceBlockingStub send() {
        return SendServiceGrpc.newBlockingStub(channel(Service.SEND))
                .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    }

    public GrabServiceBlockingStub grab() {
        return GrabServiceGrpc.newBlockingStub(channel(Service.GRAB))
                .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    }

    public OpenServiceBlockingStub open() {
        return OpenServiceGrpc.newBlockingStub(channel(Service.OPEN))
                .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    }

    public QueryServiceBlockingStub query() {
        return QueryServiceGrpc.newBlockingStub(channel(Service.QUERY))
                .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    }

    public WalletServiceBlockingStub wallet() {
        return WalletServiceGrpc.newBlockingStub(channel(Service.WALLET))
                .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The channel itself, for stubs of another kind. */
    public synchronized ManagedChannel channel(Service service) {
        return channels.computeIfAbsent(
                service,
                wanted -> Grpc.newChannelBuilder(addresses.of(wanted), InsecureChannelCredentials.create())
                        .build());
    }

    @Override
    public synchronized void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
