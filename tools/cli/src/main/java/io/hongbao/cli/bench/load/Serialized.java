package io.hongbao.cli.bench.load;

import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.InputStream;

/** Hands over requests that are serialised already. */
final class Serialized implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] request) {
        return new ByteArrayInputStream(request);
    }

    @Override
    public byte[] parse(InputStream stream) {
        throw new UnsupportedOperationException("requests are only sent");
    }
}
