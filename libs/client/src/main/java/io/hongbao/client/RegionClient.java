package io.hongbao.client;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.hongbao.client.balance.RendezvousLoadBalancerProvider;
import io.hongbao.tls.Party;
import io.hongbao.v1.GrabServiceGrpc;
import io.hongbao.v1.OpenServiceGrpc;
import io.hongbao.v1.QueryServiceGrpc;
import io.hongbao.v1.SendServiceGrpc;
import io.hongbao.v1.WalletServiceGrpc;
import java.util.List;
import java.util.function.Function;

/** The five services of one region. */
public final class RegionClient {
    private static final String EVENLY = "round_robin";

    /** Makes the channel to one service. */
    @FunctionalInterface
    interface ChannelTo {
        ManagedChannel open(Party service, String target, String policy);
    }

    private final List<ManagedChannel> channels;
    private final Stubs<
                    SendServiceGrpc.SendServiceBlockingStub,
                    SendServiceGrpc.SendServiceStub,
                    SendServiceGrpc.SendServiceFutureStub>
            send;
    private final Stubs<
                    GrabServiceGrpc.GrabServiceBlockingStub,
                    GrabServiceGrpc.GrabServiceStub,
                    GrabServiceGrpc.GrabServiceFutureStub>
            grab;
    private final Stubs<
                    OpenServiceGrpc.OpenServiceBlockingStub,
                    OpenServiceGrpc.OpenServiceStub,
                    OpenServiceGrpc.OpenServiceFutureStub>
            open;
    private final Stubs<
                    QueryServiceGrpc.QueryServiceBlockingStub,
                    QueryServiceGrpc.QueryServiceStub,
                    QueryServiceGrpc.QueryServiceFutureStub>
            query;
    private final Stubs<
                    WalletServiceGrpc.WalletServiceBlockingStub,
                    WalletServiceGrpc.WalletServiceStub,
                    WalletServiceGrpc.WalletServiceFutureStub>
            wallet;

    /**
     * @param channelTo makes a channel from a service, a target and the name of a load balancing policy
     * @param callsOn puts the interceptors on a channel
     */
    RegionClient(Endpoints endpoints, ChannelTo channelTo, Function<ManagedChannel, Channel> callsOn) {
        ManagedChannel toSend = channelTo.open(Party.SEND_SVC, endpoints.send(), EVENLY);
        ManagedChannel toGrab = channelTo.open(Party.GRAB_SVC, endpoints.grab(), EVENLY);
        ManagedChannel toOpen = channelTo.open(Party.OPEN_SVC, endpoints.open(), RendezvousLoadBalancerProvider.POLICY);
        ManagedChannel toQuery = channelTo.open(Party.QUERY_SVC, endpoints.query(), EVENLY);
        ManagedChannel toWallet = channelTo.open(Party.WALLET_BRIDGE, endpoints.wallet(), EVENLY);
        channels = List.of(toSend, toGrab, toOpen, toQuery, toWallet);

        Channel sends = callsOn.apply(toSend);
        send = new Stubs<>(
                SendServiceGrpc.newBlockingStub(sends),
                SendServiceGrpc.newStub(sends),
                SendServiceGrpc.newFutureStub(sends));
        Channel grabs = callsOn.apply(toGrab);
        grab = new Stubs<>(
                GrabServiceGrpc.newBlockingStub(grabs),
                GrabServiceGrpc.newStub(grabs),
                GrabServiceGrpc.newFutureStub(grabs));
        Channel opens = callsOn.apply(toOpen);
        open = new Stubs<>(
                OpenServiceGrpc.newBlockingStub(opens),
                OpenServiceGrpc.newStub(opens),
                OpenServiceGrpc.newFutureStub(opens));
        Channel queries = callsOn.apply(toQuery);
        query = new Stubs<>(
                QueryServiceGrpc.newBlockingStub(queries),
                QueryServiceGrpc.newStub(queries),
                QueryServiceGrpc.newFutureStub(queries));
        Channel wallets = callsOn.apply(toWallet);
        wallet = new Stubs<>(
                WalletServiceGrpc.newBlockingStub(wallets),
                WalletServiceGrpc.newStub(wallets),
                WalletServiceGrpc.newFutureStub(wallets));
    }

    public Stubs<
                    SendServiceGrpc.SendServiceBlockingStub,
                    SendServiceGrpc.SendServiceStub,
                    SendServiceGrpc.SendServiceFutureStub>
            send() {
        return send;
    }

    public Stubs<
                    GrabServiceGrpc.GrabServiceBlockingStub,
                    GrabServiceGrpc.GrabServiceStub,
                    GrabServiceGrpc.GrabServiceFutureStub>
            grab() {
        return grab;
    }

    /** Each call reaches the pod that owns the packet in its request. */
    public Stubs<
                    OpenServiceGrpc.OpenServiceBlockingStub,
                    OpenServiceGrpc.OpenServiceStub,
                    OpenServiceGrpc.OpenServiceFutureStub>
            open() {
        return open;
    }

    public Stubs<
                    QueryServiceGrpc.QueryServiceBlockingStub,
                    QueryServiceGrpc.QueryServiceStub,
                    QueryServiceGrpc.QueryServiceFutureStub>
            query() {
        return query;
    }

    public Stubs<
                    WalletServiceGrpc.WalletServiceBlockingStub,
                    WalletServiceGrpc.WalletServiceStub,
                    WalletServiceGrpc.WalletServiceFutureStub>
            wallet() {
        return wallet;
    }

    List<ManagedChannel> channels() {
        return channels;
    }
}
