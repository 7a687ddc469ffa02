package io.hongbao.orders;

import java.util.Comparator;

/**
 * An order that awaits its payment; also a place in the list of such orders, which goes by due time and then by number.
 *
 * @param dueAtMicros when the payment is due, microseconds since 1970 by the database's clock
 * @param packetId the order number, or 0 in {@link #START}
 */
public record Awaiting(long dueAtMicros, long packetId) implements Comparable<Awaiting> {
    /** Before every order. */
    public static final Awaiting START = new Awaiting(0, 0);

    private static final Comparator<Awaiting> ORDER =
            Comparator.comparingLong(Awaiting::dueAtMicros).thenComparingLong(Awaiting::packetId);

    @Override
    public int compareTo(Awaiting other) {
        return ORDER.compare(this, other);
    }
}
