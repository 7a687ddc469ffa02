package io.hongbao.control;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What operators have switched, masked, added and moved, as it was read at one moment.
 *
 * @param switches values of those that are set; none for one that is normal
 * @param masks what gets no new orders
 * @param sets SETs that joined while everything ran
 * @param places databases that are not, or will not be, where the SETs' ranges say
 */
public record ControlData(
        Map<Switch, String> switches, List<Mask> masks, List<AddedSet> sets, List<MovedDatabase> places) {
    /** Nothing is switched, masked, added or moved. */
    public static final ControlData NORMAL = new ControlData(Map.of(), List.of(), List.of(), List.of());

    /**
     * Something that gets no new orders.
     *
     * @param target a SET's name, or logical databases as in a SET's range
     * @param draining whether it is meant for good
     */
    public record Mask(String target, boolean draining) {}

    /**
     * A SET that is not in the configuration.
     *
     * @param url without user and password
     * @param loginOf the SET of the configuration whose user, password and limits it uses
     * @param databases what it serves
     * @param active those of them that get new orders
     */
    public record AddedSet(String name, String url, String loginOf, List<Integer> databases, List<Integer> active) {
        public AddedSet {
            databases = List.copyOf(databases);
            active = List.copyOf(active);
        }
    }

    /**
     * A database that has a place of its own, or is on its way to one.
     *
     * @param servedBy the SET that serves it; empty if that is the one whose range has it
     * @param moving whether it gets no new orders, since it is about to be served by another SET
     */
    public record MovedDatabase(int database, Optional<String> servedBy, boolean moving) {}

    public ControlData {
        switches = Map.copyOf(switches);
        masks = List.copyOf(masks);
        sets = List.copyOf(sets);
        places = List.copyOf(places);
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
