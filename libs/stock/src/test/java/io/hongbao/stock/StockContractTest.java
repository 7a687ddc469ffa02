package io.hongbao.stock;

import static io.hongbao.stock.GrabAnswer.Denied.*;
import static io.hongbao.stock.TestStock.GROUP;
import static io.hongbao.stock.TestStock.LEASE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.core.id.PacketId;
import io.hongbao.stock.GrabAnswer.Leased;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the function library promises, on a real Redis. */
class StockContractTest {
    /** Longer than any test takes, since keys expire by Redis' own clock. */
    private static final Duration PLACE = Duration.ofMinutes(10);

    private static LocalRedis redis;
    private TestStock stock;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = new LocalRedis();
    }

    @AfterAll
    static void stopRedis() throws Exception {
        redis.close();
    }

    @BeforeEach
    void connect() {
        stock = new TestStock(redis);
    }

    @AfterEach
    void disconnect() {
        stock.close();
    }

    private Leased freshLease() {
        return new Leased(stock.nowMillis + LEASE.toMillis(), false);
    }

    @Test
    void shouldLeaseASlotUntilTheLeaseEnds() {
        PacketId packet = stock.published(1);

        GrabAnswer answer = stock.grab(packet, "alice");

        assertEquals(freshLease(), answer);
    }

    @Test
    void shouldGiveTheLastSlotToOneOfTwo() {
        PacketId packet = stock.published(1);

        List<GrabAnswer> answers = stock.run(Uni.join()
                .all(stock.client.grab(packet, "alice", GROUP, LEASE), stock.client.grab(packet, "bob", GROUP, LEASE))
                .andFailFast());

        assertEquals(1, answers.stream().filter(Leased.class::isInstance).count());
        assertTrue(answers.contains(SOLD_OUT));
    }

    @Test
    void shouldGiveNoMoreLeasesThanSharesToACrowd() {
        PacketId packet = stock.published(7);

        List<GrabAnswer> answers = stock.run(Uni.join()
                .all(IntStream.range(0, 1_000)
                        .mapToObj(user -> stock.client.grab(packet, "user-" + user, GROUP, LEASE))
                        .toList())
                .andFailFast());

        assertEquals(7, answers.stream().filter(Leased.class::isInstance).count());
    }

    @Test
    void shouldRepeatALeaseThatLives() {
        PacketId packet = stock.published(2);
        Leased first = (Leased) stock.grab(packet, "alice");
        stock.advance(LEASE.minusMillis(1));

        GrabAnswer again = stock.grab(packet, "alice");

        assertEquals(new Leased(first.untilMillis(), true), again);
    }

    @Test
    void shouldGiveTheSlotToAnotherWhenTheLeaseIsOver() {
        PacketId packet = stock.published(1);
        stock.grab(packet, "alice");
        stock.advance(LEASE);

        GrabAnswer answer = stock.grab(packet, "bob");

        assertEquals(freshLease(), answer);
        assertEquals(SOLD_OUT, stock.grab(packet, "alice"));
    }

    @Test
    void shouldRenewALeaseThatIsOverAndStillFree() {
        PacketId packet = stock.published(1);
        stock.grab(packet, "alice");
        stock.advance(LEASE);

        GrabAnswer answer = stock.grab(packet, "alice");

        assertEquals(freshLease(), answer);
        assertEquals(SOLD_OUT, stock.grab(packet, "bob"));
    }

    @Test
    void shouldUseUpTheLeaseWhenTheShareIsOpened() {
        PacketId packet = stock.published(1);
        stock.grab(packet, "alice");
        assertTrue(stock.run(stock.client.opened(packet, "alice")));

        stock.advance(LEASE.multipliedBy(2));

        assertEquals(SOLD_OUT, stock.grab(packet, "bob"));
        assertEquals(ALREADY_OPENED, stock.grab(packet, "alice"));
    }

    @Test
    void shouldTakeASlotForAnOpenThatHadNoLease() {
        PacketId packet = stock.published(2);

        stock.run(stock.client.opened(packet, "alice"));

        assertEquals(freshLease(), stock.grab(packet, "bob"));
        assertEquals(SOLD_OUT, stock.grab(packet, "carol"));
    }

    @Test
    void shouldOweASlotForAnOpenWhenAllAreLeased() {
        PacketId packet = stock.published(1);
        stock.grab(packet, "alice");
        stock.run(stock.client.opened(packet, "bob"));

        stock.advance(LEASE);

        assertEquals(SOLD_OUT, stock.grab(packet, "carol"), "alice's slot pays for bob's share");
    }

    @Test
    void shouldCountAnOpenOnce() {
        PacketId packet = stock.published(2);
        stock.run(stock.client.opened(packet, "alice"));

        assertFalse(stock.run(stock.client.opened(packet, "alice")));

        assertEquals(freshLease(), stock.grab(packet, "bob"));
    }

    @Test
    void shouldRememberNoMoreOpensThanShares() {
        PacketId packet = stock.published(2);

        for (int user = 0; user < 20; user++) {
            stock.run(stock.client.opened(packet, "user-" + user));
        }

        assertEquals(2, redis.send(Command.ZCARD, "hb:{" + packet + "}:seats").toInteger());
    }

    @Test
    void shouldRefuseAnotherGroup() {
        PacketId packet = stock.published(1);

        GrabAnswer answer = stock.run(stock.client.grab(packet, "alice", "group-2", LEASE));

        assertEquals(OTHER_GROUP, answer);
    }

    @Test
    void shouldKeepAnExclusivePacketForItsUser() {
        PacketId packet = stock.published(1, "alice");

        assertEquals(NOT_FOR_YOU, stock.grab(packet, "bob"));
        assertEquals(freshLease(), stock.grab(packet, "alice"));
    }

    @Test
    void shouldNotKnowAPacketThatWasNotPublished() {
        assertEquals(UNKNOWN_PACKET, stock.grab(stock.newPacketId(), "alice"));
    }

    @Test
    void shouldRefuseAnExpiredPacket() {
        PacketId packet = stock.published(1);
        stock.advance(TestStock.LIFE);

        assertEquals(PAST_EXPIRY, stock.grab(packet, "alice"));
    }

    @Test
    void shouldNotRaiseTheStockWhenPublishedAgain() {
        PacketId packet = stock.published(1);
        stock.grab(packet, "alice");

        assertFalse(stock.run(stock.client.publish(Stock.ofNew(packet, GROUP, "", 1, stock.expiry()))));

        assertEquals(SOLD_OUT, stock.grab(packet, "bob"));
    }

    @Test
    void shouldRefuseAFinishedPacketAndDropItsSeats() {
        PacketId packet = stock.published(2);
        stock.grab(packet, "alice");

        stock.run(stock.client.finish(packet, FinalMark.FINISHED, GROUP));

        assertEquals(FINISHED, stock.grab(packet, "alice"));
        assertEquals(0, redis.send(Command.EXISTS, "hb:{" + packet + "}:seats").toInteger());
    }

    @Test
    void shouldKeepTheFirstMark() {
        PacketId packet = stock.published(2);
        stock.run(stock.client.finish(packet, FinalMark.REFUNDED, GROUP));

        assertFalse(stock.run(stock.client.finish(packet, FinalMark.FINISHED, GROUP)));

        assertEquals(REFUNDED, stock.grab(packet, "alice"));
    }

    @Test
    void shouldKeepAMarkThatOvertookThePublication() {
        PacketId packet = stock.newPacketId();
        stock.run(stock.client.finish(packet, FinalMark.FINISHED, ""));

        assertFalse(stock.run(stock.client.publish(Stock.ofNew(packet, GROUP, "", 1, stock.expiry()))));

        assertEquals(FINISHED, stock.grab(packet, "alice"));
        assertEquals(OTHER_GROUP, stock.run(stock.client.grab(packet, "alice", "group-2", LEASE)));
    }

    @Test
    void shouldHealToTheSurplusLessTheLeasesThatLive() {
        PacketId packet = stock.published(5);
        stock.grab(packet, "lapsed");
        stock.advance(LEASE);
        stock.grab(packet, "living");

        long added = stock.run(stock.client.heal(new Stock(packet, GROUP, "", 5, 2, stock.expiry())));

        assertEquals(-2, added, "3 were in stock; 2 are left, and one of them is leased");
        assertEquals(freshLease(), stock.grab(packet, "alice"));
        assertEquals(SOLD_OUT, stock.grab(packet, "bob"));
    }

    @Test
    void shouldLoadAPacketThatWasLostWhenHealing() {
        PacketId packet = stock.newPacketId();

        assertEquals(1, stock.run(stock.client.heal(new Stock(packet, GROUP, "", 3, 1, stock.expiry()))));

        assertEquals(freshLease(), stock.grab(packet, "alice"));
        assertEquals(SOLD_OUT, stock.grab(packet, "bob"));
    }

    @Test
    void shouldNotKeepAnythingForEver() {
        PacketId packet = stock.published(2);
        stock.grab(packet, "alice");
        PacketId unknown = stock.newPacketId();
        stock.run(stock.client.finish(unknown, FinalMark.REFUNDED, ""));

        long dayAndTwoHours = Duration.ofHours(26).toMillis();
        for (String key :
                List.of("hb:{" + packet + "}:packet", "hb:{" + packet + "}:seats", "hb:{" + unknown + "}:packet")) {
            long ttlMillis = redis.send(Command.PTTL, key).toLong();
            assertTrue(ttlMillis > 0 && ttlMillis < dayAndTwoHours, key + " lives " + ttlMillis + " ms");
        }
    }

    @Test
    void shouldFailOneCallOnlyWhenRedisHoldsGarbage() {
        PacketId broken = stock.newPacketId();
        redis.send(Command.SET, "hb:{" + broken + "}:packet", "garbage");
        PacketId sound = stock.published(1);

        Uni<GrabAnswer> bad = stock.client.grab(broken, "alice", GROUP, LEASE);
        List<Object> answers = stock.run(Uni.join()
                .all(
                        bad.map(Object.class::cast).onFailure().recoverWithItem(failure -> failure),
                        stock.client.grab(sound, "alice", GROUP, LEASE).map(Object.class::cast))
                .andFailFast());

        assertEquals(
                StockUnavailableException.Cause.UNUSABLE, ((StockUnavailableException) answers.getFirst()).reason());
        assertEquals(freshLease(), answers.get(1));
    }

    @Test
    void shouldGiveEachOfABatchItsOwnAnswer() {
        PacketId two = stock.published(2);
        PacketId one = stock.published(1);
        PacketId finished = stock.published(1);
        stock.run(stock.client.finish(finished, FinalMark.FINISHED, GROUP));
        PacketId exclusive = stock.published(1, "alice");
        PacketId unknown = stock.newPacketId();

        List<GrabAnswer> answers = together(
                stock.client.grab(two, "alice", GROUP, LEASE),
                stock.client.grab(one, "alice", GROUP, LEASE),
                stock.client.grab(two, "mallory", "group-2", LEASE),
                stock.client.grab(exclusive, "bob", GROUP, LEASE),
                stock.client.grab(two, "bob", GROUP, LEASE),
                stock.client.grab(finished, "alice", GROUP, LEASE),
                stock.client.grab(unknown, "alice", GROUP, LEASE),
                stock.client.grab(two, "carol", GROUP, LEASE),
                stock.client.grab(one, "bob", GROUP, LEASE),
                stock.client.grab(exclusive, "alice", GROUP, LEASE));

        assertEquals(
                List.of(
                        freshLease(),
                        freshLease(),
                        OTHER_GROUP,
                        NOT_FOR_YOU,
                        freshLease(),
                        FINISHED,
                        UNKNOWN_PACKET,
                        SOLD_OUT,
                        SOLD_OUT,
                        freshLease()),
                answers);
    }

    @Test
    void shouldServeABatchInTheOrderOfItsCalls() {
        PacketId packet = stock.published(3);
        List<Uni<GrabAnswer>> crowd = IntStream.range(0, 50)
                .mapToObj(user -> stock.client.grab(packet, "user-" + user, GROUP, LEASE))
                .toList();

        List<GrabAnswer> answers = together(crowd);

        for (int user = 0; user < crowd.size(); user++) {
            assertEquals(user < 3 ? freshLease() : SOLD_OUT, answers.get(user), "user " + user);
        }
    }

    @Test
    void shouldTellAUserWhoIsInABatchTwiceTheSame() {
        PacketId packet = stock.published(2);

        List<GrabAnswer> answers = together(
                stock.client.grab(packet, "alice", GROUP, LEASE),
                stock.client.grab(packet, "alice", GROUP, LEASE),
                stock.client.grab(packet, "bob", GROUP, LEASE));

        assertEquals(
                List.of(freshLease(), new Leased(stock.nowMillis + LEASE.toMillis(), true), freshLease()), answers);
    }

    @Test
    void shouldSeeInABatchWhatWasToldBeforeIt() {
        PacketId packet = stock.published(2);

        List<Object> answers = stock.run(Uni.join()
                .all(
                        stock.client.grab(packet, "alice", GROUP, LEASE).map(Object.class::cast),
                        stock.client.opened(packet, "alice").map(Object.class::cast),
                        stock.client.opened(packet, "bob").map(Object.class::cast),
                        stock.client.grab(packet, "alice", GROUP, LEASE).map(Object.class::cast),
                        stock.client.grab(packet, "carol", GROUP, LEASE).map(Object.class::cast),
                        stock.client.finish(packet, FinalMark.FINISHED, GROUP).map(Object.class::cast),
                        stock.client.grab(packet, "carol", GROUP, LEASE).map(Object.class::cast))
                .andFailFast());

        assertEquals(List.of(freshLease(), true, true, ALREADY_OPENED, SOLD_OUT, true, FINISHED), answers);
    }

    @Test
    void shouldReclaimLeasesForSeveralOfABatch() {
        PacketId packet = stock.published(2);
        stock.grab(packet, "alice");
        stock.grab(packet, "bob");
        stock.advance(LEASE);

        List<GrabAnswer> answers = together(
                stock.client.grab(packet, "carol", GROUP, LEASE),
                stock.client.grab(packet, "dave", GROUP, LEASE),
                stock.client.grab(packet, "alice", GROUP, LEASE));

        assertEquals(List.of(freshLease(), freshLease(), SOLD_OUT), answers);
        long ttlMillis = redis.send(Command.PTTL, "hb:{" + packet + "}:seats").toLong();
        assertTrue(ttlMillis > 0, "seats that were emptied and filled again still have an end");
    }

    @Test
    void shouldAnswerPodsOfTheVersionBefore() {
        PacketId packet = stock.published(2);
        String[] keys = {"hb:{" + packet + "}:packet", "hb:{" + packet + "}:seats"};

        var leased = redis.send(Command.FCALL, "hb_grab", 2, keys[0], keys[1], "alice", GROUP, LEASE.toMillis());
        var opened = redis.send(Command.FCALL, "hb_opened", 2, keys[0], keys[1], "alice");

        assertEquals(1, leased.get(0).toInteger());
        assertEquals(stock.nowMillis + LEASE.toMillis(), leased.get(1).toLong());
        assertEquals(1, opened.get(0).toInteger());
        assertEquals(ALREADY_OPENED, stock.grab(packet, "alice"));
    }

    @SafeVarargs
    private List<GrabAnswer> together(Uni<GrabAnswer>... grabs) {
        return together(List.of(grabs));
    }

    private List<GrabAnswer> together(List<Uni<GrabAnswer>> grabs) {
        return stock.run(Uni.join().all(grabs).andFailFast());
    }

    @Test
    void shouldLetInAsManyPodsAsMayOpenAPacket() {
        PacketId packet = stock.newPacketId();

        assertTrue(enter(packet, "pod-1"));
        assertTrue(enter(packet, "pod-2"));
        assertFalse(enter(packet, "pod-3"));
        assertTrue(enter(stock.newPacketId(), "pod-3"), "another packet has places of its own");
    }

    @Test
    void shouldLetAPodKeepItsPlace() {
        PacketId packet = stock.newPacketId();
        enter(packet, "pod-1");
        enter(packet, "pod-2");
        stock.advance(PLACE.dividedBy(2));

        assertTrue(enter(packet, "pod-1"));

        stock.advance(PLACE.dividedBy(2));
        assertTrue(enter(packet, "pod-3"), "pod-2 did not come again");
        assertFalse(enter(packet, "pod-2"));
    }

    @Test
    void shouldGiveThePlaceOfAPodBackThatIsGone() {
        PacketId packet = stock.newPacketId();
        enter(packet, "pod-1");
        enter(packet, "pod-2");

        stock.advance(PLACE);

        assertTrue(enter(packet, "pod-3"));
    }

    private boolean enter(PacketId packet, String pod) {
        return stock.run(stock.client.enter(packet, pod, PLACE, 2));
    }
}
