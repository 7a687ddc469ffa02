package io.hongbao.cli.packet;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.audit.OperatorAudit;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.SetLayout;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.set.SuffixRange;
import java.sql.Connection;
import java.sql.SQLException;

/** Freezes packets and lets them go on: {@code orders.freeze} and {@code orders.unfreeze} of their SET decide. */
public final class PacketFreeze {
    private PacketFreeze() {}

    /** @return done, done before, not open, or no packet */
    public static String freeze(StoreAddresses stores, long packetId, String actor, String reason) throws SQLException {
        OperatorAudit.write(stores.control(), actor, "packet.freeze", Long.toString(packetId), reason);
        try (Connection connection = setOf(stores, packetId).connect();
                var statement = connection.prepareStatement("select orders.freeze(?, ?)")) {
            statement.setLong(1, packetId);
            statement.setString(2, reason);
            try (var row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    /** @return done, done before, not open, or no packet */
    public static String unfreeze(StoreAddresses stores, long packetId, String actor, String reason)
            throws SQLException {
        OperatorAudit.write(stores.control(), actor, "packet.unfreeze", Long.toString(packetId), reason);
        try (Connection connection = setOf(stores, packetId).connect();
                var statement = connection.prepareStatement("select orders.unfreeze(?)")) {
            statement.setLong(1, packetId);
            try (var row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    /** The order store of a packet. */
    public static Database setOf(StoreAddresses stores, long packetId) {
        if (!PacketId.isWellFormed(packetId)) {
            throw new CommandFailure(packetId + " is no order number");
        }
        int database = new PacketId(packetId).database();
        return SetLayout.LOCAL.stream()
                .filter(set -> SuffixRange.parse(set.range()).contains(database))
                .map(set -> stores.sets().get(set.name()))
                .filter(set -> set != null)
                .findFirst()
                .orElseThrow(() -> new CommandFailure("no SET holds database " + database));
    }
}
