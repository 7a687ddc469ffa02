package io.hongbao.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who is who: SPIFFE ids and the parties they stand for. A party may have several ids, as while it moves from one
 * namespace to another; an id stands for one party.
 */
public final class Identities {
    private static final String SCHEME = "spiffe://";
    /** The type of a URI among the subject alternative names, RFC 5280. */
    private static final Integer URI_NAME = 6;

    private final Map<String, Party> partyById;

    private Identities(Map<String, Party> partyById) {
        this.partyById = Map.copyOf(partyById);
    }

    /**
     * @param idsByParty the SPIFFE ids of each party
     * @throws IllegalArgumentException if an id is no SPIFFE id, or stands for two parties
     */
    public static Identities of(Map<Party, ? extends Collection<String>> idsByParty) {
        var partyById = new HashMap<String, Party>();
        idsByParty.forEach((party, ids) -> ids.forEach(id -> {
            if (!id.startsWith(SCHEME) || id.length() == SCHEME.length()) {
                throw new IllegalArgumentException(
                        "the identity of " + party.label() + " is no " + SCHEME + " id: " + id);
            }
            Party other = partyById.put(id, party);
            if (other != null && other != party) {
                throw new IllegalArgumentException(id + " stands for both " + other.label() + " and " + party.label());
            }
        }));
        return new Identities(partyById);
    }

    /** {@code spiffe://<trust domain>/<label>} for every party. */
    public static Identities ofTrustDomain(String trustDomain) {
        return of(defaults(trustDomain));
    }

    /** The ids that {@link #ofTrustDomain} gives, to be replaced party by party. */
    public static Map<Party, List<String>> defaults(String trustDomain) {
        var ids = new EnumMap<Party, List<String>>(Party.class);
        for (Party party : Party.values()) {
            ids.put(party, List.of(SCHEME + trustDomain + "/" + party.label()));
        }
        return ids;
    }

    /** Whom a certificate stands for; nobody if its id is missing, unknown, or one of several. */
    public Optional<Party> partyOf(X509Certificate certificate) {
        return spiffeIdOf(certificate).map(partyById::get);
    }

    /** The SPIFFE id in a certificate. Only one URI may be there, as the SPIFFE standard says: two would be ambiguous. */
    public static Optional<String> spiffeIdOf(X509Certificate certificate) {
        Collection<List<?>> names;
        try {
            names = certificate.getSubjectAlternativeNames();
        } catch (CertificateParsingException unreadable) {
            return Optional.empty();
        }
        if (names == null) {
            return Optional.empty();
        }
        List<String> uris = names.stream()
                .filter(name -> URI_NAME.equals(name.get(0)))
                .map(name -> (String) name.get(1))
                .toList();
        return uris.size() == 1 && uris.getFirst().startsWith(SCHEME) ? Optional.of(uris.getFirst()) : Optional.empty();
    }
}
