package io.hongbao.cli.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.Terms;
import io.hongbao.core.split.Seed;
import io.hongbao.core.split.Split;
import io.hongbao.v1.Packet;
import io.hongbao.v1.Share;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FairnessProofTest {
    private static final Seed SEED = new Seed("an example of thirty-two bytes!!".getBytes());
    private static final Terms TERMS = new Terms(PacketKind.LUCKY, 8_888, 8, 20_000);

    @Test
    void shouldMatchAnHonestPacketInAnyOrderOfShares() {
        var proof = FairnessProof.of(packet().build(), shares(8).reversed());

        var matching = assertInstanceOf(FairnessProof.Matching.class, proof);
        assertEquals(8, matching.lines().size());
    }

    @Test
    void shouldMatchAPacketThatExpiredHalfOpened() {
        assertInstanceOf(FairnessProof.Matching.class, FairnessProof.of(packet().build(), shares(4)));
    }

    @Test
    void shouldFindASeedThatIsNotTheAnnouncedOne() {
        byte[] other = SEED.bytes();
        other[0]++;

        var proof =
                FairnessProof.of(packet().setSeed(ByteString.copyFrom(other)).build(), shares(8));

        var broken = assertInstanceOf(FairnessProof.Broken.class, proof);
        assertTrue(broken.differences().getFirst().contains("commitment"), broken.toString());
    }

    @Test
    void shouldFindAnAmountThatWasNotDrawn() {
        var shares = new ArrayList<>(shares(8));
        shares.set(
                2,
                shares.get(2).toBuilder()
                        .setAmountFen(shares.get(2).getAmountFen() + 1)
                        .build());

        var broken = assertInstanceOf(FairnessProof.Broken.class, FairnessProof.of(packet().build(), shares));

        assertTrue(broken.differences().getFirst().startsWith("share 3 has"), broken.toString());
    }

    @Test
    void shouldFindAMissingShare() {
        var shares = new ArrayList<>(shares(8));
        shares.remove(3);

        assertInstanceOf(FairnessProof.Broken.class, FairnessProof.of(packet().build(), shares));
    }

    @Test
    void shouldWaitForTheSeed() {
        assertInstanceOf(
                FairnessProof.NotRevealed.class,
                FairnessProof.of(packet().clearSeed().build(), shares(2)));
    }

    private static Packet.Builder packet() {
        return Packet.newBuilder()
                .setKindValue(TERMS.kind().code())
                .setTotalFen(TERMS.totalFen())
                .setShareCount(TERMS.shareCount())
                .setShareMaxFen(TERMS.shareMaxFen())
                .setSeedHash(ByteString.copyFrom(SEED.commitment()))
                .setSeed(ByteString.copyFrom(SEED.bytes()));
    }

    private static List<Share> shares(int count) {
        var shares = new ArrayList<Share>();
        long surplusFen = TERMS.totalFen();
        for (int sequence = 1; sequence <= count; sequence++) {
            long fen = Split.amountFen(TERMS, SEED, surplusFen, TERMS.shareCount() - sequence + 1);
            surplusFen -= fen;
            shares.add(Share.newBuilder()
                    .setSequence(sequence)
                    .setUserId("user-" + sequence)
                    .setAmountFen(fen)
                    .build());
        }
        return shares;
    }
}
