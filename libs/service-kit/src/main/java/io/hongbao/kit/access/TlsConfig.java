package io.hongbao.kit.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** {@code hongbao.tls.*}: one switch for the gRPC server and for every call to another service. */
@ConfigMapping(prefix = "hongbao.tls")
public interface TlsConfig {
    /** Whether all gRPC of this service is mutual TLS, and the table of allowed calls holds. */
    @WithDefault("false")
    boolean enabled();

    /** The folder with {@code tls.crt}, {@code tls.key} and {@code ca.crt}: a mounted secret. */
    @WithDefault("/etc/hongbao/tls")
    Path folder();

    /** Identities are {@code spiffe://<trust domain>/<party>}, unless {@link #identities()} says otherwise. */
    @WithDefault("hongbao")
    String trustDomain();

    /** SPIFFE ids by party, instead of those of the trust domain. */
    Map<String, List<String>> identities();

    /** How often the files are looked at. They are small; a certificate is renewed days before it ends. */
    @WithDefault("10s")
    Duration reloadInterval();
}
