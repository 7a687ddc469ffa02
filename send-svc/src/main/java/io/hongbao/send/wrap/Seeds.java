package io.hongbao.send.wrap;

import io.hongbao.core.split.Seed;
import java.security.DrbgParameters;
import java.security.DrbgParameters.Capability;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/**
 * Makes the secret seeds. The default SecureRandom of Linux is one lock for the whole process; a DRBG of its own for each
 * thread is seeded by the system once and then asks nobody.
 */
final class Seeds {
    /** As strong as the seed is long. */
    private static final int STRENGTH_BITS = Seed.BYTES * Byte.SIZE;

    private static final ThreadLocal<SecureRandom> RANDOM = ThreadLocal.withInitial(Seeds::drbg);

    private Seeds() {}

    static Seed next() {
        byte[] bytes = new byte[Seed.BYTES];
        RANDOM.get().nextBytes(bytes);
        return new Seed(bytes);
    }

    private static SecureRandom drbg() {
        try {
            return SecureRandom.getInstance(
                    "DRBG", DrbgParameters.instantiation(STRENGTH_BITS, Capability.RESEED_ONLY, null));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("DRBG is part of every JDK", impossible);
        }
    }
}
