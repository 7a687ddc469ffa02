package io.hongbao.query.packet;

import io.hongbao.core.text.TextSeal;
import io.hongbao.kit.text.TextConfig;
import io.hongbao.kit.text.TextKeys;
import io.hongbao.orders.PacketRow;
import io.hongbao.query.QueryMetrics;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/** Decrypts greetings for the answer; rows in memory and in the stores keep them as they are stored. */
@ApplicationScoped
public class Greetings {
    private static final Logger LOG = Logger.getLogger(Greetings.class);

    private final TextSeal seal;
    private final QueryMetrics metrics;

    Greetings(TextConfig config, QueryMetrics metrics) {
        this.seal = TextKeys.reading(config);
        this.metrics = metrics;
    }

    /** A missing key ends the start, not the first question. */
    void begin(@Observes StartupEvent started) {
        LOG.debug("The keys of greetings are there");
    }

    /** Without its greeting a packet is still worth showing: one that cannot be read is counted, and told as empty. */
    public String told(PacketRow row) {
        return seal.open(row.facts().id().value(), row.greeting()).orElseGet(() -> {
            metrics.greetingUnreadable();
            LOG.debugf("Greeting cannot be read packet_id=%s", row.facts().id());
            return "";
        });
    }
}
