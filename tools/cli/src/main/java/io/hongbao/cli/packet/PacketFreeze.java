package io.hongbao.cli.packet;

import io.hongbao.cli.audit.OperatorAudit;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.StackSets;
import io.hongbao.cli.stack.StoreAddresses;
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
    public static Database setOf(StoreAddresses stores, long packetId) throws SQLException {
        StackSets sets = StackSets.read(stores);
        return sets.database(sets.setOf(packetId));
    }
}
