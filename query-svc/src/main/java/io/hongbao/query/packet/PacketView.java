package io.hongbao.query.packet;

import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Share;
import io.hongbao.orders.PacketRow;
import io.hongbao.orders.ShareRow;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A packet with its shares, as they stood when its row was read.
 *
 * @param shares in the order of opening
 * @param best the largest share of a finished lucky packet, the earliest on ties
 */
public record PacketView(PacketRow row, List<ShareRow> shares, Optional<Share> best) {
    private static final Comparator<Share> BY_LUCK =
            Comparator.comparingLong(Share::amountFen).thenComparing(Share::sequence, Comparator.reverseOrder());

    /** @param found the packet's shares, read after its row; those opened since are left out */
    public static PacketView of(PacketRow row, List<ShareRow> found) {
        int openedCount = row.facts().terms().shareCount() - row.state().surplusCount();
        List<ShareRow> shares = found.stream()
                .filter(share -> share.share().sequence() <= openedCount)
                .toList();
        boolean lucky = row.facts().terms().kind() == PacketKind.LUCKY;
        return new PacketView(
                row,
                shares,
                lucky && row.state() instanceof PacketState.Finished
                        ? shares.stream().map(ShareRow::share).max(BY_LUCK)
                        : Optional.empty());
    }

    /** Whether neither the packet nor any of its shares can ever change again. */
    public boolean isSettled() {
        return row.isFinal() && shares.stream().allMatch(ShareRow::settled);
    }

    public boolean isBest(ShareRow share) {
        return best.isPresent() && best.get().sequence() == share.share().sequence();
    }

    /** The user's share; empty if there is none. */
    public Optional<ShareRow> shareOf(String userId) {
        return shares.stream()
                .filter(share -> share.share().userId().equals(userId))
                .findFirst();
    }
}
