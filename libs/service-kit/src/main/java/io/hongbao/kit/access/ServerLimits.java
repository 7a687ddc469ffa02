package io.hongbao.kit.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/**
 * {@code hongbao.server.*}: what one connection may ask of a server. The largest message is Quarkus' own setting,
 * {@code quarkus.grpc.server.max-inbound-message-size}.
 */
@ConfigMapping(prefix = "hongbao.server")
public interface ServerLimits {
    /** Bytes of a call's metadata. Trace context and an assertion are below 1 kB; what is larger is no caller of ours. */
    @WithDefault("8192")
    int metadataBytesMax();

    /** Calls in flight on one connection: four times what one access layer was measured with. */
    @WithDefault("4096")
    int concurrentCallsMax();

    /** Time for the TLS handshake and the HTTP/2 preface: a second is much; slower ones only hold a place. */
    @WithDefault("10s")
    Duration handshakeTimeMax();

    /** A connection without calls is closed after this. */
    @WithDefault("10m")
    Duration connectionIdleMax();

    /** A connection is renewed after this, so that its certificate is looked at again and new pods get their part. */
    @WithDefault("30m")
    Duration connectionAgeMax();

    /** Calls of a connection that is renewed may take this long to end: beyond every deadline. */
    @WithDefault("1m")
    Duration connectionAgeGrace();

    /** A client may ping a silent connection this often; ours pings every 10 s, and only while a call waits. */
    @WithDefault("5s")
    Duration pingIntervalMin();

    /** Calls a connection may reset in ten seconds: all that may be in flight, each given up after 3 s, half as many again. */
    @WithDefault("20000")
    int resetsPerTenSecondsMax();
}
