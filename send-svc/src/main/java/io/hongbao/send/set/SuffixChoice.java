package io.hongbao.send.set;

import io.hongbao.core.set.SetMap;
import io.hongbao.core.set.SetMap.SetRange;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Picks where a new order goes: uniformly among the tables of all active databases of the usable SETs, so that a SET gets
 * orders in proportion to what is active in it.
 */
public final class SuffixChoice {
    private static final int TABLES_PER_DATABASE = 10;

    /**
     * A place for an order.
     *
     * @param suffix XXY
     */
    public record Place(String set, int suffix) {}

    private final List<SetRange> sets;
    private final SetHealth health;

    public SuffixChoice(SetMap sets, SetHealth health) {
        this.sets = sets.sets();
        this.health = health;
    }

    /**
     * @param tried SETs not to pick
     * @return empty if no other SET is usable and takes orders
     */
    public Optional<Place> pick(Collection<String> tried, RandomGenerator random) {
        List<SetRange> eligible = sets.stream()
                .filter(set -> health.usable(set.name()) && !tried.contains(set.name()))
                .toList();
        int databaseCount = eligible.stream()
                .mapToInt(set -> set.active().databases().size())
                .sum();
        if (databaseCount == 0) {
            return Optional.empty();
        }
        int picked = random.nextInt(databaseCount * TABLES_PER_DATABASE);
        int index = picked / TABLES_PER_DATABASE;
        for (SetRange set : eligible) {
            List<Integer> databases = set.active().databases();
            if (index < databases.size()) {
                int suffix = databases.get(index) * TABLES_PER_DATABASE + picked % TABLES_PER_DATABASE;
                return Optional.of(new Place(set.name(), suffix));
            }
            index -= databases.size();
        }
        throw new IllegalStateException("the databases of the SETs changed while one was picked");
    }
}
