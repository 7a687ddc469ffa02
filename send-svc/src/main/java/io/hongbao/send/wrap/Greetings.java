package io.hongbao.send.wrap;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.text.TextSeal;
import io.hongbao.kit.text.TextConfig;
import io.hongbao.kit.text.TextKeys;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/** Encrypts greetings on their way into the order store: a SET, its copies and the cold store never see one. */
@ApplicationScoped
public class Greetings {
    private static final Logger LOG = Logger.getLogger(Greetings.class);

    private final TextSeal seal;

    Greetings(TextConfig config) {
        this.seal = TextKeys.writing(config);
    }

    /** A missing key ends the start, not the first order. */
    void begin(@Observes StartupEvent started, TextConfig config) {
        if (!config.encrypted()) {
            LOG.warn("Greetings are stored as they are: hongbao.text.encrypted is false");
        }
    }

    /** What to store. A number that gets another suffix is another packet. */
    String stored(PacketId packetId, String greeting) {
        return seal.seal(packetId.value(), greeting);
    }
}
