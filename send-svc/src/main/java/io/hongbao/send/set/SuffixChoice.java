package io.hongbao.send.set;

import io.hongbao.control.ControlData.Mask;
import io.hongbao.core.set.SetMap;
import io.hongbao.core.set.SetMap.SetRange;
import io.hongbao.core.set.SuffixRange;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Picks where a new order goes: uniformly among the tables of all active databases of the usable SETs, so that a SET gets
 * orders in proportion to what is active in it. What operators have masked is passed over.
 */
public final class SuffixChoice {
    private static final int TABLES_PER_DATABASE = 10;

    /**
     * A place for an order.
     *
     * @param suffix XXY
     */
    public record Place(String set, int suffix) {}

    private final Supplier<SetMap> sets;
    private final SetHealth health;
    private final Supplier<List<Mask>> masks;
    private volatile Unmasked unmasked;

    /** What is left of the SETs' active databases under some masks. */
    private record Unmasked(SetMap sets, List<Mask> masks, Map<String, List<Integer>> databases) {}

    /**
     * @param sets which SET serves what now; the same map as long as nothing changes
     * @param masks what operators have masked, as it is known now; the same list as long as nothing changes
     */
    public SuffixChoice(Supplier<SetMap> sets, SetHealth health, Supplier<List<Mask>> masks) {
        this.sets = sets;
        this.health = health;
        this.masks = masks;
        this.unmasked = under(sets.get(), masks.get());
    }

    /**
     * @param tried SETs not to pick
     * @return empty if no other SET is usable and takes orders
     */
    public Optional<Place> pick(Collection<String> tried, RandomGenerator random) {
        Unmasked now = unmasked();
        Map<String, List<Integer>> databases = now.databases();
        List<SetRange> eligible = now.sets().sets().stream()
                .filter(set -> health.usable(set.name()) && !tried.contains(set.name()))
                .toList();
        int databaseCount = eligible.stream()
                .mapToInt(set -> of(databases, set.name()).size())
                .sum();
        if (databaseCount == 0) {
            return Optional.empty();
        }
        int picked = random.nextInt(databaseCount * TABLES_PER_DATABASE);
        int index = picked / TABLES_PER_DATABASE;
        for (SetRange set : eligible) {
            List<Integer> left = of(databases, set.name());
            if (index < left.size()) {
                int suffix = left.get(index) * TABLES_PER_DATABASE + picked % TABLES_PER_DATABASE;
                return Optional.of(new Place(set.name(), suffix));
            }
            index -= left.size();
        }
        throw new IllegalStateException("the databases of the SETs changed while one was picked");
    }

    /** How many databases of a SET get new orders while it is usable. */
    public int databaseCount(String set) {
        return of(unmasked().databases(), set).size();
    }

    private Unmasked unmasked() {
        SetMap setsNow = sets.get();
        List<Mask> masksNow = masks.get();
        Unmasked known = unmasked;
        if (known.sets() != setsNow || !known.masks().equals(masksNow)) {
            known = under(setsNow, masksNow);
            unmasked = known;
        }
        return known;
    }

    private static Unmasked under(SetMap sets, List<Mask> now) {
        Set<String> maskedSets = now.stream().map(Mask::target).collect(Collectors.toSet());
        Set<Integer> maskedDatabases = now.stream()
                .map(Mask::target)
                .filter(SuffixRange::isWellFormed)
                .flatMap(range -> SuffixRange.parse(range).databases().stream())
                .collect(Collectors.toSet());
        var left = new HashMap<String, List<Integer>>();
        for (SetRange set : sets.sets()) {
            left.put(
                    set.name(),
                    maskedSets.contains(set.name())
                            ? List.of()
                            : set.active().databases().stream()
                                    .filter(database -> !maskedDatabases.contains(database))
                                    .toList());
        }
        return new Unmasked(sets, now, Map.copyOf(left));
    }

    private static List<Integer> of(Map<String, List<Integer>> databases, String set) {
        return databases.getOrDefault(set, List.of());
    }
}
