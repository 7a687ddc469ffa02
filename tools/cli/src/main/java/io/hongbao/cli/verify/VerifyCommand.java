package io.hongbao.cli.verify;

import io.hongbao.cli.Hongbao;
import io.hongbao.cli.call.CallCommand;
import io.hongbao.cli.call.Clients;
import io.hongbao.cli.call.PacketView;
import io.hongbao.cli.text.Table;
import io.hongbao.cli.text.Yuan;
import io.hongbao.cli.verify.FairnessProof.Line;
import java.util.HexFormat;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Recomputes a packet's amounts from its revealed seed. */
@Command(
        name = "verify",
        description = "Recompute every amount of a final packet from its revealed seed, and check the seed against the "
                + "hash that was published when the packet was sent. Exit code 1 if anything differs.",
        mixinStandardHelpOptions = true)
public final class VerifyCommand extends CallCommand {
    @Parameters(paramLabel = "PACKET", description = "Order number, 19 digits.")
    private long packetId;

    @Override
    protected long packet() {
        return packetId;
    }

    @Override
    protected int call(Clients clients) {
        PacketView view = PacketView.of(clients, packetId);
        FairnessProof proof = FairnessProof.of(view.packet(), view.shares());
        if (json()) {
            out().println(ProofJson.of(view.packet(), proof));
        } else {
            describe(view, proof);
        }
        return proof instanceof FairnessProof.Matching ? 0 : Hongbao.EXIT_FAILED;
    }

    private void describe(PacketView view, FairnessProof proof) {
        switch (proof) {
            case FairnessProof.NotRevealed notRevealed ->
                out().println("The seed is secret until the packet is finished or expired. Try again then.");
            case FairnessProof.Matching matching -> {
                out().print(table(matching.lines()));
                out().println("seed       "
                        + HexFormat.of().formatHex(view.packet().getSeed().toByteArray()));
                out().println("its hash   "
                        + HexFormat.of().formatHex(view.packet().getSeedHash().toByteArray())
                        + "  as published at the start");
                out().println("✓ every amount is what the seed draws");
            }
            case FairnessProof.Broken broken -> {
                out().print(table(broken.lines()));
                broken.differences().forEach(difference -> out().println("✗ " + difference));
            }
        }
        out().flush();
    }

    private static Table table(List<Line> lines) {
        var table = Table.indented("")
                .right("#")
                .left("user")
                .right("yuan")
                .right("recomputed")
                .left("");
        for (Line line : lines) {
            table.row(
                    line.sequence(),
                    line.userId(),
                    Yuan.of(line.amountFen()),
                    Yuan.of(line.recomputedFen()),
                    line.matches() ? "✓" : "✗");
        }
        return table;
    }
}
