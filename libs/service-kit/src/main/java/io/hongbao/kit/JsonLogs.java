package io.hongbao.kit;

import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.util.logging.Handler;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.formatters.JsonFormatter;
import org.jboss.logmanager.handlers.ConsoleHandler;

/**
 * Turns the log on the console into one JSON object a line, by {@code hongbao.logs.json}: for machines that read logs. By
 * the log manager's own formatter, since the extension for it does not exist in this version of Quarkus. The few lines
 * before this, while the container starts, stay plain text.
 */
@ApplicationScoped
public class JsonLogs {
    private final boolean json;

    JsonLogs(@ConfigProperty(name = "hongbao.logs.json", defaultValue = "false") boolean json) {
        this.json = json;
    }

    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent startup) {
        if (json) {
            for (Handler handler : LogContext.getLogContext().getLogger("").getHandlers()) {
                turn(handler);
            }
        }
    }

    /** Handlers hold handlers: the first one keeps what was logged before the others were there. */
    static void turn(Handler handler) {
        if (handler instanceof ConsoleHandler console) {
            console.setFormatter(new JsonFormatter());
        } else if (handler instanceof ExtHandler outer) {
            for (Handler inner : outer.getHandlers()) {
                turn(inner);
            }
        }
    }
}
