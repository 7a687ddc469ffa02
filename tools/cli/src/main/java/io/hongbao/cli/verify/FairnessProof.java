package io.hongbao.cli.verify;

import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.Terms;
import io.hongbao.core.split.Seed;
import io.hongbao.core.split.Split;
import io.hongbao.v1.Packet;
import io.hongbao.v1.Share;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * What can be said about a packet's draw from the outside: the revealed seed is the one the sender was committed to, and
 * it gives exactly the amounts that were paid out.
 */
public sealed interface FairnessProof {
    /** The seed matches its commitment, and every amount is the one it draws. */
    record Matching(List<Line> lines) implements FairnessProof {}

    /**
     * The draw was tampered with, or is told wrongly.
     *
     * @param differences one sentence each, at least one
     */
    record Broken(List<Line> lines, List<String> differences) implements FairnessProof {}

    /** The packet is not final: its seed is secret still. */
    record NotRevealed() implements FairnessProof {}

    /**
     * One share and what the seed draws for it.
     *
     * @param recomputedFen 0 if nothing is left to draw from
     */
    record Line(int sequence, String userId, long amountFen, long recomputedFen) {
        public boolean matches() {
            return amountFen == recomputedFen;
        }
    }

    /** @param shares all shares of the packet, in any order */
    static FairnessProof of(Packet packet, List<Share> shares) {
        if (packet.getSeed().isEmpty()) {
            return new NotRevealed();
        }
        var differences = new ArrayList<String>();
        byte[] seedBytes = packet.getSeed().toByteArray();
        if (seedBytes.length != Seed.BYTES) {
            return new Broken(
                    List.of(), List.of("the revealed seed has " + seedBytes.length + " bytes, not " + Seed.BYTES));
        }
        var seed = new Seed(seedBytes);
        byte[] announced = packet.getSeedHash().toByteArray();
        if (!java.util.Arrays.equals(announced, seed.commitment())) {
            differences.add("the commitment of the revealed seed is "
                    + HexFormat.of().formatHex(seed.commitment()) + ", announced was "
                    + HexFormat.of().formatHex(announced));
        }
        Terms terms;
        try {
            terms = new Terms(
                    PacketKind.ofCode(packet.getKindValue()),
                    packet.getTotalFen(),
                    packet.getShareCount(),
                    packet.getShareMaxFen());
        } catch (IllegalArgumentException impossibleTerms) {
            return new Broken(List.of(), List.of("impossible terms: " + impossibleTerms.getMessage()));
        }
        var lines = new ArrayList<Line>();
        long surplusFen = terms.totalFen();
        int surplusCount = terms.shareCount();
        var inOrder = shares.stream()
                .sorted(Comparator.comparingInt(Share::getSequence))
                .toList();
        for (Share share : inOrder) {
            int sequence = terms.shareCount() - surplusCount + 1;
            if (share.getSequence() != sequence) {
                differences.add("share " + sequence + " is missing or doubled: found number " + share.getSequence());
                break;
            }
            if (surplusCount < 1 || surplusFen < surplusCount) {
                differences.add("share " + sequence + " was opened with nothing left for it");
                break;
            }
            long recomputedFen = Split.amountFen(terms, seed, surplusFen, surplusCount);
            var line = new Line(sequence, share.getUserId(), share.getAmountFen(), recomputedFen);
            lines.add(line);
            if (!line.matches()) {
                differences.add("share " + sequence + " has " + share.getAmountFen() + " fen, the seed draws "
                        + recomputedFen + " fen");
                break;
            }
            surplusFen -= recomputedFen;
            surplusCount--;
        }
        return differences.isEmpty()
                ? new Matching(List.copyOf(lines))
                : new Broken(List.copyOf(lines), List.copyOf(differences));
    }
}
