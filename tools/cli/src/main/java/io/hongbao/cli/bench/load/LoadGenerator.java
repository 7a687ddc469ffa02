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
import io.hongbao.cli.call.CallFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Calls one server over a few channels. A call costs no more than gRPC itself does: no stub, no executor, no deadline
 * timer, and the next call of a closed loop begins where the last one ended, on its channel's event loop.
 */
public final class LoadGenerator implements AutoCloseable {
    /** Three digits are more than two runs agree in. */
    private static final int DIGITS = 3;

    private static final long LATENCY_NANOS_MIN = 1_000;
    private static final long LATENCY_NANOS_MAX = Duration.ofSeconds(60).toNanos();
    /** A call that failed is followed after this, as a caller who backs off does; a server that is away is not hammered. */
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(5);
    /** Longer than any deadline in the services: whoever has not answered by then never will. */
    private static final Duration DRAIN_MAX = Duration.ofSeconds(20);
    /** Calls that an overloaded server may owe under constant arrival before more are dropped: bounds our own memory. */
    private static final long OWED_MAX = 200_000;
    /** Shorter waits are not worth a system call. */
    private static final long WAIT_NANOS = 100_000;

    private final List<ManagedChannel> channels = new ArrayList<>();
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
            channels.add(NettyChannelBuilder.forAddress(
                            address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)), credentials)
                    .directExecutor()
                    .build());
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
        channels.forEach(ManagedChannel::shutdownNow);
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
        private final ConcurrentHashMap<String, LongAdder> errors = new ConcurrentHashMap<>();
        private final AtomicLong owed = new AtomicLong();
        private final LongAdder dropped = new LongAdder();
        private final LongAdder failedEver = new LongAdder();
        private final CountDownLatch ended;
        private volatile boolean stopping;
        private long begunNanos;

        Load(CallKind<Q, A> kind, Pace pace) {
            this.kind = kind;
            this.method = kind.method();
            this.pace = pace;
            this.lanes = channels.stream().map(Lane::new).toList();
            this.ended = new CountDownLatch(
                    switch (pace) {
                        case Pace.ClosedLoop loop -> loop.inFlight();
                        case Pace.ConstantRate rate -> 1;
                    });
        }

        /** One channel, which one event loop serves: what is counted here is hardly ever contended. */
        private static final class Lane {
            final ManagedChannel channel;
            final Recorder latencyNanos = new Recorder(LATENCY_NANOS_MIN, LATENCY_NANOS_MAX, DIGITS);
            final LongAdder done = new LongAdder();
            final LongAdder refused = new LongAdder();

            Lane(ManagedChannel channel) {
                this.channel = channel;
            }
        }

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
                for (; made < due; made++) {
                    if (owed.incrementAndGet() > OWED_MAX) {
                        owed.decrementAndGet();
                        dropped.increment();
                    } else {
                        new Call(lanes.get((int) (made % lanes.size())), false).make(firstNanos + rate.dueNanos(made));
                    }
                }
                long waitNanos = firstNanos + rate.dueNanos(made) - System.nanoTime();
                if (waitNanos > 0) {
                    // Wakes a little late at worst, and then makes all that is due; latency counts from the due time.
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
                ClientCall<Q, A> call = lane.channel.newCall(method, CallOptions.DEFAULT);
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
                    lane.latencyNanos.recordValue(
                            Math.clamp(System.nanoTime() - dueNanos, LATENCY_NANOS_MIN, LATENCY_NANOS_MAX));
                    switch (kind.judge(message)) {
                        case DONE -> lane.done.increment();
                        case REFUSED -> lane.refused.increment();
                    }
                } else {
                    failedEver.increment();
                    errors.computeIfAbsent(reason(status, trailers), reason -> new LongAdder())
                            .increment();
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
            for (Lane lane : lanes) {
                lane.latencyNanos.reset();
                lane.done.reset();
                lane.refused.reset();
            }
            errors.clear();
            dropped.reset();
            begunNanos = System.nanoTime();
        }

        @Override
        public Counts end() {
            Duration time = Duration.ofNanos(System.nanoTime() - begunNanos);
            var latencyNanos = new Histogram(LATENCY_NANOS_MIN, LATENCY_NANOS_MAX, DIGITS);
            long done = 0;
            long refused = 0;
            for (Lane lane : lanes) {
                done += lane.done.sum();
                refused += lane.refused.sum();
                latencyNanos.add(lane.latencyNanos.getIntervalHistogram());
            }
            var errorCounts = new TreeMap<String, Long>();
            errors.forEach((reason, count) -> errorCounts.put(reason, count.sum()));
            return new Counts(time, done, refused, errorCounts, dropped.sum(), latencyNanos);
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
            return failedEver.sum() + owed.get() + (pace instanceof Pace.ClosedLoop ? ended.getCount() : 0);
        }
    }

    private static String reason(Status status, Metadata trailers) {
        CallFailure failure = CallFailure.of(new StatusRuntimeException(status, trailers));
        return Optional.of(failure.reason())
                .filter(reason -> !reason.isEmpty())
                .orElse(failure.code().name());
    }
}
