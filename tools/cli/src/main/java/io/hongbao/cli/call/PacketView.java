package io.hongbao.cli.call;

import io.hongbao.v1.GetPacketRequest;
import io.hongbao.v1.ListSharesRequest;
import io.hongbao.v1.ListSharesResponse;
import io.hongbao.v1.Packet;
import io.hongbao.v1.Share;
import java.util.ArrayList;
import java.util.List;

/** A packet and all its shares, as query-svc tells them. */
public record PacketView(Packet packet, List<Share> shares) {
    /** The largest page there is: a packet has at most so many shares unless configured otherwise. */
    private static final int PAGE_SIZE = 500;

    public static PacketView of(Clients clients, long packetId) {
        Packet packet = clients.query()
                .getPacket(GetPacketRequest.newBuilder().setPacketId(packetId).build())
                .getPacket();
        var shares = new ArrayList<Share>();
        String token = "";
        do {
            ListSharesResponse page = clients.query()
                    .listShares(ListSharesRequest.newBuilder()
                            .setPacketId(packetId)
                            .setPageSize(PAGE_SIZE)
                            .setPageToken(token)
                            .build());
            shares.addAll(page.getSharesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return new PacketView(packet, List.copyOf(shares));
    }
}
