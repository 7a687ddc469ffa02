package io.hongbao.wallet.wechat.api;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The keys of one merchant: ours to sign, WeChat Pay's to verify, the shared one to unseal. Algorithms: WeChat Pay API v3. */
public final class WeChatPayKeys {
    private static final String SIGNATURE = "SHA256withRSA";
    private static final String SEAL = "AES/GCM/NoPadding";
    private static final int API_KEY_BYTES = 32;
    private static final int TAG_BITS = 128;

    private final PrivateKey merchantKey;
    private final SecretKeySpec apiKey;
    private final Map<String, PublicKey> platformKeys;

    public WeChatPayKeys(PrivateKey merchantKey, byte[] apiKey, Map<String, PublicKey> platformKeys) {
        if (apiKey.length != API_KEY_BYTES) {
            throw new IllegalArgumentException("the API v3 key must be " + API_KEY_BYTES + " bytes");
        }
        if (platformKeys.isEmpty()) {
            throw new IllegalArgumentException("at least one key of WeChat Pay is needed");
        }
        this.merchantKey = merchantKey;
        this.apiKey = new SecretKeySpec(apiKey, "AES");
        this.platformKeys = Map.copyOf(platformKeys);
    }

    /** @throws IllegalArgumentException if a file is missing or holds something else */
    public static WeChatPayKeys read(Path merchantKeyFile, Path apiKeyFile, Map<String, Path> platformKeyFiles) {
        var platformKeys = new HashMap<String, PublicKey>();
        platformKeyFiles.forEach((serial, file) -> platformKeys.put(serial, publicKey(file)));
        try {
            return new WeChatPayKeys(
                    KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der(text(merchantKeyFile)))),
                    text(apiKeyFile).strip().getBytes(StandardCharsets.US_ASCII),
                    platformKeys);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("no PKCS #8 key in " + merchantKeyFile, e);
        }
    }

    private static PublicKey publicKey(Path file) {
        String pem = text(file);
        try {
            return pem.contains("BEGIN CERTIFICATE")
                    ? CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                            .getPublicKey()
                    : KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der(pem)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("no public key or certificate in " + file, e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file, e);
        }
    }

    private static byte[] der(String pem) {
        return Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    }

    /** @return Base64 of the merchant's signature over the text */
    public String sign(String text) {
        try {
            Signature signature = Signature.getInstance(SIGNATURE);
            signature.initSign(merchantKey);
            signature.update(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the merchant's key does not sign", e);
        }
    }

    public boolean knows(String serial) {
        return platformKeys.containsKey(serial);
    }

    /** Any serial number that we know: WeChat Pay is told which of its keys to answer with. */
    public String anySerial() {
        return platformKeys.keySet().stream().sorted().toList().getFirst();
    }

    /** Whether WeChat Pay signed time, nonce and these very bytes with the key of this serial number. */
    public boolean verifies(String serial, String timestamp, String nonce, byte[] body, String signatureText) {
        @Nullable PublicKey key = platformKeys.get(serial);
        if (key == null) {
            return false;
        }
        try {
            Signature signature = Signature.getInstance(SIGNATURE);
            signature.initVerify(key);
            signature.update((timestamp + "\n" + nonce + "\n").getBytes(StandardCharsets.UTF_8));
            signature.update(body);
            signature.update((byte) '\n');
            return signature.verify(Base64.getDecoder().decode(signatureText));
        } catch (IllegalArgumentException | GeneralSecurityException noSignature) {
            return false;
        }
    }

    /**
     * Opens what AEAD_AES_256_GCM sealed.
     *
     * @throws AEADBadTagException if it was tampered with or sealed with another key
     * @throws GeneralSecurityException if it cannot be a sealed text
     */
    public byte[] unseal(byte[] nonce, byte[] associatedData, byte[] sealed) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(SEAL);
        cipher.init(Cipher.DECRYPT_MODE, apiKey, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(associatedData);
        return cipher.doFinal(sealed);
    }
}
