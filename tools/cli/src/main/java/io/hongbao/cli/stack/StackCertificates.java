package io.hongbao.cli.stack;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.hongbao.certificates.TestAuthority;
import io.hongbao.cli.CommandFailure;
import io.hongbao.tls.Identities;
import io.hongbao.tls.MutualTls;
import io.hongbao.tls.Party;
import io.hongbao.tls.TlsFiles;
import io.hongbao.tls.UnusableCertificateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The certificates of one stack, each party's in a folder of its own, under a CA whose key is forgotten once they are
 * written.
 *
 * @param folder has a folder for each party
 */
public record StackCertificates(Path folder) {
    /** The default of the services. */
    private static final String TRUST_DOMAIN = "hongbao";

    static StackCertificates make(Path folder) throws IOException {
        var authority = new TestAuthority("Hongbao local stack");
        for (Map.Entry<Party, List<String>> party :
                Identities.defaults(TRUST_DOMAIN).entrySet()) {
            authority
                    .issue(party.getValue().getFirst())
                    .write(folder.resolve(party.getKey().label()), authority);
        }
        return new StackCertificates(folder);
    }

    /** Where a service finds its own. */
    Path of(Service service) {
        return folder.resolve(service.module());
    }

    /** For whoever calls the services from outside, as this party. */
    public static MutualTls as(Party party, Path folder) {
        try {
            return MutualTls.load(TlsFiles.in(folder.resolve(party.label())), Identities.ofTrustDomain(TRUST_DOMAIN));
        } catch (UnusableCertificateException unusable) {
            throw new CommandFailure("the stack's certificates cannot be used: " + unusable.getMessage(), unusable);
        }
    }

    /** How to call one service of a stack as an operator: plain text, if it has no certificates. */
    static ChannelCredentials operator(Service service, Optional<Path> folder) {
        return folder.map(certificates -> as(Party.OPERATOR, certificates).channelCredentials(partyOf(service)))
                .orElseGet(InsecureChannelCredentials::create);
    }

    private static Party partyOf(Service service) {
        return Party.ofLabel(service.module()).orElseThrow();
    }
}
