package io.hongbao.cli.packet;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.control.Signature;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.cli.up.StackCommands;
import java.sql.SQLException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Stops a packet from giving money out, and lets it go on. */
@Command(
        name = "packet",
        description = "Freeze a packet, or let it go on. Every use is audited.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class PacketCommand extends StackCommands {
    public PacketCommand() {
        super("packet freeze PACKET --reason TEXT, or packet unfreeze");
    }

    @FunctionalInterface
    private interface Change {
        String of(StoreAddresses stores, long packetId, String actor, String reason) throws SQLException;
    }

    @Command(
            name = "freeze",
            description = "Nothing is opened out of the packet and nothing refunded from here on.",
            mixinStandardHelpOptions = true)
    int freeze(
            @Parameters(paramLabel = "PACKET", description = "Order number, 19 digits.") long packetId,
            @Mixin Signature signature) {
        return change(PacketFreeze::freeze, packetId, signature);
    }

    @Command(
            name = "unfreeze",
            description = "The packet goes on where it stood; if its time is over it expires.",
            mixinStandardHelpOptions = true)
    int unfreeze(
            @Parameters(paramLabel = "PACKET", description = "Order number, 19 digits.") long packetId,
            @Mixin Signature signature) {
        return change(PacketFreeze::unfreeze, packetId, signature);
    }

    private int change(Change change, long packetId, Signature signature) {
        StoreAddresses stores = region().stackOf(packetId).stores();
        try {
            String outcome = change.of(stores, packetId, signature.actor(), signature.reason());
            out().println(packetId + ": " + outcome);
            return outcome.startsWith("done") ? 0 : Hongbao.EXIT_FAILED;
        } catch (SQLException e) {
            throw new CommandFailure("cannot change the packet: " + e.getMessage(), e);
        }
    }
}
