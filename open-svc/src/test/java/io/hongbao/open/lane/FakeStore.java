package io.hongbao.open.lane;

import io.hongbao.core.packet.LivePacket;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Share;
import io.hongbao.orders.OpenBatch;
import io.hongbao.orders.PacketRow;
import io.hongbao.orders.PacketStore;
import io.hongbao.orders.ShareRow;
import io.hongbao.orders.StoreException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** A SET in memory, with the guards of the real one, and faults on request. Used from one event loop. */
final class FakeStore implements PacketStore {
    /** What goes wrong with one commit. */
    enum Fault {
        /** The connection is refused: nothing is sent. */
        NOT_SENT,
        /** The answer is lost after the commit. */
        LOST_AFTER_COMMIT,
        /** The connection breaks before the commit. */
        LOST_BEFORE_COMMIT
    }

    final Map<Long, PacketRow> rows = new HashMap<>();
    final Map<Long, List<ShareRow>> shares = new HashMap<>();
    final Queue<Fault> faults = new ArrayDeque<>();
    final List<OpenBatch> commits = new ArrayList<>();
    /** A user the store refuses, like a text the server cannot store. */
    String poisonUserId = "";
    /** A logical database that is on its way to another SET; -1 for none. */
    int movingDatabase = -1;

    int loads;
    long nowMicros = 1;
    /** Set to hold the next commits back until {@link #release}. */
    boolean hold;

    private final List<Runnable> held = new ArrayList<>();

    void put(LivePacket.Facts facts, PacketState state) {
        rows.put(facts.id().value(), new PacketRow(facts, state, 0, 0, Long.MAX_VALUE, 1_000, "", ""));
    }

    void release() {
        hold = false;
        List<Runnable> now = List.copyOf(held);
        held.clear();
        now.forEach(Runnable::run);
    }

    @Override
    public String name() {
        return "set-t";
    }

    @Override
    public Future<Map<Long, PacketRow>> load(int dayOfMonth, Collection<Long> ids) {
        loads++;
        if (ids.stream().anyMatch(this::isMoving)) {
            return Future.failedFuture(StoreException.of(name(), moving()));
        }
        Map<Long, PacketRow> found = new HashMap<>();
        ids.forEach(id -> {
            if (rows.containsKey(id)) {
                found.put(id, rows.get(id));
            }
        });
        return Future.succeededFuture(found);
    }

    @Override
    public Future<Map<Long, List<ShareRow>>> loadShares(int dayOfMonth, Collection<Long> ids) {
        Map<Long, List<ShareRow>> found = new HashMap<>();
        ids.forEach(id -> found.put(id, List.copyOf(shares.getOrDefault(id, List.of()))));
        return Future.succeededFuture(found);
    }

    @Override
    public Future<Long> commit(int dayOfMonth, OpenBatch batch, byte[] events, int eventCount) {
        Promise<Long> promise = Promise.promise();
        Runnable work = () -> {
            Fault fault = faults.poll();
            if (fault == Fault.NOT_SENT) {
                promise.fail(StoreException.of(name(), new java.net.ConnectException("refused")));
                return;
            }
            if (fault == Fault.LOST_BEFORE_COMMIT) {
                promise.fail(StoreException.of(name(), new java.io.IOException("connection lost")));
                return;
            }
            try {
                apply(batch);
            } catch (PgException refused) {
                promise.fail(StoreException.of(name(), refused));
                return;
            }
            commits.add(batch);
            if (fault == Fault.LOST_AFTER_COMMIT) {
                promise.fail(StoreException.of(name(), new java.io.IOException("connection lost")));
            } else {
                promise.complete(nowMicros);
            }
        };
        if (hold) {
            held.add(work);
        } else {
            work.run();
        }
        return promise.future();
    }

    private boolean isMoving(long id) {
        return id / 10 % 100 == movingDatabase;
    }

    private PgException moving() {
        return new PgException("moving", "ERROR", "HB001", Integer.toString(movingDatabase));
    }

    private void apply(OpenBatch batch) {
        if (batch.packets().stream().anyMatch(change -> isMoving(change.id()))) {
            throw moving();
        }
        for (OpenBatch.NewShare share : batch.shares()) {
            if (share.userId().equals(poisonUserId)) {
                throw new PgException("refused", "ERROR", "22021", "invalid byte sequence");
            }
            if (shares.getOrDefault(share.packetId(), List.of()).stream()
                    .anyMatch(row -> row.share().userId().equals(share.userId()))) {
                throw new PgException("duplicate key", "ERROR", "23505", "");
            }
        }
        for (OpenBatch.PacketChange change : batch.packets()) {
            PacketRow row = rows.get(change.id());
            if (row.version() != change.version() || change.onlyIfDue() && row.dueAtMicros() > nowMicros) {
                throw new PgException("division by zero", "ERROR", "22012", "");
            }
        }
        for (OpenBatch.PacketChange change : batch.packets()) {
            PacketRow row = rows.get(change.id());
            PacketState state =
                    PacketState.ofRow(change.state(), change.surplusFen(), change.surplusCount(), change.refundFen());
            rows.put(
                    change.id(),
                    new PacketRow(
                            row.facts(),
                            state,
                            row.version() + 1,
                            row.createdAtMicros(),
                            row.dueAtMicros(),
                            row.timeToLiveMillis(),
                            row.cityCode(),
                            row.greeting()));
        }
        for (OpenBatch.NewShare share : batch.shares()) {
            shares.computeIfAbsent(share.packetId(), id -> new ArrayList<>())
                    .add(new ShareRow(
                            new Share(share.userId(), share.sequence(), share.amountFen(), nowMicros), false));
        }
    }
}
