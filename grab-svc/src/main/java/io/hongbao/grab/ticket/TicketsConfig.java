package io.hongbao.grab.ticket;

import io.smallrye.config.ConfigMapping;
import java.util.Map;

/** The keys tickets are signed with; open-svc has the same ones. */
@ConfigMapping(prefix = "hongbao.tickets")
public interface TicketsConfig {
    /** Which of the keys signs, 0 to 127. */
    int signingKey();

    /** Secrets by key id, hexadecimal, at least 16 bytes each. */
    Map<Integer, String> keys();
}
