package io.hongbao.orders;

import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** What a lane needs of a SET's orders. Failures are {@link StoreException}s. */
public interface PacketStore {
    /** The SET's name. */
    String name();

    /** Packets of one day by number; those that do not exist are absent. */
    Future<Map<Long, PacketRow>> load(int dayOfMonth, Collection<Long> ids);

    /** All shares of packets of one day, by packet, in the order of opening. */
    Future<Map<Long, List<ShareRow>>> loadShares(int dayOfMonth, Collection<Long> ids);

    /**
     * Commits what a lane decided: all of it, or nothing.
     *
     * @param dayOfMonth of all orders in the batch, 1 to 31
     * @param events serialised OrderEventBatch without its time
     * @return when, microseconds since 1970: the time of every share in it
     */
    Future<Long> commit(int dayOfMonth, OpenBatch batch, byte[] events, int eventCount);
}
