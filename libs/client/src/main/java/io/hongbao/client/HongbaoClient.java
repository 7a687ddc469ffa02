package io.hongbao.client;

import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.hongbao.client.region.ReachabilityGate;
import io.hongbao.client.region.RegionRanking;
import io.hongbao.client.region.RegionWeights;
import io.hongbao.core.id.PacketId;
import io.hongbao.tls.MutualTls;
import io.hongbao.tls.Party;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Calls the services of every region. A packet belongs to the region that its number begins with, and its calls go
 * there and nowhere else: {@code client.forPacket(id).open().blocking().open(request)}. New packets go to the regions by
 * weight: {@code client.newOrders().createPacket(request)}. What belongs to a user goes to the home region: {@code
 * client.home().query().blocking().listSentPackets(request)}.
 *
 * <p>One client serves a whole process: it is thread-safe, connects when first used, and finds new pods by itself.
 */
public final class HongbaoClient implements AutoCloseable {
    /** Deadline of a call that has none. Services give up on their own dependencies after 2 s and need time to say so. */
    public static final Duration DEADLINE = Duration.ofSeconds(3);

    /** Largest answer, bytes: the longest page, 500 shares of about 150 bytes, 13 times over. */
    public static final int ANSWER_BYTES_MAX = 1 << 20;

    /**
     * How long a connection with calls on it may be silent before it is probed; grpc's least. Answers take milliseconds,
     * so that only a broken connection is ever probed, and servers need not permit frequent pings.
     */
    static final Duration KEEPALIVE = Duration.ofSeconds(10);

    /** How long a probe may go unanswered: well above a garbage collection, well below what a user would wait. */
    static final Duration KEEPALIVE_TIMEOUT = Duration.ofSeconds(2);

    /** How long calls that are under way may take to end when the client closes: beyond every default deadline. */
    static final Duration CLOSE_GRACE = Duration.ofSeconds(5);

    private final Map<Integer, RegionClient> regions;
    private final RegionClient home;
    private final NewOrders newOrders;

    private HongbaoClient(Map<Integer, RegionClient> regions, RegionClient home, RegionWeights weights) {
        this.regions = regions;
        this.home = home;
        this.newOrders = new NewOrders(weights, regions);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The region where users' records are, and where new packets are made unless weights say otherwise. */
    public RegionClient home() {
        return home;
    }

    /** Where packets are made, and the valve that says how many of them in which region. */
    public NewOrders newOrders() {
        return newOrders;
    }

    /**
     * The region of a packet.
     *
     * @throws IllegalArgumentException if the id is no order number, or its region has no endpoints
     */
    public RegionClient forPacket(long packetId) {
        return region(new PacketId(packetId).region());
    }

    /** @throws IllegalArgumentException if the region has no endpoints */
    public RegionClient region(int region) {
        RegionClient client = regions.get(region);
        if (client == null) {
            throw new IllegalArgumentException("no endpoints for region " + region);
        }
        return client;
    }

    /** Takes no more calls, lets those under way end, and cuts those off that do not end in time. */
    @Override
    public void close() {
        List<ManagedChannel> channels = regions.values().stream()
                .flatMap(region -> region.channels().stream())
                .toList();
        channels.forEach(ManagedChannel::shutdown);
        long closeBy = System.nanoTime() + CLOSE_GRACE.toNanos();
        try {
            for (ManagedChannel channel : channels) {
                channel.awaitTermination(closeBy - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            channels.forEach(ManagedChannel::shutdownNow);
        }
    }

    /** Names the regions and how to reach them. */
    public static final class Builder {
        private final Map<Integer, Endpoints> endpoints = new TreeMap<>();
        private int home = PacketId.NORTH;
        private Optional<RegionWeights> weights = Optional.empty();
        private Duration deadline = DEADLINE;
        private Function<Party, ChannelCredentials> credentials = service -> InsecureChannelCredentials.create();

        private final List<ClientInterceptor> interceptors = new ArrayList<>();

        private Builder() {}

        /** @param region {@link PacketId#NORTH} or {@link PacketId#SOUTH} */
        public Builder region(int region, Endpoints endpoints) {
            if (region != PacketId.NORTH && region != PacketId.SOUTH) {
                throw new IllegalArgumentException("not a region: " + region);
            }
            this.endpoints.put(region, endpoints);
            return this;
        }

        /** The region of {@link HongbaoClient#home()}; north unless told. */
        public Builder home(int region) {
            this.home = region;
            return this;
        }

        /** How new packets are spread over the regions; all to the home region unless told. */
        public Builder weights(RegionWeights weights) {
            this.weights = Optional.of(weights);
            return this;
        }

        /** The deadline of calls that have none; {@link #DEADLINE} unless told. */
        public Builder deadline(Duration deadline) {
            if (!deadline.isPositive()) {
                throw new IllegalArgumentException("not a deadline: " + deadline);
            }
            this.deadline = deadline;
            return this;
        }

        /** How the client proves itself and checks servers, for instance TlsChannelCredentials; plain text unless told. */
        public Builder credentials(ChannelCredentials credentials) {
            this.credentials = service -> credentials;
            return this;
        }

        /** Mutual TLS: each service must be the one that is meant. Who made {@code tls} closes it after the client. */
        public Builder tls(MutualTls tls) {
            this.credentials = tls::channelCredentials;
            return this;
        }

        /** Sees every call before all else does; several, the last one first. */
        public Builder intercept(ClientInterceptor interceptor) {
            this.interceptors.add(interceptor);
            return this;
        }

        /** @throws IllegalStateException if the home region, or one with a weight, has no endpoints */
        public HongbaoClient build() {
            RegionWeights spread = weights.orElseGet(() -> RegionWeights.only(home));
            var needed = new TreeSet<>(RegionRanking.of("", spread.now()));
            needed.add(home);
            needed.removeAll(endpoints.keySet());
            if (!needed.isEmpty()) {
                throw new IllegalStateException("no endpoints for region " + needed.first());
            }
            var regions = new TreeMap<Integer, RegionClient>();
            endpoints.forEach((region, where) ->
                    regions.put(region, new RegionClient(region, where, this::channel, this::calls)));
            return new HongbaoClient(Map.copyOf(regions), Objects.requireNonNull(regions.get(home)), spread);
        }

        private ManagedChannel channel(Party service, String target, String policy) {
            return NettyChannelBuilder.forTarget(target, credentials.apply(service))
                    .defaultLoadBalancingPolicy(policy)
                    .keepAliveTime(KEEPALIVE.toMillis(), TimeUnit.MILLISECONDS)
                    .keepAliveTimeout(KEEPALIVE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .maxInboundMessageSize(ANSWER_BYTES_MAX)
                    .build();
        }

        private Channel calls(ManagedChannel channel, ReachabilityGate gate) {
            Channel ours =
                    ClientInterceptors.intercept(channel, new PacketIdAffinity(), new DefaultDeadline(deadline), gate);
            return ClientInterceptors.intercept(ours, interceptors);
        }
    }
}
