package io.hongbao.peers;

import io.smallrye.config.ConfigMapping;
import java.util.Map;

/** {@code hongbao.peer.*} */
@ConfigMapping(prefix = "hongbao.peer")
interface PeerConfig {
    Mode mode();

    int poolSize();

    /** {@code postgresql://host:port/orders} of the one SET. */
    String url();

    String username();

    String password();

    /** {@code redis://host:port}, for the mode that has one. */
    String redisUrl();

    /** How an open is decided and stored. */
    enum Mode {
        SELECT_FOR_UPDATE,
        OPTIMISTIC,
        CTE,
        REDIS_LUA
    }

    /** {@code hongbao.tickets.*} */
    @ConfigMapping(prefix = "hongbao.tickets")
    interface Tickets {
        int signingKey();

        Map<Integer, String> keys();
    }
}
