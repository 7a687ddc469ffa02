package io.hongbao.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.cli.call.PacketView;
import io.hongbao.cli.verify.FairnessProof;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.GetUserSummaryRequest;
import io.hongbao.v1.GetUserSummaryResponse;
import io.hongbao.v1.GrabResult;
import io.hongbao.v1.ListReceivedSharesRequest;
import io.hongbao.v1.ListSentPacketsRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenResult;
import io.hongbao.v1.Packet;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketState;
import io.hongbao.v1.Share;
import io.hongbao.v1.ShareState;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@OnRunningStack
class WholeFlowTest {
    private final World world;

    WholeFlowTest(World world) {
        this.world = world;
    }

    @Test
    void shouldBringALuckyPacketFromWalletToWallets() {
        // given
        String sender = world.sender(10_000);
        List<String> users =
                IntStream.range(0, 5).mapToObj(i -> world.fresh("user")).toList();

        // when
        long packetId = world.publish(world.lucky(sender, 1_000, 5).build());
        for (String user : users) {
            assertEquals(
                    OpenResult.OPEN_RESULT_OPENED,
                    world.grabAndOpen(packetId, user).getResult());
        }

        // then the money has moved, once
        PacketView view = world.view(packetId);
        assertEquals(
                1_000, view.shares().stream().mapToLong(Share::getAmountFen).sum());
        assertEquals(9_000, world.balanceFen(sender));
        for (Share share : view.shares()) {
            world.awaitBalance(share.getUserId(), share.getAmountFen());
        }
        await("shares marked")
                .atMost(World.SETTLE_MAX)
                .untilAsserted(() -> world.view(packetId)
                        .shares()
                        .forEach(share -> assertEquals(ShareState.SHARE_STATE_SETTLED, share.getState())));
        // and the packet is finished, with its best luck and its proof
        Packet packet = view.packet();
        assertEquals(PacketState.PACKET_STATE_FINISHED, packet.getState());
        Share best = view.shares().stream()
                .reduce((a, b) -> b.getAmountFen() > a.getAmountFen() ? b : a)
                .orElseThrow();
        assertEquals(best.getUserId(), packet.getBestLuckUserId());
        assertEquals(
                List.of(best), view.shares().stream().filter(Share::getBestLuck).toList());
        assertInstanceOf(FairnessProof.Matching.class, FairnessProof.of(packet, view.shares()));
    }

    @Test
    void shouldGiveEqualShares() {
        long packetId = world.publish(world.lucky(world.sender(900), 900, 3)
                .setKind(PacketKind.PACKET_KIND_EQUAL)
                .build());

        for (int i = 0; i < 3; i++) {
            assertEquals(300, world.grabAndOpen(packetId, world.fresh("user")).getAmountFen());
        }
    }

    @Test
    void shouldGiveAnExclusivePacketToItsReceiverOnly() {
        // given
        String receiver = world.fresh("user");
        long packetId = world.publish(world.lucky(world.sender(520), 520, 1)
                .setKind(PacketKind.PACKET_KIND_EXCLUSIVE)
                .setExclusiveUserId(receiver)
                .build());

        // when
        GrabResult stranger = world.grab(packetId, world.fresh("user")).getResult();
        OpenResponse opened = world.grabAndOpen(packetId, receiver);

        // then
        assertEquals(GrabResult.GRAB_RESULT_NOT_FOR_YOU, stranger);
        assertEquals(520, opened.getAmountFen());
    }

    @Test
    void shouldLetTheSenderOpenHisOwnPacket() {
        String sender = world.sender(100);
        long packetId = world.publish(world.lucky(sender, 100, 1).build());

        assertEquals(100, world.grabAndOpen(packetId, sender).getAmountFen());
        world.awaitBalance(sender, 100);
    }

    @Test
    void shouldReachEveryList() {
        // given
        String sender = world.sender(1_000);
        String receiver = world.fresh("user");
        long packetId = world.publish(world.lucky(sender, 600, 1).build());
        world.grabAndOpen(packetId, receiver);
        int year = new PacketId(packetId).date().getYear();

        // then the records follow, soon
        await("records").atMost(World.SETTLE_MAX).untilAsserted(() -> {
            var sent = world.clients()
                    .query()
                    .listSentPackets(ListSentPacketsRequest.newBuilder()
                            .setUserId(sender)
                            .build())
                    .getPacketsList();
            assertEquals(1, sent.size());
            assertEquals(packetId, sent.getFirst().getPacketId());
            assertEquals(PacketState.PACKET_STATE_FINISHED, sent.getFirst().getState());
            var received = world.clients()
                    .query()
                    .listReceivedShares(ListReceivedSharesRequest.newBuilder()
                            .setUserId(receiver)
                            .build())
                    .getSharesList();
            assertEquals(1, received.size());
            assertEquals(600, received.getFirst().getAmountFen());
            assertTrue(received.getFirst().getBestLuck());
            GetUserSummaryResponse summary = world.clients()
                    .query()
                    .getUserSummary(GetUserSummaryRequest.newBuilder()
                            .setUserId(receiver)
                            .setYear(year)
                            .build());
            assertEquals(600, summary.getReceivedFen());
            assertEquals(1, summary.getBestLuckCount());
        });
    }
}
