package io.hongbao.orders;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The SETs of this region, known at run time only: {@code hongbao.sets."set-a".url=…}. */
@ConfigMapping(prefix = "hongbao.sets")
public interface SetsConfig {
    /** By the SET's name. */
    @WithParentName
    Map<String, SetConfig> sets();

    /** One SET. */
    interface SetConfig {
        /** Logical databases it serves, for instance {@code 00-49}. */
        String range();

        /** Those of them that get new orders; all of the range by default, empty while the SET drains. */
        Optional<String> active();

        /**
         * {@code postgresql://host:port/database}: an address that follows the primary. Or several hosts,
         * {@code postgresql://host:port,host:port/database}: the one that acknowledges commits is found here.
         */
        String url();

        String username();

        Optional<String> password();

        /** Connections of one pod to this SET. Few: batches, not connections, carry the load. */
        @WithDefault("8")
        int poolSize();

        /** After this a statement's outcome counts as unknown. Longer than any healthy commit, shorter than a caller waits. */
        @WithDefault("2s")
        Duration statementTimeout();

        /** After this a connection that is not there counts as refused. */
        @WithDefault("1s")
        Duration connectTimeout();
    }
}
