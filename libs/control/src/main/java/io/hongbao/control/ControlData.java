package io.hongbao.control;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What operators have switched and masked, as it was read at one moment.
 *
 * @param switches values of those that are set; none for one that is normal
 * @param masks what gets no new orders
 */
public record ControlData(Map<Switch, String> switches, List<Mask> masks) {
    /** Nothing is switched, nothing is masked. */
    public static final ControlData NORMAL = new ControlData(Map.of(), List.of());

    /**
     * Something that gets no new orders.
     *
     * @param target a SET's name, or logical databases as in a SET's range
     * @param draining whether it is meant for good
     */
    public record Mask(String target, boolean draining) {}

    public ControlData {
        switches = Map.copyOf(switches);
        masks = List.copyOf(masks);
    }

    public boolean isOff(Switch which) {
        return Switch.OFF.equals(switches.get(which));
    }

    /** The number a switch is set to; empty if it is normal. */
    public OptionalInt number(Switch which) {
        String value = switches.get(which);
        // The database admits digits only; text would be from a later version, and is no number.
        return value == null || !value.chars().allMatch(Character::isDigit)
                ? OptionalInt.empty()
                : OptionalInt.of(Integer.parseInt(value));
    }
}
