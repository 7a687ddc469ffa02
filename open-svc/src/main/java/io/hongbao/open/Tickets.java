package io.hongbao.open;

import io.hongbao.core.ticket.TicketSigner;
import io.smallrye.config.ConfigMapping;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** The keys of grab tickets, the same as those of grab-svc. */
@ApplicationScoped
public class Tickets {
    /** {@code hongbao.tickets.*} */
    @ConfigMapping(prefix = "hongbao.tickets")
    interface Config {
        /** The key new tickets are signed with; here only checked to be known. */
        int signingKey();

        /** Secrets in hexadecimal, at least 16 bytes each, by key id. */
        Map<Integer, String> keys();
    }

    @Produces
    @Singleton
    TicketSigner signer(Config config) {
        var secrets = new HashMap<Integer, byte[]>();
        config.keys().forEach((id, hex) -> secrets.put(id, HexFormat.of().parseHex(hex)));
        return new TicketSigner(config.signingKey(), secrets);
    }
}
