package io.hongbao.core.set;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import io.hongbao.core.set.SetMap.SetRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which SET serves what while SETs join and databases move: the configuration's SETs, those added since, and the databases
 * that have a place of their own.
 *
 * @param map what is so
 * @param refused why some of what was added or moved is left out: whoever is told nonsense goes on with what he knows
 */
public record ServedSets(SetMap map, List<String> refused) {
    /**
     * A database that has moved, or is about to.
     *
     * @param servedBy the SET that serves it; empty if that is the one whose range has it
     * @param moving whether it gets no new orders, since it is about to be served by another SET
     */
    public record Place(int database, Optional<String> servedBy, boolean moving) {}

    public ServedSets {
        refused = List.copyOf(refused);
    }

    /**
     * @param configured at least one
     * @param added one that has come into the configuration since is not looked at
     * @throws IllegalArgumentException if the configuration contradicts itself
     */
    public static ServedSets of(List<SetRange> configured, List<SetRange> added, List<Place> places) {
        var refused = new ArrayList<String>();
        var sets = new ArrayList<>(configured);
        Map<Integer, String> claims = new HashMap<>();
        configured.forEach(set -> claim(claims, set));
        Set<String> configuredNames = configured.stream().map(SetRange::name).collect(toSet());
        for (SetRange set : added) {
            if (configuredNames.contains(set.name())) {
                continue;
            }
            Optional<Integer> taken =
                    set.range().databases().stream().filter(claims::containsKey).findFirst();
            if (taken.isPresent()) {
                refused.add("database %d is claimed by %s and by %s"
                        .formatted(taken.get(), claims.get(taken.get()), set.name()));
            } else {
                claim(claims, set);
                sets.add(set);
            }
        }
        return new ServedSets(new SetMap(placed(sets, places, refused)), refused);
    }

    private static void claim(Map<Integer, String> claims, SetRange set) {
        set.range().databases().forEach(database -> claims.put(database, set.name()));
    }

    private static List<SetRange> placed(List<SetRange> sets, List<Place> places, List<String> refused) {
        Set<String> names = sets.stream().map(SetRange::name).collect(toSet());
        Map<Integer, Place> byDatabase = places.stream()
                .filter(place -> isKnown(place, names, refused))
                .collect(toMap(Place::database, place -> place));
        if (byDatabase.isEmpty()) {
            return sets;
        }
        List<Integer> active = sets.stream()
                .flatMap(set -> set.active().databases().stream())
                .filter(database -> !isMoving(byDatabase.get(database)))
                .toList();
        return sets.stream().map(set -> placed(set, byDatabase, active)).toList();
    }

    private static SetRange placed(SetRange set, Map<Integer, Place> places, List<Integer> active) {
        List<Integer> range = Stream.concat(
                        set.range().databases().stream().filter(database -> !hasPlace(places.get(database))),
                        places.values().stream()
                                .filter(place -> place.servedBy().equals(Optional.of(set.name())))
                                .map(Place::database))
                .toList();
        return new SetRange(
                set.name(),
                new SuffixRange(range),
                new SuffixRange(active.stream().filter(range::contains).toList()));
    }

    private static boolean isKnown(Place place, Set<String> names, List<String> refused) {
        boolean known = place.servedBy().map(names::contains).orElse(true);
        if (!known) {
            refused.add("database %d has moved to %s, which is not known here"
                    .formatted(place.database(), place.servedBy().get()));
        }
        return known;
    }

    private static boolean hasPlace(@Nullable Place place) {
        return place != null && place.servedBy().isPresent();
    }

    private static boolean isMoving(@Nullable Place place) {
        return place != null && place.moving();
    }
}
