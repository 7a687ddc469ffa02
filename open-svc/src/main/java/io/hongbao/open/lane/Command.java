package io.hongbao.open.lane;

import io.grpc.Deadline;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.Decision;
import io.hongbao.core.packet.PacketState;
import io.hongbao.kit.Refusal;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Something that waits in a packet's queue. The answer is given once, by the lane, through one of the abstract methods;
 * it runs on the event loop the request came in on.
 */
public abstract sealed class Command permits Command.Open, Command.Expire {
    final PacketId packetId;
    /** Where the answer is written; answers of a batch are grouped by it. Null: answered on the lane's thread. */
    final @Nullable EventLoop answerOn;

    private final @Nullable Deadline deadline;

    final long enqueuedNanos = System.nanoTime();
    /** Next in the packet's queue. */
    @Nullable
    Command next;
    /** Whether an earlier attempt to commit this command ended unknown, so that finding its share is no replay. */
    boolean retried;

    private Command(PacketId packetId, @Nullable Deadline deadline, @Nullable EventLoop answerOn) {
        this.packetId = packetId;
        this.deadline = deadline;
        this.answerOn = answerOn;
    }

    /** The packet it is about. */
    public PacketId packetId() {
        return packetId;
    }

    boolean isTooLate() {
        return deadline != null && deadline.isExpired();
    }

    /** The request came to nothing, for a reason of its own. */
    public abstract void refuse(Refusal refusal);

    /** A user opens a share. */
    public abstract static non-sealed class Open extends Command {
        final String userId;
        final String groupId;

        protected Open(
                PacketId packetId,
                String userId,
                String groupId,
                @Nullable Deadline deadline,
                @Nullable EventLoop answerOn) {
            super(packetId, deadline, answerOn);
            this.userId = userId;
            this.groupId = groupId;
        }

        /** The share is durable. */
        public abstract void opened(int sequence, long amountFen, long openedAtMicros, boolean replay);

        /** There is no share for this user. */
        public abstract void refused(Decision.Refused reason);
    }

    /** The packet is closed if it has expired by the database's clock. */
    public abstract static non-sealed class Expire extends Command {
        protected Expire(PacketId packetId, @Nullable Deadline deadline, @Nullable EventLoop answerOn) {
            super(packetId, deadline, answerOn);
        }

        /** Where the packet stands now. */
        public abstract void done(PacketState state);

        /** The packet is open and not due by the database's clock. */
        public abstract void notDue();
    }
}
