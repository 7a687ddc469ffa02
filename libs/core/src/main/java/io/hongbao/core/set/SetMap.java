package io.hongbao.core.set;

import io.hongbao.core.id.PacketId;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which SET serves which logical databases, and which of them get new orders. Immutable. */
public final class SetMap {
    /**
     * One SET.
     *
     * @param name for instance {@code set-a}
     * @param range databases the SET serves; empty once all have moved away
     * @param active databases that get new orders; a part of {@code range}, may be empty while the SET drains
     */
    public record SetRange(String name, SuffixRange range, SuffixRange active) {
        public SetRange {
            if (!range.databases().containsAll(active.databases())) {
                throw new IllegalArgumentException(
                        "SET " + name + " has active databases outside its range: " + active.databases());
            }
        }
    }

    private final List<SetRange> sets;
    private final @Nullable SetRange[] byDatabase = new SetRange[PacketId.DATABASE_MAX + 1];

    /** @throws IllegalArgumentException if two SETs have one name or claim one database, or there is none */
    public SetMap(Collection<SetRange> sets) {
        if (sets.isEmpty()) {
            throw new IllegalArgumentException("no SET is configured");
        }
        this.sets = List.copyOf(sets);
        var names = new HashSet<String>();
        for (SetRange set : this.sets) {
            if (!names.add(set.name())) {
                throw new IllegalArgumentException("two SETs are named " + set.name());
            }
            for (int database : set.range().databases()) {
                SetRange other = byDatabase[database];
                if (other != null) {
                    throw new IllegalArgumentException(
                            "database " + database + " is claimed by " + other.name() + " and by " + set.name());
                }
                byDatabase[database] = set;
            }
        }
    }

    public List<SetRange> sets() {
        return sets;
    }

    /** The SET that serves an order; empty if its suffix is served nowhere. */
    public Optional<SetRange> of(PacketId id) {
        return Optional.ofNullable(byDatabase[id.database()]);
    }
}
