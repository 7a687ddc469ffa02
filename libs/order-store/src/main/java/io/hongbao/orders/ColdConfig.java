package io.hongbao.orders;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** The cold store of this region, and when days move there. */
@ConfigMapping(prefix = "hongbao.cold")
public interface ColdConfig {
    /** {@code postgresql://host:port/database}. Without it no day moves, and none is looked for. */
    Optional<String> url();

    Optional<String> username();

    Optional<String> password();

    /** Connections of one pod. Few: cold packets are seldom asked for. */
    @WithDefault("4")
    int poolSize();

    /** After this a look-up has failed. */
    @WithDefault("2s")
    Duration statementTimeout();

    /** After this a connection that is not there counts as refused. */
    @WithDefault("1s")
    Duration connectTimeout();

    /** A day moves when it is more than this many days old: packets live for a day, and their money takes a moment. */
    @WithDefault("3")
    int afterDays();
}
