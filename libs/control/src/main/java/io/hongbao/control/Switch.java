package io.hongbao.control;

import java.util.Optional;
import java.util.stream.Stream;

/** What operators can turn down, mildest first; table {@code switch} explains each and knows its values. */
public enum Switch {
    /** {@code off}: this region refuses new orders. */
    NEW_ORDERS("new-orders"),
    /** {@code off}: lists and yearly totals are refused. */
    LISTS("lists"),
    /** Milliseconds that wallet-bridge pauses after each batch of events. */
    SETTLEMENT_PAUSE_MS("settlement-pause-ms"),
    /** Grabs a second that each grab-svc pod answers. */
    GRABS_PER_SECOND("grabs-per-second");

    /** The value of a switch that nobody has set. */
    public static final String NORMAL = "normal";
    /** The value of a switch that has no number. */
    public static final String OFF = "off";

    private final String label;

    Switch(String label) {
        this.label = label;
    }

    /** Its name in the database, on the command line and in metrics. */
    public String label() {
        return label;
    }

    /** Empty for one that a later version knows. */
    static Optional<Switch> of(String label) {
        return Stream.of(values()).filter(known -> known.label.equals(label)).findAny();
    }
}
