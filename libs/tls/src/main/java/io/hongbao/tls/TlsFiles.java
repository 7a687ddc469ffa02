package io.hongbao.tls;

import java.nio.file.Path;

/**
 * Where a party's own certificate and the roots it trusts are; all PEM.
 *
 * @param certificate the chain, leaf first
 * @param key the leaf's private key, PKCS #8, RSA or EC
 * @param roots the CA certificates that vouch for everybody else; during a change of CA, the old and the new one
 */
public record TlsFiles(Path certificate, Path key, Path roots) {
    /** The names that cert-manager and Kubernetes give them in a mounted secret. */
    public static TlsFiles in(Path folder) {
        return new TlsFiles(folder.resolve("tls.crt"), folder.resolve("tls.key"), folder.resolve("ca.crt"));
    }
}
