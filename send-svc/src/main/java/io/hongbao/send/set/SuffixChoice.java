package io.hongbao.send.set;

import io.hongbao.control.ControlData.Mask;
import io.hongbao.core.set.SetMap;
import io.hongbao.core.set.SetMap.SetRange;
import io.hongbao.core.set.SuffixRange;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Picks where a new order goes. The SET is drawn for each order, in proportion to the databases that are active in it; the
 * suffix within the SET is drawn anew every {@link #STAY}, among all tables of its active databases alike. So what this pod
 * wraps at one time lies in one table of each SET, and a batch of orders costs its server one table and not thirty. What
 * operators have masked is passed over.
 */
public final class SuffixChoice {
    /**
     * How long new orders of a SET go to one table. Longer than the way from wrapping to publishing on a busy machine, so
     * that a batch of publications meets few tables, too; short enough for the tables of a day to grow alike.
     */
    static final Duration STAY = Duration.ofSeconds(1);

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
    private final LongSupplier nanoClock;
    private volatile Unmasked unmasked;
    private final Map<String, Stay> stays = new ConcurrentHashMap<>();

    /** What is left of the SETs' active databases under some masks. */
    private record Unmasked(SetMap sets, List<Mask> masks, Map<String, List<Integer>> databases) {}

    /** The suffix that a SET's new orders get until then, unless something changes before. */
    private record Stay(Unmasked under, int suffix, long endNanos) {}

    /**
     * @param sets which SET serves what now; the same map as long as nothing changes
     * @param masks what operators have masked, as it is known now; the same list as long as nothing changes
     * @param nanoClock monotonic, nanoseconds
     */
    public SuffixChoice(Supplier<SetMap> sets, SetHealth health, Supplier<List<Mask>> masks, LongSupplier nanoClock) {
        this.sets = sets;
        this.health = health;
        this.masks = masks;
        this.nanoClock = nanoClock;
        this.unmasked = under(sets.get(), masks.get());
    }

    /**
     * @param tried SETs not to pick
     * @return empty if no other SET is usable and takes orders
     */
    public Optional<Place> pick(Collection<String> tried, RandomGenerator random) {
        Unmasked now = unmasked();
        int databaseCount = 0;
        for (SetRange set : now.sets().sets()) {
            databaseCount +=
                    eligible(set, tried) ? of(now.databases(), set.name()).size() : 0;
        }
        if (databaseCount == 0) {
            return Optional.empty();
        }
        int left = random.nextInt(databaseCount);
        for (SetRange set : now.sets().sets()) {
            List<Integer> databases = of(now.databases(), set.name());
            if (!eligible(set, tried)) {
                continue;
            }
            if (left < databases.size()) {
                return Optional.of(new Place(set.name(), suffix(now, set.name(), databases, random)));
            }
            left -= databases.size();
        }
        // A SET failed between the two looks.
        return pick(tried, random);
    }

    /** An order was not taken there, whatever the cause: the SET's next orders go to another table of it, most likely. */
    public void leave(Place place) {
        stays.computeIfPresent(place.set(), (set, stay) -> stay.suffix() == place.suffix() ? null : stay);
    }

    private boolean eligible(SetRange set, Collection<String> tried) {
        return health.usable(set.name()) && !tried.contains(set.name());
    }

    private int suffix(Unmasked now, String set, List<Integer> databases, RandomGenerator random) {
        Stay stay = stays.get(set);
        long nowNanos = nanoClock.getAsLong();
        // Another thread may draw at the same time: then two tables get orders for a while.
        if (stay == null || stay.under() != now || nowNanos - stay.endNanos() >= 0) {
            int picked = random.nextInt(databases.size() * TABLES_PER_DATABASE);
            int suffix =
                    databases.get(picked / TABLES_PER_DATABASE) * TABLES_PER_DATABASE + picked % TABLES_PER_DATABASE;
            stay = new Stay(now, suffix, nowNanos + STAY.toNanos());
            stays.put(set, stay);
        }
        return stay.suffix();
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
