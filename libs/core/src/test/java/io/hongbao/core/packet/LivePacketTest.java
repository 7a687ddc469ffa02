package io.hongbao.core.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.Decision.Opened;
import io.hongbao.core.packet.Decision.Refused;
import io.hongbao.core.packet.Decision.Replayed;
import io.hongbao.core.packet.Decision.Wait;
import io.hongbao.core.packet.LivePacket.Facts;
import io.hongbao.core.packet.PacketState.AwaitingPayment;
import io.hongbao.core.packet.PacketState.Closed;
import io.hongbao.core.packet.PacketState.Expired;
import io.hongbao.core.packet.PacketState.Finished;
import io.hongbao.core.packet.PacketState.Open;
import io.hongbao.core.split.Seed;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

class LivePacketTest {
    private static final PacketId ID = PacketId.of(PacketId.NORTH, 2518, 0, 1, 0);
    private static final Seed SEED = new Seed(new byte[Seed.BYTES]);
    private static final Terms EQUAL = new Terms(PacketKind.EQUAL, 300, 3, 20_000);
    private static final Terms LUCKY = new Terms(PacketKind.LUCKY, 300, 3, 20_000);
    private static final Terms EXCLUSIVE = new Terms(PacketKind.EXCLUSIVE, 300, 1, 20_000);
    private static final Share ALICES = new Share("alice", 1, 100, 1_000_000);
    private static final Share BOBS = new Share("bob", 2, 100, 1_000_001);
    private static final Share CAROLS = new Share("carol", 3, 100, 1_000_002);

    private static LivePacket packet(Terms terms, PacketState state, Collection<Share> shares) {
        String exclusiveUserId = terms.kind() == PacketKind.EXCLUSIVE ? "alice" : "";
        return new LivePacket(new Facts(ID, terms, SEED, "sender", "group", exclusiveUserId), state, 5, shares);
    }

    private static LivePacket fresh() {
        return packet(EQUAL, new Open(300, 3), List.of());
    }

    @Test
    void shouldOpenTheFirstShare() {
        assertEquals(new Opened(1, 100), fresh().open("alice", "group"));
    }

    @Test
    void shouldDrawALuckyShareAsTheSplitSays() {
        LivePacket packet = packet(LUCKY, new Open(300, 3), List.of());

        Decision decision = packet.open("alice", "group");

        assertEquals(new Opened(1, 1 + SEED.uniform(1, 199)), decision);
    }

    @Test
    void shouldCountDownWithinABatch() {
        LivePacket packet = fresh();

        packet.open("alice", "group");
        packet.open("bob", "group");

        assertEquals(new Open(100, 1), packet.state());
    }

    @Test
    void shouldLetTheSenderOpenInAGroup() {
        assertEquals(new Opened(1, 100), fresh().open("sender", "group"));
    }

    @Test
    void shouldMakeASecondOpenWaitForTheCommitOfTheFirst() {
        LivePacket packet = fresh();
        packet.open("alice", "group");

        Decision second = packet.open("alice", "group");

        assertEquals(Wait.FOR_COMMIT, second);
    }

    @Test
    void shouldDecideNothingForAnOpenThatWaits() {
        LivePacket packet = fresh();
        packet.open("alice", "group");

        packet.open("alice", "group");

        assertEquals(new Open(200, 2), packet.state());
    }

    @Test
    void shouldReplayACommittedShare() {
        LivePacket packet = fresh();
        packet.open("alice", "group");
        packet.remember(ALICES);

        Decision second = packet.open("alice", "group");

        assertEquals(new Replayed(ALICES), second);
    }

    @Test
    void shouldReplayAShareItWasLoadedWith() {
        LivePacket packet = packet(EQUAL, new Open(200, 2), List.of(ALICES));

        assertEquals(new Replayed(ALICES), packet.open("alice", "group"));
    }

    @Test
    void shouldReplayInAFinishedPacket() {
        LivePacket packet = packet(EQUAL, new Finished(), List.of(ALICES, BOBS, CAROLS));

        assertEquals(new Replayed(BOBS), packet.open("bob", "group"));
    }

    @Test
    void shouldReplayInAnExpiredPacket() {
        LivePacket packet = packet(EQUAL, new Expired(200), List.of(ALICES));

        assertEquals(new Replayed(ALICES), packet.open("alice", "group"));
    }

    @Test
    void shouldRefuseWhenSoldOut() {
        LivePacket packet = packet(EQUAL, new Finished(), List.of(ALICES, BOBS, CAROLS));

        assertEquals(Refused.SOLD_OUT, packet.open("dave", "group"));
    }

    @Test
    void shouldRefuseTheOneAfterTheLastShareOfABatch() {
        LivePacket packet = packet(EQUAL, new Open(100, 1), List.of(ALICES, BOBS));
        packet.open("carol", "group");

        assertEquals(Refused.SOLD_OUT, packet.open("dave", "group"));
    }

    @Test
    void shouldRefuseWhenExpired() {
        LivePacket packet = packet(EQUAL, new Expired(300), List.of());

        assertEquals(Refused.EXPIRED, packet.open("alice", "group"));
    }

    @Test
    void shouldRefuseWhenNotPaid() {
        LivePacket packet = packet(EQUAL, new AwaitingPayment(), List.of());

        assertEquals(Refused.NOT_PAID, packet.open("alice", "group"));
    }

    @Test
    void shouldRefuseWhenClosedUnpaid() {
        LivePacket packet = packet(EQUAL, new Closed(), List.of());

        assertEquals(Refused.CLOSED, packet.open("alice", "group"));
    }

    @Test
    void shouldRefuseAStranger() {
        assertEquals(Refused.NOT_IN_GROUP, fresh().open("alice", "other group"));
    }

    @Test
    void shouldRefuseEverybodyButTheNamedReceiver() {
        LivePacket packet = packet(EXCLUSIVE, new Open(300, 1), List.of());

        assertEquals(Refused.NOT_FOR_YOU, packet.open("bob", "group"));
    }

    @Test
    void shouldOpenAnExclusivePacketForItsReceiver() {
        LivePacket packet = packet(EXCLUSIVE, new Open(300, 1), List.of());

        assertEquals(new Opened(1, 300), packet.open("alice", "group"));
    }

    @Test
    void shouldChangeNothingByARefusal() {
        LivePacket packet = fresh();

        packet.open("alice", "other group");

        assertEquals(new Open(300, 3), packet.state());
    }

    @Test
    void shouldRefundWhatIsLeft() {
        LivePacket packet = packet(EQUAL, new Open(200, 2), List.of(ALICES));

        boolean decided = packet.expire();

        assertTrue(decided);
        assertEquals(new Expired(200), packet.state());
    }

    @Test
    void shouldRefundOnce() {
        LivePacket packet = fresh();
        packet.expire();

        assertFalse(packet.expire());
    }

    @Test
    void shouldRefuseAnOpenBehindTheRefund() {
        LivePacket packet = fresh();
        packet.expire();

        assertEquals(Refused.EXPIRED, packet.open("alice", "group"));
    }

    @Test
    void shouldNotRefundAFinishedPacket() {
        LivePacket packet = packet(EQUAL, new Finished(), List.of(ALICES, BOBS, CAROLS));

        assertFalse(packet.expire());
    }

    @Test
    void shouldNotRefundAnUnpaidPacket() {
        LivePacket packet = packet(EQUAL, new AwaitingPayment(), List.of());

        assertFalse(packet.expire());
    }

    @Test
    void shouldCountCommits() {
        LivePacket packet = fresh();

        packet.committed();

        assertEquals(6, packet.version());
    }

    @Test
    void shouldNotShowAShareBeforeItsCommit() {
        LivePacket packet = fresh();
        packet.open("alice", "group");

        assertNull(packet.shareOf("alice"));
    }

    @Test
    void shouldShowAShareAfterItsCommit() {
        LivePacket packet = fresh();
        packet.open("alice", "group");
        packet.remember(ALICES);

        assertEquals(ALICES, packet.shareOf("alice"));
    }

    @Test
    void shouldHaveNoBestLuckBeforeTheFirstShare() {
        assertNull(fresh().best());
    }

    @Test
    void shouldTakeTheLargestShareForTheBestLuck() {
        Share large = new Share("bob", 2, 150, 0);
        LivePacket packet = packet(LUCKY, new Finished(), List.of(ALICES, large, new Share("carol", 3, 50, 0)));

        assertEquals(large, packet.best());
    }

    @Test
    void shouldTakeTheEarliestOfEqualSharesWhateverTheOrderOfLoading() {
        LivePacket packet = packet(EQUAL, new Finished(), List.of(CAROLS, ALICES, BOBS));

        assertEquals(ALICES, packet.best());
    }

    @Test
    void shouldFindAConservedPacketConserved() {
        assertTrue(fresh().conserved());
        assertTrue(packet(EQUAL, new AwaitingPayment(), List.of()).conserved());
        assertTrue(packet(EQUAL, new Closed(), List.of()).conserved());
        assertTrue(packet(EQUAL, new Open(200, 2), List.of(ALICES)).conserved());
        assertTrue(packet(EQUAL, new Finished(), List.of(ALICES, BOBS, CAROLS)).conserved());
        assertTrue(packet(EQUAL, new Expired(200), List.of(ALICES)).conserved());
    }

    @Test
    void shouldFindARowEditedByHand() {
        assertFalse(packet(EQUAL, new AwaitingPayment(), List.of(ALICES)).conserved());
        assertFalse(packet(EQUAL, new Closed(), List.of(ALICES)).conserved());
        assertFalse(packet(EQUAL, new Open(201, 2), List.of(ALICES)).conserved());
        assertFalse(packet(EQUAL, new Open(200, 1), List.of(ALICES)).conserved());
        assertFalse(packet(EQUAL, new Finished(), List.of(ALICES, BOBS)).conserved());
        assertFalse(packet(EQUAL, new Expired(199), List.of(ALICES)).conserved());
    }

    @Test
    void shouldRefuseAnExclusivePacketOpenToAll() {
        assertThrows(IllegalArgumentException.class, () -> new Facts(ID, EXCLUSIVE, SEED, "sender", "group", ""));
    }

    @Test
    void shouldRefuseANamedReceiverOfAnotherKind() {
        assertThrows(IllegalArgumentException.class, () -> new Facts(ID, EQUAL, SEED, "sender", "group", "alice"));
    }

    @Test
    void shouldNameNobodyInALog() {
        String shown = fresh().facts() + " " + ALICES;

        assertFalse(shown.contains("sender") || shown.contains("alice"));
    }
}
