package io.hongbao.client.region;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Asks for a service's health, which every service answers to everybody. What it says does not matter here: a service
 * that is not well refuses calls by itself, at once and with its reason.
 */
public final class SignOfLife implements Reachability.Probe {
    /** A connection across the country is made in a tenth of it. */
    private static final Duration TIME_MAX = Duration.ofSeconds(1);

    /** Bytes, since the answer is not read and the request, about the whole server, is empty. */
    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private static final MethodDescriptor<byte[], byte[]> CHECK = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodType.UNARY)
            .setFullMethodName("grpc.health.v1.Health/Check")
            .setRequestMarshaller(BYTES)
            .setResponseMarshaller(BYTES)
            .build();

    private final ManagedChannel channel;

    /** @param channel without a gate */
    public SignOfLife(ManagedChannel channel) {
        this.channel = channel;
    }

    @Override
    public void ask(Consumer<Boolean> answered) {
        // The pause between two probes is ours. Grpc's own pauses grow to two minutes, and would miss the return for as
        // long.
        channel.resetConnectBackoff();
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(TIME_MAX.toMillis(), TimeUnit.MILLISECONDS);
        ClientCalls.asyncUnaryCall(channel.newCall(CHECK, options), new byte[0], new StreamObserver<>() {
            @Override
            public void onNext(byte[] health) {}

            @Override
            public void onError(Throwable failure) {
                answered.accept(
                        switch (Status.fromThrowable(failure).getCode()) {
                            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED -> false;
                            default -> true;
                        });
            }

            @Override
            public void onCompleted() {
                answered.accept(true);
            }
        });
    }
}
