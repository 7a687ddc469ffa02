package io.hongbao.cli.stack;

import io.hongbao.core.id.PacketId;
import java.util.Locale;
import java.util.Optional;

/** A region of the local stack. Its digit is the first of the order number. */
public enum Region {
    NORTH(PacketId.NORTH, 0),
    SOUTH(PacketId.SOUTH, 10);

    /** The region that keeps the user records of both. */
    public static final Region RECORDS_HOME = NORTH;

    private final int digit;
    private final int portOffset;

    Region(int digit, int portOffset) {
        this.digit = digit;
        this.portOffset = portOffset;
    }

    public int digit() {
        return digit;
    }

    /** Its ports begin here: ten further on for each region, which leaves the other one's alone. */
    int portBase(int base) {
        return base + portOffset;
    }

    /** As in folders, options and tables. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The region that a number begins with; empty if it is no order number. */
    public static Optional<Region> of(long packetId) {
        if (!PacketId.isWellFormed(packetId)) {
            return Optional.empty();
        }
        return ofDigit(new PacketId(packetId).region());
    }

    public static Optional<Region> ofDigit(int digit) {
        for (Region region : values()) {
            if (region.digit == digit) {
                return Optional.of(region);
            }
        }
        return Optional.empty();
    }
}
