package io.hongbao.kit.access;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import io.hongbao.tls.Identities;
import io.hongbao.tls.Party;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Finds out once for each connection who is at its other end. */
public final class CallerFilter extends ServerTransportFilter {
    /** Absent: a stranger, though one with a certificate of a trusted root. */
    public static final Attributes.Key<Party> CALLER = Attributes.Key.create("hongbao-caller");

    private final Identities identities;

    CallerFilter(Identities identities) {
        this.identities = identities;
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        return partyOf(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION))
                .map(party -> attributes.toBuilder().set(CALLER, party).build())
                .orElse(attributes);
    }

    private Optional<Party> partyOf(SSLSession session) {
        try {
            return session.getPeerCertificates()[0] instanceof X509Certificate leaf
                    ? identities.partyOf(leaf)
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException noCertificate) {
            return Optional.empty();
        }
    }
}
