package io.hongbao.cli.bench.load;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.hongbao.cli.bench.load.CallKind.Verdict;
import io.hongbao.cli.bench.load.LoadGenerator.Counts;
import io.hongbao.cli.bench.load.LoadGenerator.Run;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.ConfirmPaymentResponse;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.SendServiceGrpc;
import io.hongbao.v1.WalletServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Wraps packets and pays them, two calls each, over a few channels to each of the two services. Like {@link LoadGenerator}:
 * no stub, no executor, no deadline timer, and the next call begins where the last one ended, on its event loop.
 */
public final class SendGenerator implements AutoCloseable {
    private final List<ManagedChannel> send = new ArrayList<>();
    private final List<ManagedChannel> wallet = new ArrayList<>();
    private final ScheduledExecutorService pauses = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("pauses").factory());

    /** What is sent. Called by several threads. */
    public interface Packets {
        /** @param slot number of the loop that asks, from 0 */
        CreatePacketRequest wrap(int slot);

        ConfirmPaymentRequest pay(CreatePacketRequest request, CreatePacketResponse packet);

        Verdict judge(ConfirmPaymentResponse paid);
    }

    /** In plain text, addresses as {@code host:port}. */
    public SendGenerator(String sendAddress, String walletAddress, int channelCount) {
        for (int i = 0; i < channelCount; i++) {
            send.add(channel(sendAddress));
            wallet.add(channel(walletAddress));
        }
    }

    private static ManagedChannel channel(String address) {
        int colon = address.lastIndexOf(':');
        return NettyChannelBuilder.forAddress(
                        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))
                .usePlaintext()
                .directExecutor()
                .build();
    }

    /** Starts a closed loop; {@link Run#close} ends it. */
    public Run start(int inFlight, Packets packets) {
        return new Load(inFlight, packets);
    }

    @Override
    public void close() {
        send.forEach(ManagedChannel::shutdownNow);
        wallet.forEach(ManagedChannel::shutdownNow);
        pauses.shutdownNow();
    }

    private final class Load implements Run {
        private final Packets packets;
        private final Tally tally = new Tally();
        private final CountDownLatch ended;
        private volatile boolean stopping;

        Load(int inFlight, Packets packets) {
            this.packets = packets;
            this.ended = new CountDownLatch(inFlight);
            for (int i = 0; i < inFlight; i++) {
                new Slot(i).again();
            }
        }

        private final class Slot {
            private final int number;
            private long startNanos;

            Slot(int number) {
                this.number = number;
            }

            void again() {
                if (stopping) {
                    ended.countDown();
                    return;
                }
                startNanos = System.nanoTime();
                CreatePacketRequest request = packets.wrap(number);
                call(
                        send,
                        SendServiceGrpc.getCreatePacketMethod(),
                        request,
                        packet -> pay(packets.pay(request, packet)));
            }

            private void pay(ConfirmPaymentRequest request) {
                call(wallet, WalletServiceGrpc.getConfirmPaymentMethod(), request, paid -> {
                    tally.answered(startNanos, packets.judge(paid));
                    again();
                });
            }

            private <Q, A> void call(
                    List<ManagedChannel> channels, MethodDescriptor<Q, A> method, Q request, Consumer<A> then) {
                ClientCall<Q, A> call = channels.get(number % channels.size()).newCall(method, CallOptions.DEFAULT);
                call.start(new Answer<>(this, then), new Metadata());
                // One for the answer and one for its end, as the stubs of gRPC do.
                call.request(2);
                call.sendMessage(request);
                call.halfClose();
            }

            void failed(Status status, Metadata trailers) {
                tally.failed(new StatusRuntimeException(status, trailers));
                if (stopping || pauses.isShutdown()) {
                    ended.countDown();
                } else {
                    pauses.schedule(this::again, LoadGenerator.PAUSE_AFTER_FAILURE.toNanos(), TimeUnit.NANOSECONDS);
                }
            }
        }

        private static final class Answer<A> extends ClientCall.Listener<A> {
            private final Slot slot;
            private final Consumer<A> then;
            private @Nullable A answer;

            Answer(Slot slot, Consumer<A> then) {
                this.slot = slot;
                this.then = then;
            }

            @Override
            public void onMessage(A message) {
                answer = message;
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                A message = answer;
                if (status.isOk() && message != null) {
                    then.accept(message);
                } else {
                    slot.failed(status, trailers);
                }
            }
        }

        @Override
        public void begin() {
            tally.begin();
        }

        @Override
        public Counts end() {
            return tally.end();
        }

        @Override
        public void close() throws InterruptedException {
            stopping = true;
            ended.await(LoadGenerator.DRAIN_MAX.toNanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public long failedEver() {
            return tally.failedEver() + ended.getCount();
        }
    }
}
