package io.hongbao.open.lane;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Deadline;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.Decision;
import io.hongbao.core.packet.LivePacket;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Terms;
import io.hongbao.core.split.Seed;
import io.hongbao.kit.Refusal;
import io.hongbao.kit.trace.Traces;
import io.hongbao.open.OpenMetrics;
import io.hongbao.open.gate.PacketGate;
import io.hongbao.orders.PacketRow;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A lane against a store whose faults are chosen. */
class LaneTest {
    private static final PacketId ONE = PacketId.of(1, 2_500, 1, 1, 7);
    private static final PacketId TWO = PacketId.of(1, 2_500, 1, 2, 7);
    private static final String GROUP = "g";

    private final Vertx vertx = Vertx.vertx();
    private final ContextInternal context = ((VertxInternal) vertx).createEventLoopContext();
    private final FakeStore store = new FakeStore();
    private final FakeGate gate = new FakeGate();
    private Lane lane = lane(new Limits());

    @BeforeEach
    void openTwoPackets() {
        store.put(facts(ONE, 1_000, 10), new PacketState.Open(1_000, 10));
        store.put(facts(TWO, 1_000, 10), new PacketState.Open(1_000, 10));
    }

    @AfterEach
    void close() {
        vertx.close();
    }

    @Test
    void shouldCommitWhatQueuesDuringACommitAsOneBatch() {
        store.hold = true;
        var first = open(ONE, "a");
        settle();
        var others = IntStream.range(0, 5)
                .mapToObj(i -> open(i % 2 == 0 ? ONE : TWO, "u" + i))
                .toList();
        settle();

        release();

        assertEquals("opened", first.await().what);
        others.forEach(answer -> assertEquals("opened", answer.await().what));
        assertEquals(
                List.of(1, 5), store.commits.stream().map(b -> b.shareCount()).toList());
    }

    @Test
    void shouldLeavePacketsOfFurtherTablesToTheNextBatch() {
        PacketId otherTable = PacketId.of(1, 2_500, 1, 3, 8);
        store.put(facts(otherTable, 1_000, 10), new PacketState.Open(1_000, 10));
        lane = lane(new Limits() {
            @Override
            public int tablesPerBatchMax() {
                return 1;
            }
        });
        // One commit of each first: then both are in memory, and nothing but the bound keeps them apart.
        open(ONE, "a").await();
        open(otherTable, "a").await();
        store.hold = true;
        var first = open(TWO, "first");
        settle();
        var others = List.of(open(ONE, "b"), open(otherTable, "b"), open(ONE, "c"), open(otherTable, "c"));
        settle();

        release();

        first.await();
        others.forEach(answer -> assertEquals("opened", answer.await().what));
        assertEquals(
                List.of(1, 1, 1, 2, 2),
                store.commits.stream().map(b -> b.shareCount()).toList());
    }

    @Test
    void shouldRefuseADatabaseThatMovesAndCommitTheOthersOfItsBatch() {
        PacketId moving = PacketId.of(1, 2_500, 1, 3, 70);
        store.put(facts(moving, 1_000, 10), new PacketState.Open(1_000, 10));
        open(moving, "a").await();
        open(ONE, "a").await();
        store.movingDatabase = 7;
        store.hold = true;
        var first = open(TWO, "first");
        settle();
        var other = open(ONE, "b");
        var refused = open(moving, "b");
        settle();

        release();

        assertEquals("opened", first.await().what);
        assertEquals("opened", other.await().what);
        assertEquals("SET_UNAVAILABLE", refused.await().what);
        int loads = store.loads;
        assertEquals("SET_UNAVAILABLE", open(moving, "c").await().what);
        assertEquals(loads, store.loads, "it is not tried again at once");
        store.movingDatabase = -1;
        await().until(() -> open(moving, "d").await().what.equals("opened"));
    }

    @Test
    void shouldReadTheOthersWhenSomeMove() {
        PacketId moving = PacketId.of(1, 2_500, 1, 3, 70);
        store.put(facts(moving, 1_000, 10), new PacketState.Open(1_000, 10));
        store.movingDatabase = 7;
        store.hold = true;
        var first = open(TWO, "first");
        settle();

        var both = List.of(open(moving, "a"), open(ONE, "a"));
        release();

        first.await();
        assertEquals("SET_UNAVAILABLE", both.getFirst().await().what);
        assertEquals("opened", both.getLast().await().what);
    }

    @Test
    void shouldAnswerNothingBeforeTheCommit() {
        store.hold = true;

        var answer = open(ONE, "a");
        settle();

        assertTrue(!answer.isDone(), "nobody is told of a share that is not durable");
        release();
        answer.await();
    }

    @Test
    void shouldFindTheShareWhenTheAnswerOfItsCommitWasLost() {
        store.faults.add(FakeStore.Fault.LOST_AFTER_COMMIT);

        var answer = open(ONE, "a").await();

        assertEquals("opened", answer.what);
        assertEquals(1, store.shares.get(ONE.value()).size());
        assertEquals(store.shares.get(ONE.value()).getFirst().share().amountFen(), answer.amountFen);
        assertEquals(false, answer.replay);
    }

    @Test
    void shouldDecideAgainWhenTheCommitWasLostBeforeItHappened() {
        store.faults.add(FakeStore.Fault.LOST_BEFORE_COMMIT);

        var answer = open(ONE, "a").await();

        assertEquals("opened", answer.what);
        assertEquals(1, store.shares.get(ONE.value()).size());
    }

    @Test
    void shouldRefuseAtOnceWhenTheServerCannotBeReached() {
        store.faults.add(FakeStore.Fault.NOT_SENT);

        var refused = open(ONE, "a").await();
        var next = open(ONE, "b").await();

        assertEquals("SET_UNAVAILABLE", refused.what);
        assertEquals(1, next.sequence);
    }

    @Test
    void shouldReloadAPacketThatAnotherOwnerHasChanged() {
        open(ONE, "a").await();
        onLane(() -> {
            var row = store.rows.get(ONE.value());
            var state = (PacketState.Open) row.state();
            var batch = new io.hongbao.orders.OpenBatch();
            batch.packet(ONE.value(), row.version(), state.surplusFen() - 1, state.surplusCount() - 1, 2, 0, false);
            batch.share(ONE.value(), "elsewhere", 1, 2);
            store.commit(1, batch, new byte[0], 1);
        });

        var answer = open(ONE, "b").await();
        var elsewhere = open(ONE, "elsewhere").await();

        assertEquals(3, answer.sequence);
        assertEquals(1, elsewhere.amountFen);
        assertTrue(elsewhere.replay);
    }

    @Test
    void shouldFailOnlyTheOneOpenThatTheStoreRefuses() {
        store.poisonUserId = "poison";
        store.hold = true;
        var first = open(TWO, "first");
        settle();
        var good = open(ONE, "good");
        var bad = open(ONE, "poison");
        var other = open(TWO, "other");
        settle();

        release();

        assertEquals("opened", first.await().what);
        assertEquals("opened", good.await().what);
        assertEquals("INTERNAL", bad.await().what);
        assertEquals("opened", other.await().what);
        assertEquals("opened", open(ONE, "after").await().what);
    }

    @Test
    void shouldTellSoldOutOnlyOnceTheLastShareIsDurable() {
        PacketId small = PacketId.of(1, 2_500, 1, 3, 7);
        store.put(facts(small, 10, 1), new PacketState.Open(10, 1));
        store.hold = true;
        var last = open(small, "a");
        var late = open(small, "b");
        settle();
        assertTrue(!late.isDone(), "sold out rests on a share that is not durable");

        store.faults.add(FakeStore.Fault.NOT_SENT);
        release();

        assertEquals("SET_UNAVAILABLE", last.await().what);
        assertEquals("opened", late.await().what);
    }

    @Test
    void shouldGiveOneShareWhenOneUserAsksTwiceInOneBatch() {
        store.hold = true;
        var first = open(ONE, "a");
        var second = open(ONE, "a");
        settle();

        release();

        assertEquals(first.await().amountFen, second.await().amountFen);
        assertTrue(second.await().replay);
        assertEquals(1, store.shares.get(ONE.value()).size());
    }

    @Test
    void shouldDoNothingForARequestWhoseDeadlineHasPassedInTheQueue() {
        store.hold = true;
        open(ONE, "a");
        settle();
        var late = open(ONE, "late", Deadline.after(-1, TimeUnit.SECONDS));
        settle();

        release();

        assertEquals("DEADLINE_PASSED", late.await().what);
        assertEquals(1, store.shares.get(ONE.value()).size());
    }

    @Test
    void shouldRefuseMoreRequestsThanAPacketMayQueue() {
        lane = lane(new Limits() {
            @Override
            public int queuedPerPacketMax() {
                return 2;
            }
        });
        store.hold = true;
        open(ONE, "a");
        settle();
        open(ONE, "b");
        open(ONE, "c");

        var refused = open(ONE, "d").await();

        assertEquals("PACKET_BUSY", refused.what);
        release();
    }

    @Test
    void shouldNotAskTheGateWhileNobodyElseOpensThePacket() {
        open(ONE, "a").await();

        open(ONE, "b").await();

        assertEquals(List.of(), gate.asked);
    }

    @Test
    void shouldAskTheGateOnceItHasMetAnotherPod() {
        open(ONE, "a").await();
        anotherPodOpens(ONE);

        var answer = open(ONE, "b").await();

        assertEquals("opened", answer.what);
        assertEquals(List.of(ONE), gate.asked);
    }

    @Test
    void shouldRefuseWhatWaitsForAPacketThatEnoughPodsOpen() {
        open(ONE, "a").await();
        anotherPodOpens(ONE);
        gate.full = true;

        var refused = open(ONE, "b").await();
        var alsoRefused = open(ONE, "c").await();

        assertEquals("PACKET_CONTENDED", refused.what);
        assertEquals("PACKET_CONTENDED", alsoRefused.what);
        assertEquals("opened", open(TWO, "b").await().what);
    }

    @Test
    void shouldGoOnOnceTheGateHasAPlace() {
        open(ONE, "a").await();
        anotherPodOpens(ONE);
        gate.full = true;
        open(ONE, "b").await();
        gate.full = false;

        assertEquals("opened", open(ONE, "b").await().what);
    }

    @Test
    void shouldLookUpAnUnknownCommitThoughTheGateIsFull() {
        open(ONE, "a").await();
        anotherPodOpens(ONE);
        open(ONE, "b").await();
        gate.full = true;
        store.faults.add(FakeStore.Fault.LOST_AFTER_COMMIT);

        var answer = open(ONE, "c").await();

        assertEquals("opened", answer.what);
    }

    @Test
    void shouldReadAnUnpaidPacketAgainForEveryRequest() {
        store.put(facts(ONE, 1_000, 10), new PacketState.AwaitingPayment());
        assertEquals("NOT_PAID", open(ONE, "a").await().what);

        onLane(() -> store.put(facts(ONE, 1_000, 10), new PacketState.Open(1_000, 10)));

        assertEquals("opened", open(ONE, "a").await().what);
    }

    @Test
    void shouldPayNothingOutOfAPacketThatDoesNotAddUp() {
        store.put(facts(ONE, 1_000, 10), new PacketState.Open(999, 10));

        assertEquals("INTERNAL", open(ONE, "a").await().what);
        assertEquals(List.of(), store.commits);
    }

    @Test
    void shouldExpireInTurnBehindTheOpensThatCameFirst() {
        store.put(facts(ONE, 1_000, 10), new PacketState.Open(1_000, 10));
        store.nowMicros = Long.MAX_VALUE;
        store.hold = true;
        open(TWO, "hold");
        settle();
        var before = open(ONE, "before");
        var expired = expire(ONE);
        var after = open(ONE, "after");
        settle();

        release();

        assertEquals("opened", before.await().what);
        assertEquals("4", expired.await().what);
        assertEquals("EXPIRED", after.await().what);
        assertEquals(
                1_000 - before.await().amountFen,
                store.rows.get(ONE.value()).state().refundFen());
    }

    @Test
    void shouldNotExpireAPacketThatIsNotDueByTheStoresClock() {
        assertEquals("not due", expire(ONE).await().what);
        assertEquals("opened", open(ONE, "a").await().what);
    }

    @Test
    void shouldFinishWhatIsQueuedAndRefuseWhatIsNewWhileDraining() {
        store.hold = true;
        var queued = open(ONE, "a");
        settle();

        lane.drain();

        assertEquals("DRAINING", open(ONE, "b").await().what);
        release();
        assertEquals("opened", queued.await().what);
        assertEquals(0, lane.waitingCount());
    }

    @Test
    void shouldForgetAnIdlePacket() {
        lane = lane(new Limits() {
            @Override
            public Duration idleMax() {
                return Duration.ZERO;
            }
        });
        open(ONE, "a").await();
        settle();

        lane.sweep();
        settle();

        assertEquals(0, lane.rememberedCount());
        assertNotEquals(0, open(ONE, "b").await().amountFen);
    }

    // ---- the means ----

    private static class Limits implements LaneLimits {
        @Override
        public int perSet() {
            return 1;
        }

        @Override
        public int batchSharesMax() {
            return 512;
        }

        @Override
        public int tablesPerBatchMax() {
            return 12;
        }

        @Override
        public int queuedPerPacketMax() {
            return 1_024;
        }

        @Override
        public int queuedPerLaneMax() {
            return 16_384;
        }

        @Override
        public Duration queueingTimeMax() {
            return Duration.ofMinutes(1);
        }

        @Override
        public int rememberedPacketsMax() {
            return 1_000;
        }

        @Override
        public Duration idleMax() {
            return Duration.ofMinutes(1);
        }

        @Override
        public int attemptsMax() {
            return 5;
        }

        @Override
        public int podsPerPacketMax() {
            return 2;
        }

        @Override
        public Duration podPlaceTime() {
            return Duration.ofMinutes(1);
        }
    }

    private Lane lane(LaneLimits limits) {
        return new Lane(
                "set-t/0",
                store,
                gate,
                limits,
                new OpenMetrics(new SimpleMeterRegistry()),
                Traces.off(),
                context,
                System::nanoTime);
    }

    private static LivePacket.Facts facts(PacketId id, long totalFen, int shareCount) {
        byte[] seed = new byte[Seed.BYTES];
        seed[0] = (byte) id.counter();
        return new LivePacket.Facts(
                id, new Terms(PacketKind.LUCKY, totalFen, shareCount, 20_000), new Seed(seed), "sender", GROUP, "");
    }

    /** Answers as it is told, and remembers who asked. */
    private static final class FakeGate implements PacketGate {
        final List<PacketId> asked = new CopyOnWriteArrayList<>();
        volatile boolean full;

        @Override
        public Future<Boolean> enter(PacketId packetId) {
            asked.add(packetId);
            return Future.succeededFuture(!full);
        }
    }

    /** Moves the version of the row, as the commit of another pod does. */
    private void anotherPodOpens(PacketId id) {
        onLane(() -> store.rows.computeIfPresent(
                id.value(),
                (key, row) -> new PacketRow(
                        row.facts(),
                        row.state(),
                        row.version() + 1,
                        row.createdAtMicros(),
                        row.dueAtMicros(),
                        row.timeToLiveMillis(),
                        row.cityCode(),
                        row.greeting())));
    }

    private record Told(String what, int sequence, long amountFen, boolean replay) {}

    private static final class Answer extends CompletableFuture<Told> {
        Told await() {
            return orTimeout(10, TimeUnit.SECONDS).join();
        }

        void tell(String what) {
            complete(new Told(what, 0, 0, false));
        }
    }

    private Answer open(PacketId id, String userId) {
        return open(id, userId, null);
    }

    private Answer open(PacketId id, String userId, @Nullable Deadline deadline) {
        Answer answer = new Answer();
        lane.submit(new Command.Open(id, userId, GROUP, deadline, null) {
            @Override
            public void opened(int sequence, long amountFen, long openedAtMicros, boolean replay) {
                answer.complete(new Told("opened", sequence, amountFen, replay));
            }

            @Override
            public void refused(Decision.Refused reason) {
                answer.tell(reason.name());
            }

            @Override
            public void refuse(Refusal refusal) {
                answer.tell(Refusal.nameOf(refusal.reason()));
            }
        });
        return answer;
    }

    private Answer expire(PacketId id) {
        Answer answer = new Answer();
        lane.submit(new Command.Expire(id, null, null) {
            @Override
            public void done(PacketState state) {
                answer.tell(Integer.toString(state.code()));
            }

            @Override
            public void notDue() {
                answer.tell("not due");
            }

            @Override
            public void refuse(Refusal refusal) {
                answer.tell(Refusal.nameOf(refusal.reason()));
            }
        });
        return answer;
    }

    /** Returns when the lane has done all it can do now. */
    private void settle() {
        for (int turn = 0; turn < 5; turn++) {
            onLane(() -> {});
        }
    }

    private void release() {
        onLane(store::release);
    }

    private void onLane(Runnable work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        context.runOnContext(nothing -> {
            work.run();
            done.complete(null);
        });
        done.orTimeout(10, TimeUnit.SECONDS).join();
    }
}
