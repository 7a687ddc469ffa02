package io.hongbao.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.hongbao.cli.call.PacketView;
import io.hongbao.cli.promise.LedgerRows.TransferRow;
import io.hongbao.cli.verify.FairnessProof;
import io.hongbao.v1.ExpirePacketRequest;
import io.hongbao.v1.GrabResult;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenResult;
import io.hongbao.v1.PacketState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

@OnRunningStack
class ExpiryTest {
    private static final Duration EXPIRY_MAX = Duration.ofSeconds(30);

    private final World world;

    ExpiryTest(World world) {
        this.world = world;
    }

    @Test
    void shouldRefundOnceWhatNobodyOpened() {
        // given a packet of which some is opened
        String sender = world.sender(1_000);
        long packetId = world.publish(
                world.lucky(sender, 1_000, 5).setTimeToLive(World.seconds(2)).build());
        OpenRequest opened = world.ticketed(packetId, world.fresh("user"));
        OpenRequest late = world.ticketed(packetId, world.fresh("user"));
        OpenResponse share = world.open(opened);

        // when it expires
        await("expiry").atMost(EXPIRY_MAX).until(() -> world.state(packetId) == PacketState.PACKET_STATE_EXPIRED);

        // then what is left goes back, in one transfer, however often the packet is closed
        for (int i = 0; i < 3; i++) {
            assertEquals(
                    1_000 - share.getAmountFen(),
                    world.clients()
                            .open()
                            .expirePacket(ExpirePacketRequest.newBuilder()
                                    .setPacketId(packetId)
                                    .build())
                            .getRefundFen());
        }
        world.awaitBalance(sender, 1_000 - share.getAmountFen());
        List<TransferRow> refunds = world.rows().ledger().transfers().stream()
                .filter(transfer -> transfer.id().equals("refund:" + packetId))
                .toList();
        assertEquals(1, refunds.size());
        // and a ticket from before helps nobody, while the share that was opened stays
        assertEquals(OpenResult.OPEN_RESULT_EXPIRED, world.open(late).getResult());
        assertEquals(share.getAmountFen(), world.open(opened).getAmountFen());
        assertEquals(
                GrabResult.GRAB_RESULT_EXPIRED,
                world.grab(packetId, world.fresh("user")).getResult());
        PacketView view = world.view(packetId);
        assertInstanceOf(FairnessProof.Matching.class, FairnessProof.of(view.packet(), view.shares()));
    }

    @Test
    void shouldNotCloseAPacketBeforeItsTime() {
        long packetId = world.publish(world.lucky(world.sender(100), 100, 1).build());

        PacketState state = world.clients()
                .open()
                .expirePacket(
                        ExpirePacketRequest.newBuilder().setPacketId(packetId).build())
                .getState();

        assertEquals(PacketState.PACKET_STATE_OPEN, state);
        assertEquals(100, world.grabAndOpen(packetId, world.fresh("user")).getAmountFen());
    }
}
