package io.hongbao.peers;

import io.hongbao.core.ticket.TicketSigner;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HexFormat;

/** Puts together the mode that is configured. */
@ApplicationScoped
public class Modes {
    /** Connections of the one writer behind Redis, and of the reads of packets. */
    private static final int WRITER_POOL_SIZE = 8;

    private final Opener opener;
    private final TicketSigner tickets;

    Modes(Vertx vertx, PeerConfig config, PeerConfig.Tickets keys) {
        var secrets = new HashMap<Integer, byte[]>();
        keys.keys().forEach((id, hex) -> secrets.put(id, HexFormat.of().parseHex(hex)));
        this.tickets = new TicketSigner(keys.signingKey(), secrets);
        this.opener = switch (config.mode()) {
            case SELECT_FOR_UPDATE -> new SelectForUpdate(new Orders(vertx, config, config.poolSize()));
            case OPTIMISTIC -> new Optimistic(new Orders(vertx, config, config.poolSize()));
            case CTE -> new OneStatement(new Orders(vertx, config, config.poolSize()));
            case REDIS_LUA -> redis(vertx, config);
        };
    }

    private static RedisLua redis(Vertx vertx, PeerConfig config) {
        var mode = new RedisLua(vertx, new Orders(vertx, config, WRITER_POOL_SIZE), config.redisUrl());
        mode.connect();
        return mode;
    }

    Opener opener() {
        return opener;
    }

    TicketSigner tickets() {
        return tickets;
    }
}
