package io.hongbao.stock;

import io.hongbao.core.id.PacketId;
import io.vertx.redis.client.Request;
import java.util.concurrent.Executor;

/** Something that waits for Redis. Exactly one of {@link #answered} and {@link #failed} is told, once. */
abstract sealed class Call {
    private final Executor answerOn;

    /** @param answerOn where the caller is told, except of a failure that is known at once */
    private Call(Executor answerOn) {
        this.answerOn = answerOn;
    }

    Executor answerOn() {
        return answerOn;
    }

    /** Every function answers a result and a number; what they mean, it says in the library. */
    abstract void answered(int result, long number);

    abstract void failed(StockUnavailableException failure);

    /** One call of a function. */
    abstract static non-sealed class Single extends Call {
        final Request request;

        Single(Request request) {
            super(Runnable::run);
            this.request = request;
        }
    }

    /** One user's part in a call for many. */
    abstract static non-sealed class OfUser extends Call {
        final Many many;
        final PacketId packetId;
        final String groupId;
        final String userId;

        /** @param groupId the user's, or empty where it does not matter */
        OfUser(Many many, PacketId packetId, String groupId, String userId, Executor answerOn) {
            super(answerOn);
            this.many = many;
            this.packetId = packetId;
            this.groupId = groupId;
            this.userId = userId;
        }
    }

    /**
     * What can be asked for in one function call: the same function with the same lease.
     *
     * @param leaseMillis or 0 where it does not matter
     */
    record Many(String function, long leaseMillis) {}
}
