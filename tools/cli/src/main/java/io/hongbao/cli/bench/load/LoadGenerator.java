package io.hongbao.cli.bench.load;

import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Calls one server over a few channels. A call costs no more than gRPC itself does: no stub, no executor, no deadline
 * timer, and the next call of a closed loop begins where the last one ended, on its channel's event loop.
 */
public final class LoadGenerator implements AutoCloseable {
    /** A call that failed is followed after this, as a caller who backs off does; a server that is away is not hammered. */
    static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(5);
    /** Longer than any deadline in the services: whoever has not answered by then never will. */
    static final Duration DRAIN_MAX = Duration.ofSeconds(20);
    /** Calls that an overloaded server may owe under constant arrival before more are dropped: bounds our own memory. */
    private static final long OWED_MAX = 200_000;
    /** Event loops end in a moment; nobody waits for them. */
    private static final Duration SHUTDOWN_MAX = Duration.ofSeconds(1);
    /**
     * Arrivals wait at least this long, and then make all that is due: what they are late by counts as latency, and is
     * small beside it. Shorter waits cost more CPU than the calls themselves.
     */
    private static final long WAIT_NANOS = 250_000;

    private final List<Channel> channels = new ArrayList<>();
    private final ScheduledExecutorService pauses = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("pauses").factory());

    /** In plain text. @param address {@code host:port} */
    public LoadGenerator(String address, int channelCount) {
        this(address, channelCount, InsecureChannelCredentials.create());
    }

    /** @param address {@code host:port} */
    public LoadGenerator(String address, int channelCount, ChannelCredentials credentials) {
        int colon = address.lastIndexOf(':');
        for (int i = 0; i < channelCount; i++) {
            var loop = new NioEventLoopGroup(1, new DefaultThreadFactory("load", true));
            channels.add(new Channel(
                    NettyChannelBuilder.forAddress(
                                    address.substring(0, colon),
                                    Integer.parseInt(address.substring(colon + 1)),
                                    credentials)
                            .eventLoopGroup(loop)
                            .channelType(NioSocketChannel.class)
                            .directExecutor()
                            .build(),
                    loop));
        }
    }

    /**
     * A connection and the one thread that serves it. Calls are made on that thread: from elsewhere, each part of a call
     * wakes it and is written alone.
     */
    private record Channel(ManagedChannel channel, NioEventLoopGroup loop) {
        void close() {
            channel.shutdownNow();
            loop.shutdownGracefully(0, SHUTDOWN_MAX.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /**
     * What came back while it was measured.
     *
     * @param done calls that did what was asked
     * @param refused calls with another result that is no error
     * @param errors calls that failed, by reason
     * @param dropped calls that constant arrival could not make, since too many were owed
     */
    public record Counts(
            Duration time, long done, long refused, Map<String, Long> errors, long dropped, Histogram latencyNanos) {
        public long failed() {
            return errors.values().stream().mapToLong(Long::longValue).sum();
        }

        public double perSecond() {
            return done / (time.toNanos() / 1e9);
        }

        public double refusedPerSecond() {
            return refused / (time.toNanos() / 1e9);
        }

        /** @param percentile 0 to 100 */
        public double latencyMillis(double percentile) {
            return latencyNanos.getValueAtPercentile(percentile) / 1e6;
        }
    }

    /** Starts to call; {@link Run#close} ends it. */
    public <Q, A> Run start(CallKind<Q, A> kind, Pace pace) {
        var run = new Load<>(kind, pace);
        run.start();
        return run;
    }

    @Override
    public void close() {
        channels.forEach(Channel::close);
        pauses.shutdownNow();
    }

    /** Calls under way. */
    public interface Run extends AutoCloseable {
        /** Begins to count. */
        void begin();

        /** What was counted since {@link #begin}. */
        Counts end();

        /** Makes no more calls and waits for the answers to those made. */
        @Override
        void close() throws InterruptedException;

        /** Calls that failed since the start, counted or not: their outcome may be unknown. */
        long failedEver();
    }

    private final class Load<Q, A> implements Run {
        private final CallKind<Q, A> kind;
        private final MethodDescriptor<Q, A> method;
        private final Pace pace;
        private final List<Lane> lanes;
        private final AtomicLong owed = new AtomicLong();
        private final LongAdder dropped = new LongAdder();
        private final CountDownLatch ended;
        private volatile boolean stopping;

        Load(CallKind<Q, A> kind, Pace pace) {
            this.kind = kind;
            this.method = kind.method();
            this.pace = pace;
            this.lanes = channels.stream()
                    .map(channel -> new Lane(channel, new Tally()))
                    .toList();
            this.ended = new CountDownLatch(
                    switch (pace) {
                        case Pace.ClosedLoop loop -> loop.inFlight();
                        case Pace.ConstantRate rate -> 1;
                    });
        }

        /** One channel, which one event loop serves: what is counted here is hardly ever contended. */
        private record Lane(Channel channel, Tally tally) {}

        void start() {
            switch (pace) {
                case Pace.ClosedLoop loop -> {
                    for (int i = 0; i < loop.inFlight(); i++) {
                        new Call(lanes.get(i % lanes.size()), true).again();
                    }
                }
                case Pace.ConstantRate rate ->
                    Thread.ofPlatform().daemon().name("arrivals").start(() -> arrive(rate));
            }
        }

        private void arrive(Pace.ConstantRate rate) {
            long firstNanos = System.nanoTime();
            long made = 0;
            while (!stopping) {
                long due = rate.dueCount(System.nanoTime() - firstNanos);
                long count = Math.clamp(OWED_MAX - owed.get(), 0, due - made);
                dropped.add(due - made - count);
                owed.addAndGet(count);
                for (int i = 0; i < Math.min(count, lanes.size()); i++) {
                    Lane lane = lanes.get(i);
                    long first = made + i;
                    long end = made + count;
                    lane.channel().loop().execute(() -> {
                        for (long number = first; number < end; number += lanes.size()) {
                            new Call(lane, false).make(firstNanos + rate.dueNanos(number));
                        }
                    });
                }
                made = due;
                long waitNanos = firstNanos + rate.dueNanos(made) - System.nanoTime();
                if (waitNanos > 0) {
                    LockSupport.parkNanos(Math.max(waitNanos, WAIT_NANOS));
                }
            }
            ended.countDown();
        }

        /** A slot of a closed loop, or one call of constant arrival. */
        private final class Call extends ClientCall.Listener<A> {
            private final Lane lane;
            private final boolean repeats;
            private long dueNanos;
            private @Nullable A answer;

            Call(Lane lane, boolean repeats) {
                this.lane = lane;
                this.repeats = repeats;
            }

            void again() {
                if (stopping) {
                    ended.countDown();
                } else {
                    make(System.nanoTime());
                }
            }

            void make(long callDueNanos) {
                dueNanos = callDueNanos;
                answer = null;
                Q request = kind.next();
                ClientCall<Q, A> call = lane.channel().channel().newCall(method, CallOptions.DEFAULT);
                call.start(this, new Metadata());
                // One for the answer and one for its end, as the stubs of gRPC do.
                call.request(2);
                call.sendMessage(request);
                call.halfClose();
            }

            @Override
            public void onMessage(A message) {
                answer = message;
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                A message = answer;
                boolean ok = false;
                if (status.isOk() && message != null) {
                    ok = true;
                    lane.tally.answered(dueNanos, kind.judge(message));
                } else {
                    lane.tally.failed(new StatusRuntimeException(status, trailers));
                }
                if (!repeats) {
                    owed.decrementAndGet();
                } else if (ok) {
                    again();
                } else if (stopping || pauses.isShutdown()) {
                    ended.countDown();
                } else {
                    pauses.schedule(this::again, PAUSE_AFTER_FAILURE.toNanos(), TimeUnit.NANOSECONDS);
                }
            }
        }

        @Override
        public void begin() {
            dropped.reset();
            lanes.forEach(lane -> lane.tally.begin());
        }

        @Override
        public Counts end() {
            return Tally.end(lanes.stream().map(Lane::tally).toList(), dropped.sum());
        }

        @Override
        public void close() throws InterruptedException {
            stopping = true;
            long deadline = System.nanoTime() + DRAIN_MAX.toNanos();
            ended.await(DRAIN_MAX.toNanos(), TimeUnit.NANOSECONDS);
            while (owed.get() > 0 && System.nanoTime() < deadline) {
                LockSupport.parkNanos(WAIT_NANOS);
            }
        }

        @Override
        public long failedEver() {
            return lanes.stream().mapToLong(lane -> lane.tally.failedEver()).sum()
                    + owed.get()
                    + (pace instanceof Pace.ClosedLoop ? ended.getCount() : 0);
        }
    }
}
