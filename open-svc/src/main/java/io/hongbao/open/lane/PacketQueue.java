package io.hongbao.open.lane;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.LivePacket;
import org.jspecify.annotations.Nullable;

/**
 * One packet in a lane: its memory, and the requests that wait for it, first come first served.
 *
 * <pre>
 *            load                    take              commit
 *   UNLOADED ────▶ LOADING ──▶ READY ────▶ IN_FLIGHT ────────▶ READY
 *      ▲                                       │ failed, or unknown
 *      └───────────────────────────────────────┘
 * </pre>
 */
final class PacketQueue {
    enum Phase {
        /** Nothing is known, or what was known is void. */
        UNLOADED,
        /** A read is under way. */
        LOADING,
        /** The memory is as good as the row, as far as this pod knows. */
        READY,
        /** A batch that changes the packet is being committed; nothing else is decided meanwhile. */
        IN_FLIGHT
    }

    final PacketId id;
    /** Day of the month of the packet's tables. */
    final int dayOfMonth;

    Phase phase = Phase.UNLOADED;
    /** Present in READY and IN_FLIGHT. */
    @Nullable
    LivePacket memory;
    /** Whether the queue stands in one of the lane's lists, where it stands at most once. */
    boolean listed;
    /** Commits that failed in a row. Above zero the packet is committed alone, so that it spoils no other's batch. */
    int failedAttempts;
    /** Whether only one request is committed at a time, to find the one the server refuses. */
    boolean oneByOne;
    /** Until when this pod asks the gate before it reads the packet: it has met another pod. Of the monotonic clock. */
    long contendedUntilNanos = Long.MIN_VALUE;
    /** Whether the gate has let the pod in, and the packet is to be read. */
    boolean admitted;
    /** When a request last came, nanoseconds of the monotonic clock. */
    long usedNanos;

    private @Nullable Command head;
    private @Nullable Command tail;
    private int size;

    PacketQueue(PacketId id) {
        this.id = id;
        this.dayOfMonth = id.dayTable();
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Whether the head may be durable already: it is looked up, whoever else opens the packet. */
    boolean hasUnknown() {
        return head != null && head.retried;
    }

    void add(Command command) {
        command.next = null;
        if (tail == null) {
            head = command;
        } else {
            tail.next = command;
        }
        tail = command;
        size++;
    }

    /** Puts back what was taken and came to nothing; the caller goes from the last to the first. */
    void addFirst(Command command) {
        command.next = head;
        head = command;
        if (tail == null) {
            tail = command;
        }
        size++;
    }

    @Nullable
    Command peek() {
        return head;
    }

    /** The head, which must be there. */
    Command take() {
        Command taken = head;
        if (taken == null) {
            throw new IllegalStateException("the queue of packet " + id + " is empty");
        }
        head = taken.next;
        if (head == null) {
            tail = null;
        }
        taken.next = null;
        size--;
        return taken;
    }
}
