package io.hongbao.cli.bench;

import io.hongbao.cli.bench.load.Opens;
import io.hongbao.cli.bench.load.Opens.PacketPlaces;
import io.hongbao.core.ticket.TicketSigner;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Opens over a number of packets. Every round takes packets that nobody has opened, so that no round is slowed by what
 * an earlier one left in memory; in the end all are checked.
 */
final class OpenLoad {
    /** No server here opens more; bounds the packets and the requests that are made ahead. */
    private static final double RATE_MAX = 90_000;
    /** Requests made ahead take a quarter of a kilobyte each. */
    private static final int AHEAD_MAX = 1_500_000;

    private static final int AHEAD_OF_WARM_UP = 100_000;

    /** A writer that is behind by thousands of shares needs a second. */
    private static final Duration STORED_MAX = Duration.ofSeconds(30);

    private static final Duration STORED_POLL = Duration.ofMillis(500);

    private final PreparedPackets packets;
    private final TicketSigner signer;
    private final int places;
    private final int shareCount;
    private final AtomicLong userCount;
    private final long firstPacket;

    private long packetsUsed;
    private long openedCount;
    private long openedFen;
    private long replayCount;
    private long unknownCount;

    /**
     * @param places packets open at a time
     * @param shareCount of each packet; 0 if they must not sell out
     */
    OpenLoad(PreparedPackets packets, TicketSigner signer, int places, int shareCount, AtomicLong userCount) {
        this.packets = packets;
        this.signer = signer;
        this.places = places;
        this.shareCount = shareCount;
        this.userCount = userCount;
        this.firstPacket = packets.made();
    }

    /** @param rateMax opens per second that are foreseen at most; 0 if nothing is known */
    Opens prepare(double seconds, double rateMax) throws SQLException {
        double opens = seconds * (rateMax == 0 ? RATE_MAX : Math.min(RATE_MAX, rateMax));
        // Nothing foreseen: a warm-up, which may sign on the way.
        int ahead = (int) Math.min(rateMax == 0 ? AHEAD_OF_WARM_UP : AHEAD_MAX, opens);
        // With a reserve for what is in flight, and since places are chosen at random and do not fill alike.
        long generations = shareCount == 0 ? 1 : (long) Math.ceil(1.3 * opens / shareCount / places) + 2;
        long first = packets.make(generations * places);
        packets.analyze();
        var kind = new Opens(
                signer, new PacketPlaces(packets::idOf, first, places, shareCount), PreparedPackets.GROUP, userCount);
        kind.prepare(ahead);
        return kind;
    }

    /** Takes over what a round came to. @param unknown calls that failed: what became of them nobody was told */
    void finished(Opens kind, long unknown) {
        openedCount += kind.openedCount();
        openedFen += kind.openedFen();
        replayCount += kind.replayCount();
        unknownCount += unknown;
        packetsUsed += kind.packetsUsed();
    }

    /**
     * Whether money and answers add up: every packet is conserved, every share that a user was told of is stored, and
     * no other one, except for calls that failed.
     *
     * @param problem empty if so
     */
    record Conservation(boolean holds, long packetCount, long shareCount, String problem) {}

    /** Waits for a store that follows its answers later. */
    void awaitStored() throws SQLException, InterruptedException {
        long end = System.nanoTime() + STORED_MAX.toNanos();
        while (packets.audit(firstPacket, packets.made()).shareCount() < openedCount && System.nanoTime() < end) {
            Thread.sleep(STORED_POLL);
        }
    }

    Conservation check() throws SQLException {
        var audit = packets.audit(firstPacket, packets.made());
        String problem = "";
        if (audit.brokenCount() > 0) {
            problem = audit.brokenCount() + " packets are not conserved";
        } else if (audit.shareCount() < openedCount || audit.shareCount() > openedCount + unknownCount) {
            problem = "%d shares were answered (and %d calls failed), %d are stored"
                    .formatted(openedCount, unknownCount, audit.shareCount());
        } else if (unknownCount == 0 && audit.shareFen() != openedFen) {
            problem = "%d fen were answered, %d are stored".formatted(openedFen, audit.shareFen());
        } else if (replayCount > 0) {
            problem = replayCount + " users who never opened before were told they had";
        }
        return new Conservation(problem.isEmpty(), packetsUsed, audit.shareCount(), problem);
    }
}
