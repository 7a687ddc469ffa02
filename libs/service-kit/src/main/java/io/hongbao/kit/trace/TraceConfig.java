package io.hongbao.kit.trace;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;

/** Where spans go, if they do. */
@ConfigMapping(prefix = "hongbao.traces")
public interface TraceConfig {
    /** Off, a call costs one look at a boolean. */
    @WithDefault("false")
    boolean enabled();

    /** An OpenTelemetry collector, OTLP over HTTP. */
    @WithDefault("http://127.0.0.1:4318/v1/traces")
    URI endpoint();

    /** Part of the packets that are traced, 0 to 1. What a caller traces is traced besides. */
    @WithDefault("0.01")
    double ratio();

    /** Spans that wait for the collector; further ones are dropped. Some seconds of a busy pod at the default ratio. */
    @WithDefault("8192")
    int queueMax();
}
