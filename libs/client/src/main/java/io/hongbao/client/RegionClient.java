package io.hongbao.client;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.hongbao.client.balance.RendezvousLoadBalancerProvider;
import io.hongbao.client.region.OrderCircuit;
import io.hongbao.client.region.OrderWatch;
import io.hongbao.client.region.Reachability;
import io.hongbao.client.region.ReachabilityGate;
import io.hongbao.client.region.SignOfLife;
import io.hongbao.tls.Party;
import io.hongbao.v1.GrabServiceGrpc;
import io.hongbao.v1.OpenServiceGrpc;
import io.hongbao.v1.QueryServiceGrpc;
import io.hongbao.v1.SendServiceGrpc;
import io.hongbao.v1.WalletServiceGrpc;
import java.util.List;

/** The five services of one region. */
public final class RegionClient {
    private static final String EVENLY = "round_robin";

    /** Makes the channel to one service. */
    @FunctionalInterface
    interface ChannelTo {
        ManagedChannel open(Party service, String target, String policy);
    }

    /** Puts the interceptors on a channel. */
    @FunctionalInterface
    interface Calls {
        Channel on(ManagedChannel channel, ReachabilityGate gate);
    }

    private final List<ManagedChannel> channels;
    private final OrderCircuit orders = new OrderCircuit();
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
     * @param calls puts the interceptors on a channel
     */
    RegionClient(int region, Endpoints endpoints, ChannelTo channelTo, Calls calls) {
        ManagedChannel toSend = channelTo.open(Party.SEND_SVC, endpoints.send(), EVENLY);
        ManagedChannel toGrab = channelTo.open(Party.GRAB_SVC, endpoints.grab(), EVENLY);
        ManagedChannel toOpen = channelTo.open(Party.OPEN_SVC, endpoints.open(), RendezvousLoadBalancerProvider.POLICY);
        ManagedChannel toQuery = channelTo.open(Party.QUERY_SVC, endpoints.query(), EVENLY);
        ManagedChannel toWallet = channelTo.open(Party.WALLET_BRIDGE, endpoints.wallet(), EVENLY);
        channels = List.of(toSend, toGrab, toOpen, toQuery, toWallet);

        Channel sends =
                ClientInterceptors.intercept(callsOn(region, Party.SEND_SVC, toSend, calls), new OrderWatch(orders));
        send = new Stubs<>(
                SendServiceGrpc.newBlockingStub(sends),
                SendServiceGrpc.newStub(sends),
                SendServiceGrpc.newFutureStub(sends));
        Channel grabs = callsOn(region, Party.GRAB_SVC, toGrab, calls);
        grab = new Stubs<>(
                GrabServiceGrpc.newBlockingStub(grabs),
                GrabServiceGrpc.newStub(grabs),
                GrabServiceGrpc.newFutureStub(grabs));
        Channel opens = callsOn(region, Party.OPEN_SVC, toOpen, calls);
        open = new Stubs<>(
                OpenServiceGrpc.newBlockingStub(opens),
                OpenServiceGrpc.newStub(opens),
                OpenServiceGrpc.newFutureStub(opens));
        Channel queries = callsOn(region, Party.QUERY_SVC, toQuery, calls);
        query = new Stubs<>(
                QueryServiceGrpc.newBlockingStub(queries),
                QueryServiceGrpc.newStub(queries),
                QueryServiceGrpc.newFutureStub(queries));
        Channel wallets = callsOn(region, Party.WALLET_BRIDGE, toWallet, calls);
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

    private static Channel callsOn(int region, Party service, ManagedChannel channel, Calls calls) {
        var reachability = new Reachability(new SignOfLife(channel));
        return calls.on(channel, new ReachabilityGate(reachability, service.label() + " of region " + region));
    }

    /** How new orders fare here. */
    OrderCircuit orders() {
        return orders;
    }

    List<ManagedChannel> channels() {
        return channels;
    }
}
