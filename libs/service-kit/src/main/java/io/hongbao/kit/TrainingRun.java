package io.hongbao.kit;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Ends the service, in order, as soon as it has started: a run from which the JVM makes its cache of loaded classes. The
 * profile {@code training} switches it on and names stores that are not there, since a service starts without them.
 */
@ApplicationScoped
public class TrainingRun {
    private static final Logger LOG = Logger.getLogger(TrainingRun.class);

    private final boolean training;

    TrainingRun(@ConfigProperty(name = "hongbao.training", defaultValue = "false") boolean training) {
        this.training = training;
    }

    /** After everything else that begins with the service. */
    void started(@Observes @Priority(Interceptor.Priority.PLATFORM_AFTER) StartupEvent startup) {
        if (training) {
            LOG.info("Started for training, and ends");
            Quarkus.asyncExit();
        }
    }
}
