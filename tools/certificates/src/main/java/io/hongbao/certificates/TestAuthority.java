package io.hongbao.certificates;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A CA that lives in memory and vouches for whatever it is told: for tests and local stacks only. */
public final class TestAuthority {
    /** Longer than any local stack runs. */
    private static final Duration LIFE = Duration.ofDays(30);
    /** Clocks of one machine agree; certificates are valid a little earlier all the same. */
    private static final Duration SKEW = Duration.ofMinutes(5);

    private static final String CURVE = "secp256r1";
    private static final int SERIAL_BITS = 96;

    private final KeyPair keys;
    private final X509Certificate certificate;
    private final SecureRandom random = new SecureRandom();

    /** @param name told in the certificate, so that two CAs can be told apart */
    public TestAuthority(String name) {
        keys = newKeys();
        X500Principal self = new X500Principal("CN=" + name);
        Instant now = Instant.now();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                self, serial(), Date.from(now.minus(SKEW)), Date.from(now.plus(LIFE)), self, keys.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        } catch (CertIOException impossible) {
            throw new IllegalStateException(impossible);
        }
        certificate = sign(builder);
    }

    /** A certificate and its key, PEM. */
    public record Leaf(String certificatePem, String keyPem) {
        /** Writes them, and the roots to trust, under the names that Kubernetes gives them; each file changes at once. */
        public void write(Path folder, TestAuthority... trusted) throws IOException {
            Files.createDirectories(folder);
            var roots = new StringBuilder();
            for (TestAuthority root : trusted) {
                roots.append(root.certificatePem());
            }
            replace(folder.resolve("ca.crt"), roots.toString());
            replace(folder.resolve("tls.key"), keyPem);
            replace(folder.resolve("tls.crt"), certificatePem);
        }

        private static void replace(Path file, String text) throws IOException {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.deleteIfExists(next);
            Files.createFile(next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(next, text);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** A leaf for servers and clients on this machine, with these URIs as alternative names. */
    public Leaf issue(String... uris) {
        Instant now = Instant.now();
        return issue(now.minus(SKEW), now.plus(LIFE), uris);
    }

    /** A leaf that is valid between two moments. */
    public Leaf issue(Instant notBefore, Instant notAfter, String... uris) {
        KeyPair leaf = newKeys();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                certificate.getSubjectX500Principal(),
                serial(),
                Date.from(notBefore),
                Date.from(notAfter),
                new X500Principal("CN=hongbao"),
                leaf.getPublic());
        var names = new ArrayList<GeneralName>();
        for (String uri : uris) {
            names.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
        }
        names.addAll(List.of(
                new GeneralName(GeneralName.dNSName, "localhost"),
                new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
            }));
            builder.addExtension(
                    Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
        } catch (CertIOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return new Leaf(pem("CERTIFICATE", encoded(sign(builder))), pem("PRIVATE KEY", encoded(leaf.getPrivate())));
    }

    public String certificatePem() {
        return pem("CERTIFICATE", encoded(certificate));
    }

    private X509Certificate sign(X509v3CertificateBuilder builder) {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException("a certificate cannot be made", e);
        }
    }

    private BigInteger serial() {
        return new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE);
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("P-256 is part of every JDK", impossible);
        }
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] encoded(PrivateKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded == null) {
            throw new IllegalStateException("a key that cannot be written");
        }
        return encoded;
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n"
                .formatted(what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
    }
}
