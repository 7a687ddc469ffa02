package io.hongbao.kit.access;

import io.hongbao.tls.Identities;
import io.hongbao.tls.MutualTls;
import io.hongbao.tls.Party;
import io.hongbao.tls.TlsFiles;
import io.hongbao.tls.UnusableCertificateException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.runtime.GrpcServer;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** This service's side of mutual TLS, if it is switched on. What is wrong with it ends the start, with one sentence. */
@Singleton
@Unremovable
public class ServiceTls {
    private static final Logger LOG = Logger.getLogger(ServiceTls.class);

    private final Optional<MutualTls> mutual;

    ServiceTls(TlsConfig config, MeterRegistry registry) {
        mutual = config.enabled() ? Optional.of(load(config)) : Optional.empty();
        mutual.ifPresent(tls -> {
            registry.gauge(
                    "hongbao.tls.certificate.remaining.seconds",
                    tls,
                    in -> Duration.between(Instant.now(), in.expiresAt()).toSeconds());
            tls.reloadEvery(config.reloadInterval(), new Told(registry, tls));
        });
    }

    private static MutualTls load(TlsConfig config) {
        try {
            return MutualTls.load(TlsFiles.in(config.folder()), identities(config));
        } catch (UnusableCertificateException unusable) {
            throw new IllegalStateException("hongbao.tls.folder: " + unusable.getMessage(), unusable);
        }
    }

    private static Identities identities(TlsConfig config) {
        Map<Party, List<String>> ids = Identities.defaults(config.trustDomain());
        config.identities()
                .forEach((label, own) -> ids.put(
                        Party.ofLabel(label)
                                .orElseThrow(() -> new IllegalStateException(
                                        "hongbao.tls.identities: there is no party " + label)),
                        own));
        return Identities.of(ids);
    }

    /** Empty if TLS is off. */
    public Optional<MutualTls> mutual() {
        return mutual;
    }

    /** Quarkus logs a server that cannot listen, and goes on without one: a pod that nobody can call, and nobody misses. */
    void requireServer(@Observes StartupEvent started, GrpcServer server) {
        if (server.getPort() < 0) {
            throw new IllegalStateException("the gRPC server does not listen; the reason is in the log above");
        }
        mutual.ifPresent(tls -> LOG.infof("Mutual TLS is on certificateUntil=%s", tls.expiresAt()));
    }

    @PreDestroy
    void close() {
        mutual.ifPresent(MutualTls::close);
    }

    /** Logs and counts what the files are found to hold; the same trouble is logged once. */
    private static final class Told implements MutualTls.Listener {
        private static final String RELOADS = "hongbao.tls.reloads";

        private final MeterRegistry registry;
        private final MutualTls tls;
        private String lastTrouble = "";

        Told(MeterRegistry registry, MutualTls tls) {
            this.registry = registry;
            this.tls = tls;
        }

        @Override
        public void reloaded(MutualTls.Reload outcome) {
            lastTrouble = "";
            switch (outcome) {
                case UNCHANGED -> {}
                case CHANGED -> {
                    registry.counter(RELOADS, "outcome", "changed").increment();
                    LOG.infof("Certificates were read again certificateUntil=%s", tls.expiresAt());
                }
            }
        }

        @Override
        public void failed(UnusableCertificateException reason) {
            registry.counter(RELOADS, "outcome", "failed").increment();
            String trouble = String.valueOf(reason.getMessage());
            if (!trouble.equals(lastTrouble)) {
                lastTrouble = trouble;
                LOG.errorf("Certificates cannot be used, the old ones stay in force reason=%s", trouble);
            }
        }
    }
}
