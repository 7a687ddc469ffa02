package io.hongbao.core.packet;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.Decision.Opened;
import io.hongbao.core.packet.Decision.Refused;
import io.hongbao.core.packet.Decision.Replayed;
import io.hongbao.core.split.Seed;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A packet in the memory of the pod that opens it: decides each open, and holds the decisions that are not committed
 * yet. One thread uses it at a time, and its owner commits what it decided before it lets anyone know:
 *
 * <pre>
 * load ─▶ open, open, expire … ─▶ commit in the store ─┬─ done ───▶ committed(…): answer, go on
 *                                                      └─ failed, or unknown ─▶ forget this object, load again
 * </pre>
 *
 * The version counts the commits of the row; a commit by anybody else makes ours miss.
 */
public final class LivePacket {
    /**
     * What never changes about a packet and an open needs to know.
     *
     * @param exclusiveUserId the only user who may open, or empty
     */
    public record Facts(
            PacketId id, Terms terms, Seed seed, String senderId, String groupId, String exclusiveUserId) {}

    /** Stands for a share that is decided and not committed. */
    private static final Share UNCOMMITTED = new Share("", 0, 0, 0);

    private final Facts facts;
    private final Map<String, Share> shares;
    private PacketState state;
    private long version;
    /** Largest committed amount and who has it, kept so that the last open knows the best luck. */
    private @Nullable Share best;

    /**
     * @param version of the row the state was read from
     * @param shares every committed share
     */
    public LivePacket(Facts facts, PacketState state, long version, Collection<Share> shares) {
        this.facts = facts;
        this.state = state;
        this.version = version;
        this.shares = HashMap.newHashMap(Math.max(shares.size(), 4));
        for (Share share : shares) {
            remember(share);
        }
    }

    public Facts facts() {
        return facts;
    }

    public PacketState state() {
        return state;
    }

    /** Version of the row this memory stands on; the guard of the next commit. */
    public long version() {
        return version;
    }

    public @Nullable Share shareOf(String userId) {
        Share share = shares.get(userId);
        return share == UNCOMMITTED ? null : share;
    }

    /**
     * Decides one open. After {@link Opened} the owner commits and calls {@link #remember}; until then the same user is
     * told to wait.
     */
    public Decision open(String userId, String groupId) {
        Share earlier = shares.get(userId);
        if (earlier != null) {
            return earlier == UNCOMMITTED ? Decision.Wait.FOR_COMMIT : new Replayed(earlier);
        }
        if (!facts.groupId.equals(groupId)) {
            return Refused.NOT_IN_GROUP;
        }
        if (!facts.exclusiveUserId.isEmpty() && !facts.exclusiveUserId.equals(userId)) {
            return Refused.NOT_FOR_YOU;
        }
        return switch (state) {
            case PacketState.Open open -> {
                PacketState.Opening opening = open.open(facts.terms, facts.seed);
                state = opening.next();
                shares.put(userId, UNCOMMITTED);
                yield new Opened(opening.sequence(), opening.amountFen());
            }
            case PacketState.Finished finished -> Refused.SOLD_OUT;
            case PacketState.Expired expired -> Refused.EXPIRED;
            case PacketState.AwaitingPayment awaiting -> Refused.NOT_PAID;
            case PacketState.Closed closed -> Refused.CLOSED;
        };
    }

    /** Decides the refund of what is left. @return whether there was anything to decide */
    public boolean expire() {
        if (state instanceof PacketState.Open open) {
            state = open.expire();
            return true;
        }
        return false;
    }

    /** A share of the batch is durable. */
    public void remember(Share share) {
        shares.put(share.userId(), share);
        Share leader = best;
        if (leader == null
                || share.amountFen() > leader.amountFen()
                || share.amountFen() == leader.amountFen() && share.sequence() < leader.sequence()) {
            best = share;
        }
    }

    /** The batch is durable: the row has the next version. */
    public void committed() {
        version++;
    }

    /** The largest committed share, the earliest on ties; null before the first. */
    public @Nullable Share best() {
        return best;
    }
}
