package io.hongbao.control;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** The database {@code control} of this region. */
@ConfigMapping(prefix = "hongbao.control")
public interface ControlConfig {
    /** {@code postgresql://host:port/control}. Without it nothing is switched or masked, and audit entries are dropped. */
    Optional<String> url();

    Optional<String> username();

    Optional<String> password();

    /** A login that may do nothing but add audit entries; without it they are written with the login above. */
    Optional<String> auditUsername();

    Optional<String> auditPassword();

    /** Connections of one pod. Few: it reads once a second, and takes a block of order numbers now and then. */
    @WithDefault("2")
    int poolSize();

    /** After this a connection that is not there counts as refused. */
    @WithDefault("1s")
    Duration connectTimeout();

    /** How often switches and masks are read: an operator sees the effect within two of these. */
    @WithDefault("1s")
    Duration readEvery();

    /** After this a read has failed; the last good state stays. */
    @WithDefault("2s")
    Duration readTimeout();

    /** Audit entries that wait for the database, some hundred bytes each; further ones are dropped, counted and logged. */
    @WithDefault("10000")
    int auditQueueMax();
}
