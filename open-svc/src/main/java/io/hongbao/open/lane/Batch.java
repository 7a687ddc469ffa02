package io.hongbao.open.lane;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.Decision;
import io.hongbao.core.packet.LivePacket;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Share;
import io.hongbao.orders.OpenBatch;
import io.hongbao.orders.StoreException;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketFinished;
import io.hongbao.v1.PacketRefunded;
import io.hongbao.v1.ShareOpened;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** What a lane has decided and not committed: the packets it changed, their commands in order, and what it came to. */
final class Batch {
    /** One command that needs the commit. */
    record Decided(PacketQueue queue, Command command, Decision.@Nullable Opened opened) {}

    /** One packet, as it will be. */
    private record Touched(PacketQueue queue, LivePacket memory, boolean expired) {}

    final int dayOfMonth;
    private final List<Touched> touched = new ArrayList<>();
    private final List<Decided> decided = new ArrayList<>();
    /** Suffixes of the tables it may write to. */
    private final BitSet tables = new BitSet(PacketId.SUFFIX_MAX + 1);

    private int shareCount;

    Batch(int dayOfMonth) {
        this.dayOfMonth = dayOfMonth;
    }

    /** Whether the batch writes to this table, which it is made to do if it has fewer than {@code max} so far. */
    boolean hasTable(int suffix, int max) {
        if (!tables.get(suffix) && tables.cardinality() < max) {
            tables.set(suffix);
        }
        return tables.get(suffix);
    }

    /** A share decided for an open at the head of the queue. */
    void opened(PacketQueue queue, Command.Open command, Decision.Opened opened) {
        decided.add(new Decided(queue, command, opened));
        shareCount++;
    }

    /** A refund decided for an expiry at the head of the queue. */
    void expired(PacketQueue queue, Command.Expire command) {
        decided.add(new Decided(queue, command, null));
    }

    /** The packet has changed in this batch. Called once for each packet, after its commands. */
    void touch(PacketQueue queue, LivePacket memory, boolean expired) {
        touched.add(new Touched(queue, memory, expired));
    }

    boolean isEmpty() {
        return touched.isEmpty();
    }

    /**
     * Whether this failure says that another pod opens the packet. Of several packets nobody knows which it was; each is
     * committed alone next. An expiry misses its guard also if it is not due.
     */
    boolean meansAnotherPod(StoreException.Effect effect) {
        return switch (effect) {
            case GUARD_MISSED, DUPLICATE -> touched.size() == 1 && shareCount > 0;
            case REJECTED, NO_TABLES, NOT_SENT, UNKNOWN, MOVING -> false;
        };
    }

    int packetCount() {
        return touched.size();
    }

    int shareCount() {
        return shareCount;
    }

    List<Decided> decided() {
        return decided;
    }

    /** How long the one that came first has waited. */
    long longestWaitNanos(long now) {
        long longest = 0;
        for (Decided one : decided) {
            longest = Math.max(longest, now - one.command.enqueuedNanos);
        }
        return longest;
    }

    /** Money that this batch gives to receivers. */
    long sharesFen() {
        long sum = 0;
        for (Decided one : decided) {
            sum += one.opened == null ? 0 : one.opened.amountFen();
        }
        return sum;
    }

    /** Money that this batch gives back to senders. */
    long refundsFen() {
        long sum = 0;
        for (Touched packet : touched) {
            sum += packet.expired ? packet.memory.state().refundFen() : 0;
        }
        return sum;
    }

    LongStream packetIds() {
        return touched.stream().mapToLong(packet -> packet.queue.id.value());
    }

    Iterable<PacketQueue> queues() {
        return touched.stream().map(Touched::queue).toList();
    }

    /** The rows to write. */
    OpenBatch rows() {
        OpenBatch rows = new OpenBatch();
        for (Touched packet : touched) {
            PacketState state = packet.memory.state();
            rows.packet(
                    packet.queue.id.value(),
                    packet.memory.version(),
                    state.surplusFen(),
                    state.surplusCount(),
                    state.code(),
                    state.refundFen(),
                    packet.expired);
        }
        for (Decided share : decided) {
            if (share.opened != null && share.command instanceof Command.Open open) {
                rows.share(share.queue.id.value(), open.userId, share.opened.amountFen(), share.opened.sequence());
            }
        }
        return rows;
    }

    /** What the other flows are told: every share, and the end of packets that ended. */
    OrderEventBatch events() {
        OrderEventBatch.Builder events = OrderEventBatch.newBuilder();
        for (Decided share : decided) {
            LivePacket memory = share.queue.memory;
            if (memory == null) {
                throw new IllegalStateException("packet " + share.queue.id + " was forgotten while in flight");
            }
            LivePacket.Facts facts = memory.facts();
            OrderEvent.Builder event =
                    OrderEvent.newBuilder().setPacketId(facts.id().value());
            if (share.opened != null && share.command instanceof Command.Open open) {
                events.addEvents(event.setOpened(ShareOpened.newBuilder()
                        .setUserId(open.userId)
                        .setAmountFen(share.opened.amountFen())
                        .setSequence(share.opened.sequence())
                        .setSenderId(facts.senderId())
                        .setGroupId(facts.groupId())
                        .setKindValue(facts.terms().kind().code())));
                if (share.opened.sequence() == facts.terms().shareCount()) {
                    events.addEvents(OrderEvent.newBuilder()
                            .setPacketId(facts.id().value())
                            .setFinished(PacketFinished.newBuilder().setBestLuckUserId(bestLuck(memory))));
                }
            } else {
                events.addEvents(event.setRefunded(PacketRefunded.newBuilder()
                        .setSenderId(facts.senderId())
                        .setRefundFen(memory.state().refundFen())));
            }
        }
        return events.build();
    }

    /** The best of the committed shares and those of this batch; ties go to the earlier, and these are later. */
    private String bestLuck(LivePacket memory) {
        if (memory.facts().terms().kind() != PacketKind.LUCKY) {
            return "";
        }
        Share leader = memory.best();
        String bestUserId = leader == null ? "" : leader.userId();
        long bestFen = leader == null ? 0 : leader.amountFen();
        for (Decided share : decided) {
            if (share.queue.memory == memory
                    && share.opened != null
                    && share.command instanceof Command.Open open
                    && share.opened.amountFen() > bestFen) {
                bestFen = share.opened.amountFen();
                bestUserId = open.userId;
            }
        }
        return bestUserId;
    }
}
