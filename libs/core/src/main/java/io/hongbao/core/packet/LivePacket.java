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
 * The version counts the commits of the row; a commit by anybody else makes ours miss. A memory that lags behind the
 * store is harmless for that reason, and because what it answers without a commit stays true once it is: a committed
 * share, sold out, expired. Two things break it. A packet remembered as not paid or as frozen, see
 * {@link Decision.Refused#NOT_PAID}. And shares older than the row they are loaded with: the holder of a missing share would hear that all are gone. So
 * the row is read first, or both in one snapshot.
 */
public final class LivePacket {
    /**
     * What never changes about a packet and an open needs to know.
     *
     * @param exclusiveUserId the only user who may open, or empty
     */
    public record Facts(PacketId id, Terms terms, Seed seed, String senderId, String groupId, String exclusiveUserId) {
        public Facts {
            if ((terms.kind() == PacketKind.EXCLUSIVE) == exclusiveUserId.isEmpty()) {
                throw new IllegalArgumentException(
                        "a packet names the only user who may open it exactly if it is exclusive");
            }
        }

        /** Names nobody: this may end up in a log. */
        @Override
        public String toString() {
            return "Facts[id=" + id + ", terms=" + terms + ", seed=" + seed + "]";
        }
    }

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
     * @param shares every committed share, read after the row or in the same snapshot
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
     * told to wait. Who has a share hears of it again whatever else is wrong with the request.
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
            case PacketState.Frozen frozen -> Refused.FROZEN;
        };
    }

    /**
     * Decides the refund of what is left. Whether it is due is for the store to say, by its clock, at the commit.
     *
     * @return whether there was anything to decide, and so to commit
     */
    public boolean expire() {
        if (state instanceof PacketState.Open open) {
            state = open.expire();
            return true;
        }
        return false;
    }

    /** A share of the batch is durable: its user hears of it from now on. */
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

    /**
     * Whether opened + left + refunded = paid, in fen and in shares, as far as this memory knows. False right after
     * loading means a row that somebody edited by hand, or shares of another moment than the row: load once more, and
     * if it stays false pay nothing out. Means nothing while decisions are uncommitted.
     */
    public boolean conserved() {
        long openedFen = 0;
        for (Share share : shares.values()) {
            openedFen += share.amountFen();
        }
        Terms terms = facts.terms;
        return switch (state) {
            case PacketState.AwaitingPayment awaiting -> shares.isEmpty();
            case PacketState.Closed closed -> shares.isEmpty();
            // Known not to be explained, whether it adds up or not: there is nothing more to find out here.
            case PacketState.Frozen frozen -> true;
            case PacketState.Open open ->
                openedFen + open.surplusFen() == terms.totalFen()
                        && shares.size() + open.surplusCount() == terms.shareCount();
            case PacketState.Finished finished -> openedFen == terms.totalFen() && shares.size() == terms.shareCount();
            case PacketState.Expired expired ->
                openedFen + expired.refundFen() == terms.totalFen() && shares.size() < terms.shareCount();
        };
    }

    /** The largest committed share, the earliest on ties; null before the first. */
    public @Nullable Share best() {
        return best;
    }
}
