package io.hongbao.kit.access;

import io.hongbao.control.AuditEntry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Tells people of calls that were refused for who made them. */
public final class RefusedCalls {
    private static final Logger LOG = Logger.getLogger(RefusedCalls.class);

    /** Whoever tries doors must fill neither the log nor the chain: one in this time, and all of them in the counter. */
    private static final Duration TELL_EVERY = Duration.ofSeconds(1);

    private final Consumer<AuditEntry> audit;
    private final AtomicLong nextTellNanos = new AtomicLong(System.nanoTime());

    public RefusedCalls(Consumer<AuditEntry> audit) {
        this.audit = audit;
    }

    /**
     * Logs and audits the call, unless another one was told a moment ago.
     *
     * @param caller the party at the other end of the connection, or that it is not known
     * @param details no personal data: the chain cannot be cut
     */
    public void tell(String caller, String method, Map<String, String> details) {
        long now = System.nanoTime();
        long next = nextTellNanos.get();
        if (now - next >= 0 && nextTellNanos.compareAndSet(next, now + TELL_EVERY.toNanos())) {
            LOG.warnf("Call refused caller=%s method=%s details=%s", caller, method, details);
            audit.accept(AuditEntry.of(caller, "call.refused", method, details));
        }
    }
}
