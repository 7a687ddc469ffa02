package io.hongbao.cli.call;

import static java.util.stream.Collectors.joining;

import io.hongbao.cli.text.Table;
import io.hongbao.cli.text.Yuan;
import io.hongbao.v1.Packet;
import io.hongbao.v1.Share;
import io.hongbao.v1.ShareState;
import java.util.HexFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows a packet and its shares. */
@Command(name = "show", description = "Show a packet and who got what.", mixinStandardHelpOptions = true)
public final class ShowCommand extends CallCommand {
    @Parameters(paramLabel = "PACKET", description = "Order number, 19 digits.")
    private long packetId;

    @Override
    protected long packet() {
        return packetId;
    }

    @Override
    protected int call(Clients clients) {
        PacketView view = PacketView.of(clients, packetId);
        if (json()) {
            out().println("{\"packet\":" + toJson(view.packet()) + ",\"shares\":["
                    + view.shares().stream().map(CallCommand::toJson).collect(joining(",")) + "]}");
        } else {
            out().print(describe(view));
            out().flush();
        }
        return 0;
    }

    static String describe(PacketView view) {
        Packet packet = view.packet();
        var facts = Table.indented("").left("").left("");
        facts.row("packet", packet.getPacketId());
        facts.row(
                "holds",
                "%s yuan, %d shares, %s"
                        .formatted(Yuan.of(packet.getTotalFen()), packet.getShareCount(), Words.of(packet.getKind())));
        facts.row("from", packet.getSenderId() + " to " + receivers(packet));
        if (!packet.getGreeting().isEmpty()) {
            facts.row("greeting", packet.getGreeting());
        }
        facts.row("state", Words.of(packet.getState()));
        facts.row("left", "%s yuan, %d shares".formatted(Yuan.of(packet.getSurplusFen()), packet.getSurplusCount()));
        if (packet.getRefundFen() > 0) {
            facts.row("refunded", Yuan.of(packet.getRefundFen()) + " yuan");
        }
        facts.row("published", Words.of(packet.getPublishedAt()));
        facts.row("expires", Words.of(packet.getExpiresAt()));
        if (!packet.getBestLuckUserId().isEmpty()) {
            facts.row("best luck", packet.getBestLuckUserId());
        }
        facts.row("seed hash", HexFormat.of().formatHex(packet.getSeedHash().toByteArray()));
        facts.row(
                "seed",
                packet.getSeed().isEmpty()
                        ? "secret until the packet is final"
                        : HexFormat.of().formatHex(packet.getSeed().toByteArray()));
        if (view.shares().isEmpty()) {
            return facts.toString();
        }
        var shares = Table.indented("")
                .right("#")
                .left("user")
                .right("yuan")
                .left("opened")
                .left("money")
                .left("");
        for (Share share : view.shares()) {
            shares.row(
                    share.getSequence(),
                    share.getUserId(),
                    Yuan.of(share.getAmountFen()),
                    Words.of(share.getOpenedAt()),
                    share.getState() == ShareState.SHARE_STATE_SETTLED ? "in the wallet" : "on its way",
                    share.getBestLuck() ? "★ best luck" : "");
        }
        return facts + "\n" + shares;
    }

    private static String receivers(Packet packet) {
        return packet.getExclusiveUserId().isEmpty()
                ? "group " + packet.getGroupId()
                : packet.getExclusiveUserId() + " in group " + packet.getGroupId();
    }
}
