package io.hongbao.client;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.hongbao.core.assertion.Asker;
import io.hongbao.core.assertion.AssertionSigner;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Tells the services who asks, under the signature of whoever has checked it:
 *
 * <pre>{@code
 * client.forPacket(id).open().blocking().withCallCredentials(AssertedUser.of(signer, asker)).open(request);
 * }</pre>
 *
 * The asker is to come from the user's session, not from the request: that the two agree is what the services check.
 */
public final class AssertedUser extends CallCredentials {
    private static final Metadata.Key<byte[]> HEADER =
            Metadata.Key.of(AssertionSigner.HEADER, Metadata.BINARY_BYTE_MARSHALLER);

    private final Supplier<byte[]> assertion;

    private AssertedUser(Supplier<byte[]> assertion) {
        this.assertion = assertion;
    }

    /** Signed anew for every call, so that a stub may be kept. */
    public static AssertedUser of(AssertionSigner signer, Asker asker) {
        return new AssertedUser(() -> signer.sign(asker));
    }

    /** Signed before, perhaps elsewhere. */
    public static AssertedUser of(byte[] assertion) {
        byte[] own = assertion.clone();
        return new AssertedUser(() -> own);
    }

    /** At once, in the caller's thread: a signature takes a microsecond. */
    @Override
    public void applyRequestMetadata(RequestInfo call, Executor elsewhere, MetadataApplier applier) {
        var headers = new Metadata();
        headers.put(HEADER, assertion.get());
        applier.apply(headers);
    }
}
