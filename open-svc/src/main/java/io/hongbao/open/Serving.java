package io.hongbao.open;

import io.hongbao.kit.ServingMirror;
import io.hongbao.open.lane.Lanes;
import io.hongbao.v1.OpenServiceGrpc;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Tells load balancers whether this pod takes opens, and leaves nobody unanswered at shutdown: NOT_SERVING first, then
 * what is queued is done and what is new is sent to another pod.
 */
@ApplicationScoped
public class Serving {
    private static final Logger LOG = Logger.getLogger(Serving.class);

    /** Queues hold half a second of work; a store that hangs must not hold the shutdown for longer than this. */
    private static final Duration WAIT_MAX = Duration.ofSeconds(5);

    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    private final Lanes lanes;
    private final ServingMirror mirror;

    Serving(Lanes lanes, ServingMirror mirror) {
        this.lanes = lanes;
        this.mirror = mirror;
    }

    void begin(@Observes StartupEvent startup) {
        mirror.follow(OpenServiceGrpc.SERVICE_NAME);
    }

    void drain(@Observes @Priority(1) ShutdownEvent shutdown) throws InterruptedException {
        mirror.leave(OpenServiceGrpc.SERVICE_NAME);
        lanes.drain();
        long end = System.nanoTime() + WAIT_MAX.toNanos();
        while (lanes.waitingCount() > 0 && System.nanoTime() < end) {
            Thread.sleep(LOOK_EVERY);
        }
        LOG.infof("Drained waiting=%d", lanes.waitingCount());
    }
}
