package io.hongbao.grab.memory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.hongbao.stock.FinalMark;
import java.util.Optional;

/**
 * Packets that are final, so that the crowd which comes too late costs a look-up in memory and nothing else. Bounded: the
 * least used are forgotten, and Redis answers for them. Nothing in here can be wrong for long, since a final packet stays
 * final.
 */
public final class FinishedPackets {
    private final Cache<Long, Entry> packets;

    /**
     * How a packet ended.
     *
     * @param groupId its group, or empty if it is not known here: then a stranger cannot be told from a member
     */
    public record Entry(FinalMark mark, String groupId) {
        public boolean knowsGroup() {
            return !groupId.isEmpty();
        }
    }

    /** @param packetCountMax packets remembered at most */
    public FinishedPackets(long packetCountMax) {
        packets = Caffeine.newBuilder().maximumSize(packetCountMax).build();
    }

    /** Remembers the first mark; only the group may be learnt later. */
    public void add(long packetId, FinalMark mark, String groupId) {
        packets.asMap()
                .merge(
                        packetId,
                        new Entry(mark, groupId),
                        (known, news) -> known.knowsGroup() ? known : new Entry(known.mark(), news.groupId()));
    }

    public Optional<Entry> find(long packetId) {
        return Optional.ofNullable(packets.getIfPresent(packetId));
    }

    /** About how many packets are remembered. */
    public long size() {
        return packets.estimatedSize();
    }
}
