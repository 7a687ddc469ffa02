package io.hongbao.wallet.payment;

import static io.hongbao.v1.ErrorReason.*;
import static io.hongbao.wallet.TestLedger.await;
import static io.hongbao.wallet.TestLedger.newPacket;
import static io.hongbao.wallet.TestLedger.newUser;
import static io.hongbao.wallet.TestLedger.race;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Refusal;
import io.hongbao.v1.ErrorReason;
import io.hongbao.wallet.TestLedger;
import io.hongbao.wallet.TestLedger.Outcome;
import io.hongbao.wallet.payment.PaymentRecord.Asked;
import io.hongbao.wallet.payment.PaymentRecord.ClosedUnasked;
import io.hongbao.wallet.payment.PaymentRecord.State;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Payments against a real ledger, alone and in races. */
class PaymentsTest {
    private static final byte[] HASH = new byte[32];

    private final TestLedger ledger = TestLedger.shared();
    private final Payments payments = ledger.payments;

    @AfterEach
    void booksBalance() {
        ledger.assertBooksBalance();
    }

    @Test
    void shouldMoveMoneyIntoEscrow() {
        // given
        String payer = ledger.userWith(1_000);
        PacketId packet = asked(payer, 700);
        // when
        var confirmed = await(payments.confirm(packet, payer, 700));
        // then
        assertFalse(confirmed.replay());
        assertEquals(State.CONFIRMED, confirmed.payment().state());
        assertTrue(confirmed.payment().confirmedAt().isPresent());
        assertEquals(300, ledger.balanceFen("user:" + payer));
        assertEquals(700, ledger.balanceFen("escrow:" + packet));
    }

    @Test
    void shouldConfirmOnceWhenFiftyConfirmAtOnce() {
        // given
        String payer = ledger.userWith(10_000);
        PacketId packet = asked(payer, 700);
        // when
        var outcomes = race(50, i -> payments.confirm(packet, payer, 700));
        // then
        assertEquals(50, outcomes.stream().filter(o -> o.item().isPresent()).count());
        assertEquals(
                1,
                outcomes.stream().filter(o -> !o.item().orElseThrow().replay()).count());
        assertEquals(9_300, ledger.balanceFen("user:" + payer));
        assertEquals(700, ledger.balanceFen("escrow:" + packet));
    }

    @Test
    void shouldReplayWhenTheWalletIsEmptyAfterTheFirstConfirm() {
        // given
        String payer = ledger.userWith(700);
        PacketId packet = asked(payer, 700);
        // when
        var outcomes = race(50, i -> payments.confirm(packet, payer, 700));
        // then
        assertEquals(
                49,
                outcomes.stream().filter(o -> o.item().orElseThrow().replay()).count());
        assertEquals(0, ledger.balanceFen("user:" + payer));
    }

    @Test
    void shouldNotOverdrawWhenManyPaymentsMeetInOneWallet() {
        // given
        String payer = ledger.userWith(2_050);
        List<PacketId> packets = java.util.stream.IntStream.range(0, 50)
                .mapToObj(i -> asked(payer, 100))
                .toList();
        // when
        var outcomes = race(50, i -> payments.confirm(packets.get(i), payer, 100));
        // then
        assertEquals(20, outcomes.stream().filter(o -> o.item().isPresent()).count());
        outcomes.stream()
                .flatMap(o -> o.failure().stream())
                .forEach(failure -> assertReason(ERROR_REASON_BALANCE_INSUFFICIENT, failure));
        assertEquals(50, ledger.balanceFen("user:" + payer));
    }

    @Test
    void shouldLetExactlyOneWinWhenConfirmMeetsClose() {
        long seed = System.nanoTime();
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        int confirmedCount = 0;
        for (int round = 0; round < 200; round++) {
            // given
            String payer = ledger.userWith(100);
            PacketId packet = asked(payer, 100);
            int jitterMicros = random.nextInt(-1_500, 1_500);
            // when
            var confirm = delayed(
                    Math.max(0, jitterMicros),
                    payments.confirm(packet, payer, 100).map(r -> (Object) r));
            var close =
                    delayed(Math.max(0, -jitterMicros), payments.close(packet).map(r -> (Object) r));
            List<Outcome<Object>> outcomes = race(2, i -> i == 0 ? confirm : close);
            // then
            Asked closed = assertInstanceOf(Asked.class, outcomes.get(1).item().orElseThrow());
            boolean confirmed = outcomes.get(0).item().isPresent();
            assertEquals(confirmed ? State.CONFIRMED : State.CLOSED, closed.state());
            outcomes.get(0).failure().ifPresent(failure -> assertReason(ERROR_REASON_PAYMENT_CLOSED, failure));
            assertEquals(confirmed ? 100 : 0, ledger.balanceFen("escrow:" + packet));
            assertEquals(confirmed ? 0 : 100, ledger.balanceFen("user:" + payer));
            confirmedCount += confirmed ? 1 : 0;
        }
        System.out.println("confirmed=" + confirmedCount + " of 200");
    }

    @Test
    void shouldSayWhyNothingWasPaid() {
        // given
        String payer = ledger.userWith(99);
        PacketId packet = asked(payer, 100);
        PacketId closed = asked(payer, 50);
        await(payments.close(closed));
        // when, then
        assertRefused(ERROR_REASON_BALANCE_INSUFFICIENT, payments.confirm(packet, payer, 100));
        assertRefused(ERROR_REASON_PAYMENT_AMOUNT_MISMATCH, payments.confirm(packet, payer, 99));
        assertRefused(ERROR_REASON_PAYMENT_AMOUNT_MISMATCH, payments.confirm(packet, payer, Long.MAX_VALUE));
        assertRefused(ERROR_REASON_PAYMENT_AMOUNT_MISMATCH, payments.confirm(packet, payer, -100));
        assertRefused(ERROR_REASON_NOT_THE_PAYER, payments.confirm(packet, newUser("thief"), 100));
        assertRefused(ERROR_REASON_PAYMENT_CLOSED, payments.confirm(closed, payer, 50));
        assertRefused(ERROR_REASON_PAYMENT_NOT_FOUND, payments.confirm(newPacket(), payer, 100));
        assertEquals(99, ledger.balanceFen("user:" + payer));
    }

    @Test
    void shouldRefuseThePaymentOfAPayerWithoutAWallet() {
        // given
        String payer = newUser("nobody");
        PacketId packet = asked(payer, 100);
        // when, then
        assertRefused(ERROR_REASON_BALANCE_INSUFFICIENT, payments.confirm(packet, payer, 100));
    }

    @Test
    void shouldPayOnceTheMoneyIsThere() {
        // given
        String payer = ledger.userWith(99);
        PacketId packet = asked(payer, 100);
        assertRefused(ERROR_REASON_BALANCE_INSUFFICIENT, payments.confirm(packet, payer, 100));
        await(ledger.deposits.deposit(payer, "more", 1));
        // when
        var confirmed = await(payments.confirm(packet, payer, 100));
        // then
        assertFalse(confirmed.replay());
    }

    @Test
    void shouldAnswerTheFirstOrderForTheSameRequest() {
        // given
        String payer = newUser("payer");
        PacketId first = newPacket();
        await(payments.create(first, payer, "r1", 100, HASH));
        // when
        var again = await(payments.create(newPacket(), payer, "r1", 100, HASH));
        // then
        assertTrue(again.replay());
        assertEquals(first, again.payment().packet());
        assertArrayEquals(HASH, again.payment().parametersHash());
    }

    @Test
    void shouldRefuseTheSameRequestWithOtherParameters() {
        // given
        String payer = newUser("payer");
        PacketId first = newPacket();
        await(payments.create(first, payer, "r1", 100, HASH));
        byte[] other = HASH.clone();
        other[31] = 1;
        // when, then
        assertRefused(ERROR_REASON_REQUEST_ID_REUSED, payments.create(newPacket(), payer, "r1", 100, other));
        assertRefused(ERROR_REASON_REQUEST_ID_REUSED, payments.create(newPacket(), payer, "r1", 101, HASH));
        assertRefused(ERROR_REASON_REQUEST_ID_REUSED, payments.create(first, payer, "r2", 100, HASH));
    }

    @Test
    void shouldAnswerTheSameToTwentyCreatesAtOnce() {
        for (int round = 0; round < 20; round++) {
            // given
            String payer = newUser("payer");
            // when
            var outcomes = race(20, i -> payments.create(newPacket(), payer, "r1", 100, HASH));
            // then
            assertEquals(
                    1,
                    outcomes.stream()
                            .filter(o -> !o.item().orElseThrow().replay())
                            .count());
            assertEquals(
                    1,
                    outcomes.stream()
                            .map(o -> o.item().orElseThrow().payment().packet())
                            .distinct()
                            .count());
        }
    }

    @Test
    void shouldFindAnOrderClosedThatWasClosedBeforeItsPaymentWasAskedFor() {
        // given
        PacketId packet = newPacket();
        // when
        PaymentRecord closed = await(payments.close(packet));
        // then
        assertEquals(new ClosedUnasked(packet), closed);
        assertEquals(new ClosedUnasked(packet), await(payments.close(packet)));
        assertRefused(ERROR_REASON_PAYMENT_CLOSED, payments.create(packet, newUser("payer"), "r1", 100, HASH));
        assertRefused(ERROR_REASON_PAYMENT_NOT_FOUND, payments.get(packet));
    }

    @Test
    void shouldNeverLeaveAClosedOrderPayableWhenCreateMeetsClose() {
        for (int round = 0; round < 100; round++) {
            // given
            PacketId packet = newPacket();
            String payer = newUser("payer");
            // when
            race(
                    2,
                    i -> i == 0
                            ? payments.create(packet, payer, "r1", 100, HASH).map(r -> (Object) r)
                            : payments.close(packet).map(r -> (Object) r));
            // then
            assertEquals(
                    1, ledger.number("select count(*) from payment where state = 'CLOSED' and packet_id = " + packet));
        }
    }

    private PacketId asked(String payer, long amountFen) {
        PacketId packet = newPacket();
        await(payments.create(packet, payer, "r-" + packet, amountFen, HASH));
        return packet;
    }

    private static <T> Uni<T> delayed(int micros, Uni<T> call) {
        return micros == 0
                ? call
                : Uni.createFrom()
                        .nullItem()
                        .onItem()
                        .delayIt()
                        .by(Duration.ofNanos(micros * 1_000L))
                        .flatMap(x -> call);
    }

    private static void assertRefused(ErrorReason reason, Uni<?> call) {
        assertReason(reason, assertThrows(Refusal.class, () -> await(call)));
    }

    private static void assertReason(ErrorReason reason, Throwable failure) {
        assertEquals(reason, assertInstanceOf(Refusal.class, failure).reason());
    }
}
