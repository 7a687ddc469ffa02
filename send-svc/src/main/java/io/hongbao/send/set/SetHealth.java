package io.hongbao.send.set;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Which SETs get no new orders for now. A SET whose insert was not sent, or came to an unknown end, is passed over at
 * once; a probe brings it back as soon as it answers again, but not before a short pause, so that a SET which answers
 * probes and fails inserts costs one attempt per pause and not one per order. Thread-safe.
 */
public final class SetHealth {
    /** Long enough for a failure to cost little, short enough for a hiccup to be forgotten before anyone notices. */
    static final long PAUSE_NANOS = 1_000_000_000L;

    private final LongSupplier nanoClock;
    private final Supplier<List<String>> sets;
    /** When the pause of a SET that is passed over ends. */
    private final Map<String, Long> pauseEndNanos = new ConcurrentHashMap<>();

    /**
     * @param sets the SETs there are now
     * @param nanoClock monotonic, nanoseconds
     */
    public SetHealth(Supplier<List<String>> sets, LongSupplier nanoClock) {
        this.sets = sets;
        this.nanoClock = nanoClock;
    }

    public boolean usable(String set) {
        return !pauseEndNanos.containsKey(set);
    }

    /** @return whether it was usable until now */
    public boolean failed(String set) {
        return pauseEndNanos.put(set, nanoClock.getAsLong() + PAUSE_NANOS) == null;
    }

    /** A probe was answered. @return whether the SET is usable again through this */
    public boolean answered(String set) {
        Long end = pauseEndNanos.get(set);
        // Removed only if nobody reported another failure in between.
        return end != null && nanoClock.getAsLong() - end >= 0 && pauseEndNanos.remove(set, end);
    }

    /** Usable or not, by SET. */
    public Map<String, Boolean> all() {
        Map<String, Boolean> all = new LinkedHashMap<>();
        sets.get().forEach(set -> all.put(set, usable(set)));
        return all;
    }
}
