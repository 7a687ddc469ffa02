package io.hongbao.cli.drill;

import java.util.Locale;

/** What a client of the load does. */
public enum Step {
    /** CreatePacket. Its SET is known by the answer only; errors count for the SET that they name. */
    WRAP,
    PAY,
    GRAB,
    OPEN;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
