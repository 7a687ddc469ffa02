package io.hongbao.cli.drill;

import io.hongbao.cli.call.Clients;
import io.hongbao.cli.stack.Region;
import io.hongbao.client.HongbaoClient;
import io.hongbao.client.region.RegionWeights;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.ConfirmPaymentResponse;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.GetPaymentStatusRequest;
import io.hongbao.v1.GetPaymentStatusResponse;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import java.util.Map;
import java.util.TreeMap;

/** As an access layer calls two regions: new orders by weight, everything else by the first digit of the number. */
final class RegionCalls implements LoadCalls, AutoCloseable {
    private final HongbaoClient client;

    RegionCalls(Map<Region, DrillStack> regions) {
        var builder = HongbaoClient.builder().deadline(Clients.DEADLINE);
        var weights = new TreeMap<Integer, Integer>();
        regions.forEach((region, stack) -> {
            builder.region(region.digit(), Clients.endpoints(stack.running().addresses()));
            weights.put(region.digit(), 1);
        });
        client = builder.weights(RegionWeights.of(weights)).build();
    }

    @Override
    public void deposit(DepositRequest request) {
        for (Region region : Region.values()) {
            client.region(region.digit()).wallet().blocking().deposit(request);
        }
    }

    @Override
    public CreatePacketResponse createPacket(CreatePacketRequest request) {
        return client.newOrders().createPacket(request);
    }

    @Override
    public ConfirmPaymentResponse confirmPayment(long packetId, ConfirmPaymentRequest request) {
        return client.forPacket(packetId).wallet().blocking().confirmPayment(request);
    }

    @Override
    public GetPaymentStatusResponse getPaymentStatus(GetPaymentStatusRequest request) {
        return client.forPacket(request.getPacketId()).send().blocking().getPaymentStatus(request);
    }

    @Override
    public GrabResponse grab(GrabRequest request) {
        return client.forPacket(request.getPacketId()).grab().blocking().grab(request);
    }

    @Override
    public OpenResponse open(OpenRequest request) {
        return client.forPacket(request.getPacketId()).open().blocking().open(request);
    }

    @Override
    public void close() {
        client.close();
    }
}
