package io.hongbao.open;

import io.hongbao.open.lane.Lanes;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Leaves nobody unanswered at shutdown: what is queued is done, what is new is sent to another pod. */
@ApplicationScoped
public class Draining {
    private static final Logger LOG = Logger.getLogger(Draining.class);

    /** Queues hold half a second of work; a store that hangs must not hold the shutdown for longer than this. */
    private static final Duration WAIT_MAX = Duration.ofSeconds(5);

    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    private final Lanes lanes;

    Draining(Lanes lanes) {
        this.lanes = lanes;
    }

    void drain(@Observes @Priority(1) ShutdownEvent shutdown) throws InterruptedException {
        lanes.drain();
        long end = System.nanoTime() + WAIT_MAX.toNanos();
        while (lanes.waitingCount() > 0 && System.nanoTime() < end) {
            Thread.sleep(LOOK_EVERY);
        }
        LOG.infof("Drained waiting=%d", lanes.waitingCount());
    }
}
