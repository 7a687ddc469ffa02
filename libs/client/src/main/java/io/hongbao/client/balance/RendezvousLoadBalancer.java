package io.hongbao.client.balance;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.IDLE;
import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;

import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.SynchronizationContext.ScheduledHandle;
import io.grpc.util.MultiChildLoadBalancer;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings all calls of a packet to one pod. Every pod that has not failed owns its keys, whether it is ready or still
 * connecting, so that a short reconnect moves nothing; calls for a connecting pod wait for it. A pod that fails, or
 * connects for longer than {@link #CONNECT_GRACE}, loses its keys to the others until it is ready again.
 *
 * <p>This only makes opens fast. Two clients may see different pods for a while; the order store keeps it safe.
 */
final class RendezvousLoadBalancer extends MultiChildLoadBalancer {
    /**
     * How long calls wait for a pod that is connecting. A reconnect within a zone takes milliseconds; a host that
     * swallows packets would hold its callers for the 20 s of grpc's connect timeout, far beyond their deadlines.
     */
    static final Duration CONNECT_GRACE = Duration.ofSeconds(1);

    private @Nullable RendezvousPicker published;

    RendezvousLoadBalancer(Helper helper) {
        super(helper);
    }

    /** Children are kept by the names they are hashed by. */
    @Override
    protected Map<Object, ResolvedAddresses> createChildAddressesMap(ResolvedAddresses resolved) {
        var named = new LinkedHashMap<Object, ResolvedAddresses>();
        for (ResolvedAddresses child : super.createChildAddressesMap(resolved).values()) {
            named.put(nameOf(child.getAddresses().getFirst()), child);
        }
        return named;
    }

    @Override
    protected ChildLbState createChildLbState(Object name) {
        return new Pod(name);
    }

    @Override
    protected void updateOverallBalancingState() {
        List<Pod> pods = getChildLbStates().stream().map(Pod.class::cast).toList();
        if (pods.isEmpty()) {
            return;
        }
        List<Pod> owners = firstNonEmpty(
                pods,
                pod -> pod.getCurrentState() != TRANSIENT_FAILURE && !pod.late,
                pod -> pod.getCurrentState() != TRANSIENT_FAILURE);
        List<Pod> spread = firstNonEmpty(owners, pod -> pod.getCurrentState() == READY);
        ConnectivityState state = null;
        for (Pod owner : owners) {
            state = aggregateState(state, owner.getCurrentState());
        }
        publish(
                // A child that is idle is about to connect: see Pod.
                state == IDLE ? CONNECTING : Objects.requireNonNull(state, "no owner among the pods"),
                new RendezvousPicker(
                        owners.stream().mapToLong(pod -> pod.node).toArray(), pickersOf(owners), pickersOf(spread)));
    }

    private void publish(ConnectivityState state, RendezvousPicker picker) {
        if (state != currentConnectivityState || published == null || !picker.isSameAs(published)) {
            currentConnectivityState = state;
            published = picker;
            getHelper().updateBalancingState(state, picker);
        }
    }

    /**
     * The name of a child: its addresses as numbers, so that every client has the same name for a pod, whichever host
     * name it came by. An address that could not be resolved goes by its host name.
     */
    static String nameOf(EquivalentAddressGroup group) {
        return group.getAddresses().stream()
                .map(RendezvousLoadBalancer::nameOf)
                .sorted()
                .collect(Collectors.joining(","));
    }

    private static String nameOf(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? (inet.isUnresolved()
                                ? inet.getHostString()
                                : inet.getAddress().getHostAddress()) + ":" + inet.getPort()
                : address.toString();
    }

    private static SubchannelPicker[] pickersOf(List<Pod> pods) {
        return pods.stream().map(ChildLbState::getCurrentPicker).toArray(SubchannelPicker[]::new);
    }

    /** The pods that pass the first test that any of them passes; all of them if none does. */
    @SafeVarargs
    private static List<Pod> firstNonEmpty(List<Pod> pods, Predicate<Pod>... tests) {
        for (Predicate<Pod> test : tests) {
            var passing = new ArrayList<Pod>(pods);
            passing.removeIf(test.negate());
            if (!passing.isEmpty()) {
                return passing;
            }
        }
        return pods;
    }

    /** One pod. Connects again at once when its connection ends, so that no call has to ask for it. */
    private final class Pod extends ChildLbState {
        private final long node;
        /** Whether it has been connecting for longer than {@link #CONNECT_GRACE}. */
        private boolean late;

        private @Nullable ScheduledHandle grace;

        Pod(Object name) {
            super(name, pickFirstLbProvider);
            node = RendezvousHash.ofName(name.toString());
        }

        @Override
        protected ChildLbStateHelper createChildHelper() {
            return new ChildLbStateHelper() {
                @Override
                public void updateBalancingState(ConnectivityState state, SubchannelPicker picker) {
                    watch(state);
                    super.updateBalancingState(state, picker);
                    if (!resolvingAddresses && state == IDLE) {
                        getLb().requestConnection();
                    }
                }
            };
        }

        @Override
        protected void shutdown() {
            endGrace();
            super.shutdown();
        }

        private void watch(ConnectivityState state) {
            switch (state) {
                case CONNECTING, IDLE -> startGrace();
                case READY, TRANSIENT_FAILURE, SHUTDOWN -> {
                    endGrace();
                    late = false;
                }
            }
        }

        private void startGrace() {
            if (grace == null && !late) {
                grace = getHelper()
                        .getSynchronizationContext()
                        .schedule(
                                () -> {
                                    grace = null;
                                    late = true;
                                    updateOverallBalancingState();
                                },
                                CONNECT_GRACE.toNanos(),
                                TimeUnit.NANOSECONDS,
                                getHelper().getScheduledExecutorService());
            }
        }

        private void endGrace() {
            if (grace != null) {
                grace.cancel();
                grace = null;
            }
        }
    }
}
