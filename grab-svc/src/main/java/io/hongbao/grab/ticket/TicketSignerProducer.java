package io.hongbao.grab.ticket;

import io.hongbao.core.ticket.TicketSigner;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.HexFormat;

/** Makes the signer from configuration, and refuses to start on an unusable one without telling the secret. */
@ApplicationScoped
public class TicketSignerProducer {
    @Produces
    @Singleton
    TicketSigner ticketSigner(TicketsConfig config) {
        var secrets = new HashMap<Integer, byte[]>();
        config.keys().forEach((id, hex) -> {
            try {
                secrets.put(id, HexFormat.of().parseHex(hex));
            } catch (IllegalArgumentException notHex) {
                throw new IllegalArgumentException("hongbao.tickets.keys.\"" + id + "\" is not hexadecimal");
            }
        });
        return new TicketSigner(config.signingKey(), secrets);
    }
}
