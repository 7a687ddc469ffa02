package io.hongbao.client.balance;

import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.hongbao.client.PacketIdAffinity;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One unchanging view of the pods. A call with a packet id goes to the packet's owner and waits there if that one is
 * just connecting; a call without one goes to any pod that is ready. Allocates nothing when the id is in the call
 * options.
 */
final class RendezvousPicker extends SubchannelPicker {
    private final long[] nodes;
    private final SubchannelPicker[] owners;
    private final SubchannelPicker[] spread;

    /**
     * @param nodes hashes of the names of the pods that own keys, not empty
     * @param owners their pickers, in the same order
     * @param spread pickers for calls without a key, not empty
     */
    RendezvousPicker(long[] nodes, SubchannelPicker[] owners, SubchannelPicker[] spread) {
        this.nodes = nodes;
        this.owners = owners;
        this.spread = spread;
    }

    @Override
    public PickResult pickSubchannel(PickSubchannelArgs args) {
        Long packetId = packetId(args);
        SubchannelPicker chosen = packetId == null
                ? spread[ThreadLocalRandom.current().nextInt(spread.length)]
                : owners[RendezvousHash.owner(packetId, nodes)];
        return chosen.pickSubchannel(args);
    }

    /** Whether the other picker answers every call alike, so that waiting calls need not be looked at again. */
    boolean isSameAs(RendezvousPicker other) {
        return Arrays.equals(nodes, other.nodes)
                && Arrays.equals(owners, other.owners)
                && Arrays.equals(spread, other.spread);
    }

    private static @Nullable Long packetId(PickSubchannelArgs args) {
        Long option = args.getCallOptions().getOption(PacketIdAffinity.PACKET_ID);
        if (option != null) {
            return option;
        }
        String header = args.getHeaders().get(PacketIdAffinity.HEADER);
        if (header == null) {
            return null;
        }
        try {
            return Long.valueOf(header);
        } catch (NumberFormatException malformed) {
            // The server tells the caller what is wrong with the id; any pod can do that.
            return null;
        }
    }
}
