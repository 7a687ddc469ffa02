package io.hongbao.control;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.util.function.IntSupplier;

/** Every meter of the control data, and the only place that names them. */
@Singleton
final class ControlMetrics {
    private static final String PREFIX = "hongbao.control.";

    private final MeterRegistry registry;
    private final Counter written;
    private final Counter dropped;

    ControlMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.written = Counter.builder(PREFIX + "audit.written")
                .description("Audit entries of this pod in the chain")
                .register(registry);
        this.dropped = Counter.builder(PREFIX + "audit.dropped")
                .description("Audit entries that were lost; any is an alarm")
                .register(registry);
    }

    void watch(Control control) {
        Gauge.builder(PREFIX + "age.seconds", control, watched -> watched.age().toMillis() / 1e3)
                .description("How old the state is that this pod goes by")
                .register(registry);
        Gauge.builder(
                        PREFIX + "changed.timestamp.seconds",
                        control,
                        watched -> watched.changedAt().toEpochMilli() / 1e3)
                .description("When this pod began to go by the state it goes by")
                .register(registry);
        Gauge.builder(
                        PREFIX + "masks",
                        control,
                        watched -> watched.now().masks().size())
                .description("SETs and ranges that get no new orders")
                .register(registry);
        for (Switch each : Switch.values()) {
            Gauge.builder(
                            PREFIX + "switched",
                            control,
                            watched -> watched.now().switches().containsKey(each) ? 1 : 0)
                    .description("Whether an operator has set the switch")
                    .tag("switch", each.label())
                    .register(registry);
        }
    }

    void watchAudit(IntSupplier queued) {
        Gauge.builder(PREFIX + "audit.queued", queued, IntSupplier::getAsInt)
                .description("Audit entries that wait for the database")
                .strongReference(true)
                .register(registry);
    }

    void auditWritten(int count) {
        written.increment(count);
    }

    void auditDropped(int count) {
        dropped.increment(count);
    }
}
