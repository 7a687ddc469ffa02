package io.hongbao.tls;

import java.util.Locale;
import java.util.Optional;

/** Who may take part in a call: the five services, the access layers that act for users, operators, and probes. */
public enum Party {
    SEND_SVC,
    GRAB_SVC,
    OPEN_SVC,
    QUERY_SVC,
    WALLET_BRIDGE,
    /** Whatever stands between the users and this back end, and has checked who they are. */
    ACCESS_LAYER,
    /** A person with grpcurl or the command line, or a job that stands in for one. */
    OPERATOR,
    /** Whatever only asks for health: the chart's test, monitors. */
    PROBE;

    /** Its name in settings, documents and default SPIFFE ids, for instance {@code send-svc}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The party with this label. */
    public static Optional<Party> ofLabel(String label) {
        for (Party party : values()) {
            if (party.label().equals(label)) {
                return Optional.of(party);
            }
        }
        return Optional.empty();
    }
}
