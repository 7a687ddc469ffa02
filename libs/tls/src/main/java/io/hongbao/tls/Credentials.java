package io.hongbao.tls;

import io.grpc.util.CertificateUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;

/**
 * What the files held at one moment, checked: the key is that of the certificate, and the certificate is valid now.
 *
 * @param chain leaf first
 * @param digest of the bytes of all files: tells whether they have changed
 */
record Credentials(X509Certificate[] chain, PrivateKey key, X509Certificate[] roots, String digest) {
    /** Far more than a chain or a bundle of roots needs; whatever is larger is the wrong file. */
    static final int FILE_BYTES_MAX = 1 << 20;

    private static final byte[] PROBE =
            "is this the certificate's key?".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    /** The bytes of the files, before anything is made of them. */
    record Raw(byte[] certificate, byte[] key, byte[] roots) {
        static Raw read(TlsFiles files) throws UnusableCertificateException {
            return new Raw(bytes(files.certificate()), bytes(files.key()), bytes(files.roots()));
        }

        private static byte[] bytes(Path file) throws UnusableCertificateException {
            try {
                if (Files.size(file) > FILE_BYTES_MAX) {
                    throw new UnusableCertificateException(file + " is larger than a certificate is");
                }
                return Files.readAllBytes(file);
            } catch (IOException unreadable) {
                throw new UnusableCertificateException("cannot read " + file, unreadable);
            }
        }

        String digest() {
            try {
                MessageDigest sha = MessageDigest.getInstance("SHA-256");
                for (byte[] part : new byte[][] {certificate, key, roots}) {
                    sha.update((byte) (part.length >>> 16));
                    sha.update((byte) (part.length >>> 8));
                    sha.update((byte) part.length);
                    sha.update(part);
                }
                return java.util.HexFormat.of().formatHex(sha.digest());
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("SHA-256 is part of every JDK", impossible);
            }
        }
    }

    static Credentials of(Raw raw, TlsFiles files, Instant now) throws UnusableCertificateException {
        X509Certificate[] chain = certificates(raw.certificate(), files.certificate());
        X509Certificate[] roots = certificates(raw.roots(), files.roots());
        PrivateKey key;
        try {
            key = CertificateUtils.getPrivateKey(new ByteArrayInputStream(raw.key()));
        } catch (GeneralSecurityException | IOException | IllegalArgumentException unreadable) {
            // The cause may quote the key.
            throw new UnusableCertificateException(files.key() + " holds no PKCS #8 key, RSA or EC");
        }
        if (!belongTogether(chain[0].getPublicKey(), key)) {
            throw new UnusableCertificateException(files.key() + " is not the key of " + files.certificate());
        }
        try {
            chain[0].checkValidity(Date.from(now));
        } catch (CertificateExpiredException expired) {
            throw new UnusableCertificateException(files.certificate() + " expired at "
                    + chain[0].getNotAfter().toInstant());
        } catch (CertificateNotYetValidException early) {
            throw new UnusableCertificateException(files.certificate() + " is not valid before "
                    + chain[0].getNotBefore().toInstant());
        }
        return new Credentials(chain, key, roots, raw.digest());
    }

    private static X509Certificate[] certificates(byte[] pem, Path file) throws UnusableCertificateException {
        X509Certificate[] certificates;
        try {
            certificates = CertificateUtils.getX509Certificates(new ByteArrayInputStream(pem));
        } catch (GeneralSecurityException unreadable) {
            throw new UnusableCertificateException(file + " holds no certificate", unreadable);
        }
        if (certificates.length == 0) {
            throw new UnusableCertificateException(file + " holds no certificate");
        }
        return certificates;
    }

    private static boolean belongTogether(PublicKey publicKey, PrivateKey privateKey) {
        if (!publicKey.getAlgorithm().equals(privateKey.getAlgorithm())) {
            return false;
        }
        String algorithm = privateKey.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(privateKey);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException unusable) {
            return false;
        }
    }

    Instant expiresAt() {
        return chain[0].getNotAfter().toInstant();
    }
}
