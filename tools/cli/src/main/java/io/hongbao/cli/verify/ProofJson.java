package io.hongbao.cli.verify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hongbao.cli.verify.FairnessProof.Line;
import io.hongbao.v1.Packet;
import java.util.HexFormat;
import java.util.List;

/** A proof as one JSON object. */
final class ProofJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ProofJson() {}

    static String of(Packet packet, FairnessProof proof) {
        ObjectNode object = JSON.createObjectNode()
                .put("packet_id", Long.toString(packet.getPacketId()))
                .put("revealed", !(proof instanceof FairnessProof.NotRevealed))
                .put("matches", proof instanceof FairnessProof.Matching)
                .put("seed", HexFormat.of().formatHex(packet.getSeed().toByteArray()))
                .put("seed_hash", HexFormat.of().formatHex(packet.getSeedHash().toByteArray()));
        List<Line> lines = List.of();
        List<String> differences = List.of();
        switch (proof) {
            case FairnessProof.NotRevealed notRevealed -> {}
            case FairnessProof.Matching matching -> lines = matching.lines();
            case FairnessProof.Broken broken -> {
                lines = broken.lines();
                differences = broken.differences();
            }
        }
        ArrayNode shares = object.putArray("shares");
        for (Line line : lines) {
            shares.addObject()
                    .put("sequence", line.sequence())
                    .put("user_id", line.userId())
                    .put("amount_fen", line.amountFen())
                    .put("recomputed_fen", line.recomputedFen());
        }
        ArrayNode list = object.putArray("differences");
        differences.forEach(list::add);
        return object.toString();
    }
}
