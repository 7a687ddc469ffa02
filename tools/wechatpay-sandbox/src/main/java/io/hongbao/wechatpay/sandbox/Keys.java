package io.hongbao.wechatpay.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Keys of one merchant and of the sandbox, made for one run. */
public final class Keys {
    public static final String PLATFORM_SERIAL = "PUB_KEY_ID_0000000000000000000000000000000001";
    public static final String MERCHANT_SERIAL = "5157F09EFDC096DE15EBE81A47057A7200000001";
    private static final int RSA_BITS = 2_048;
    private static final int TAG_BITS = 128;

    private final KeyPair merchant;
    private final KeyPair platform;
    private final String apiKey;

    private Keys(KeyPair merchant, KeyPair platform, String apiKey) {
        this.merchant = merchant;
        this.platform = platform;
        this.apiKey = apiKey;
    }

    public static Keys make() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(RSA_BITS);
            byte[] apiKey = new byte[16];
            new SecureRandom().nextBytes(apiKey);
            return new Keys(
                    generator.generateKeyPair(),
                    generator.generateKeyPair(),
                    HexFormat.of().formatHex(apiKey));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Where a merchant finds its keys. */
    public record KeyFiles(Path merchantKey, Path apiKey, Path platformKey) {}

    /** Writes what the merchant gets, for its owner's eyes only. */
    public KeyFiles write(Path folder) throws IOException {
        return new KeyFiles(
                write(folder.resolve("merchant-key.pem"), merchantKeyPem()),
                write(folder.resolve("api-key.txt"), apiKey),
                write(folder.resolve("platform-key.pem"), platformKeyPem()));
    }

    private static Path write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, text);
    }

    public String merchantKeyPem() {
        return pem("PRIVATE KEY", merchant.getPrivate().getEncoded());
    }

    public String platformKeyPem() {
        return pem("PUBLIC KEY", platform.getPublic().getEncoded());
    }

    /** 32 characters. */
    public String apiKey() {
        return apiKey;
    }

    PrivateKey platformKey() {
        return platform.getPrivate();
    }

    PrivateKey merchantKey() {
        return merchant.getPrivate();
    }

    static String sign(PrivateKey key, byte[] text) {
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update(text);
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean merchantSigned(byte[] text, String signatureText) {
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initVerify(merchant.getPublic());
            signature.update(text);
            return signature.verify(Base64.getDecoder().decode(signatureText));
        } catch (IllegalArgumentException | GeneralSecurityException noSignature) {
            return false;
        }
    }

    byte[] seal(String nonce, String associatedData, byte[] text) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(apiKey.getBytes(StandardCharsets.US_ASCII), "AES"),
                    new GCMParameterSpec(TAG_BITS, nonce.getBytes(StandardCharsets.US_ASCII)));
            cipher.updateAAD(associatedData.getBytes(StandardCharsets.US_ASCII));
            return cipher.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
                .formatted(what, Base64.getMimeEncoder().encodeToString(der), what);
    }
}
