package io.hongbao.tls;

import io.grpc.ChannelCredentials;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettySslContextChannelCredentials;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.grpc.util.AdvancedTlsX509TrustManager.SslSocketAndEnginePeerVerifier;
import io.grpc.util.AdvancedTlsX509TrustManager.Verification;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * One party's side of mutual TLS. Servers ask every client for a certificate of a trusted root; clients check, besides
 * the root, that the server is the party they mean to call, by its SPIFFE id and not by its host name: pods have none.
 *
 * <p>The files are read again by {@link #reload()}, or by a thread of its own after {@link #reloadEvery}. New connections
 * begin with what was read last; files that cannot be used change nothing, so that a certificate caught half-written, or
 * spoilt, does not take down what works. Thread-safe.
 */
public final class MutualTls implements AutoCloseable {
    /** Only what every party here speaks: both sides are ours, and TLS 1.3 has no weak choice left to make. */
    private static final String PROTOCOL = "TLSv1.3";

    /** What a reload came to. */
    public enum Reload {
        UNCHANGED,
        CHANGED
    }

    /** Hears of every look at the files that {@link #reloadEvery} takes. */
    public interface Listener {
        void reloaded(Reload outcome);

        /** The files cannot be used; those read before stay in force. */
        void failed(UnusableCertificateException reason);
    }

    /** The contexts of one reading of the files. */
    private record Current(Credentials credentials, SslContext server, Map<Party, SslContext> clients) {}

    private final TlsFiles files;
    private final Identities identities;
    private volatile Current current;
    private final SslContext server = new ReloadingSslContext(() -> current().server());
    private final Map<Party, SslContext> clients = new EnumMap<>(Party.class);
    private final ScheduledExecutorService reloader = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tls-reload").daemon().factory());

    private MutualTls(TlsFiles files, Identities identities, Current current) {
        this.files = files;
        this.identities = identities;
        this.current = current;
        for (Party party : Party.values()) {
            clients.put(party, new ReloadingSslContext(() -> clientOf(current(), party)));
        }
    }

    /** @throws UnusableCertificateException if the files are missing, damaged, expired, or do not belong together */
    public static MutualTls load(TlsFiles files, Identities identities) throws UnusableCertificateException {
        Credentials credentials = Credentials.of(Credentials.Raw.read(files), files, Instant.now());
        return new MutualTls(files, identities, contexts(credentials, identities));
    }

    private Current current() {
        return current;
    }

    private static SslContext clientOf(Current contexts, Party party) {
        SslContext context = contexts.clients().get(party);
        if (context == null) {
            throw new IllegalStateException("no context for " + party);
        }
        return context;
    }

    /** Who is who. */
    public Identities identities() {
        return identities;
    }

    /** For a server: every client shows a certificate, or there is no connection. */
    public SslContext server() {
        return server;
    }

    /** For a channel to a service. */
    public SslContext client(Party service) {
        SslContext context = clients.get(service);
        if (context == null) {
            throw new IllegalStateException("no context for " + service);
        }
        return context;
    }

    /** The same, where a channel is made from credentials. */
    public ChannelCredentials channelCredentials(Party service) {
        return NettySslContextChannelCredentials.create(client(service));
    }

    /** When the certificate in force ends. */
    public Instant expiresAt() {
        return current.credentials().expiresAt();
    }

    /**
     * Reads the files again. Connections that exist go on with what they began with.
     *
     * @throws UnusableCertificateException if they cannot be used; nothing has changed then
     */
    public synchronized Reload reload() throws UnusableCertificateException {
        Credentials.Raw raw = Credentials.Raw.read(files);
        if (raw.digest().equals(current.credentials().digest())) {
            return Reload.UNCHANGED;
        }
        current = contexts(Credentials.of(raw, files, Instant.now()), identities);
        return Reload.CHANGED;
    }

    /** Reads the files again and again until {@link #close()}. Two looks a second cost nothing; files need no more. */
    public MutualTls reloadEvery(Duration interval, Listener listener) {
        reloader.scheduleWithFixedDelay(
                () -> {
                    try {
                        listener.reloaded(reload());
                    } catch (UnusableCertificateException unusable) {
                        listener.failed(unusable);
                    } catch (RuntimeException unexpected) {
                        // The schedule would end with it, and nobody would hear.
                        listener.failed(new UnusableCertificateException("the files cannot be read again", unexpected));
                    }
                },
                interval.toMillis(),
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
        return this;
    }

    @Override
    public void close() {
        reloader.shutdownNow();
    }

    private static Current contexts(Credentials credentials, Identities identities)
            throws UnusableCertificateException {
        try {
            SslContext server = GrpcSslContexts.configure(
                            SslContextBuilder.forServer(credentials.key(), credentials.chain()))
                    .trustManager(trust(credentials, new AnyPeer()))
                    .clientAuth(ClientAuth.REQUIRE)
                    .protocols(PROTOCOL)
                    .build();
            var clients = new EnumMap<Party, SslContext>(Party.class);
            for (Party party : Party.values()) {
                clients.put(
                        party,
                        GrpcSslContexts.configure(SslContextBuilder.forClient())
                                .keyManager(credentials.key(), credentials.chain())
                                .trustManager(trust(credentials, new OnlyPeer(identities, party)))
                                .protocols(PROTOCOL)
                                .build());
            }
            return new Current(credentials, server, Map.copyOf(clients));
        } catch (SSLException | IllegalArgumentException unusable) {
            throw new UnusableCertificateException("the certificate cannot be used for TLS", unusable);
        }
    }

    private static AdvancedTlsX509TrustManager trust(Credentials credentials, SslSocketAndEnginePeerVerifier peer)
            throws UnusableCertificateException {
        try {
            var trust = AdvancedTlsX509TrustManager.newBuilder()
                    .setVerification(Verification.CERTIFICATE_ONLY_VERIFICATION)
                    .setSslSocketAndEnginePeerVerifier(peer)
                    .build();
            trust.updateTrustCredentials(credentials.roots());
            return trust;
        } catch (IOException | GeneralSecurityException unusable) {
            throw new UnusableCertificateException("the roots cannot be used", unusable);
        }
    }

    /** Whoever has a trusted root: what he may call is decided call by call. */
    private static final class AnyPeer implements SslSocketAndEnginePeerVerifier {
        @Override
        public void verifyPeerCertificate(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void verifyPeerCertificate(X509Certificate[] chain, String authType, SSLEngine engine) {}
    }

    /** One party only. */
    private record OnlyPeer(Identities identities, Party party) implements SslSocketAndEnginePeerVerifier {
        @Override
        public void verifyPeerCertificate(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            check(chain[0]);
        }

        @Override
        public void verifyPeerCertificate(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            check(chain[0]);
        }

        private void check(X509Certificate certificate) throws CertificateException {
            if (identities.partyOf(certificate).filter(party::equals).isEmpty()) {
                throw new CertificateException("the server is not " + party.label() + " but "
                        + Identities.spiffeIdOf(certificate).orElse("a stranger"));
            }
        }
    }
}
