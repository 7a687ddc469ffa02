package io.hongbao.grab.ticket;

import io.hongbao.control.Control;
import io.hongbao.control.Switch;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.OptionalInt;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Bounds the grabs that this pod answers to what operators say, and to nothing unless they say it. Thread-safe. */
public final class GrabBrake {
    private static final Setting NONE = new Setting(OptionalInt.empty(), new RateLimit(1, System::nanoTime));

    private final Supplier<OptionalInt> perSecond;
    private final LongSupplier nanoClock;
    private volatile Setting setting = NONE;

    private record Setting(OptionalInt perSecond, RateLimit limit) {}

    /**
     * @param perSecond as operators want it now
     * @param nanoClock monotonic
     */
    public GrabBrake(Supplier<OptionalInt> perSecond, LongSupplier nanoClock) {
        this.perSecond = perSecond;
        this.nanoClock = nanoClock;
    }

    /** Whether the next grab may pass. */
    public boolean lets() {
        OptionalInt wanted = perSecond.get();
        if (wanted.isEmpty()) {
            return true;
        }
        if (wanted.getAsInt() == 0) {
            return false;
        }
        Setting current = setting;
        if (!current.perSecond().equals(wanted)) {
            // Two threads may do it at once: one second's grabs pass twice, once.
            current = new Setting(wanted, new RateLimit(wanted.getAsInt(), nanoClock));
            setting = current;
        }
        return current.limit().tryTake();
    }

    /** Gives the service its one brake. */
    @ApplicationScoped
    static class Producer {
        @Produces
        @Singleton
        GrabBrake brake(Control control) {
            return new GrabBrake(() -> control.now().number(Switch.GRABS_PER_SECOND), System::nanoTime);
        }
    }
}
