package io.hongbao.wallet.payment;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_BALANCE_INSUFFICIENT;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEADLINE_PASSED;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEPENDENCY_UNAVAILABLE;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_REQUEST_ID_REUSED;
import static io.hongbao.wallet.TestLedger.await;
import static io.hongbao.wallet.TestLedger.newPacket;
import static io.hongbao.wallet.TestLedger.newUser;
import static io.hongbao.wallet.TestLedger.race;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Context;
import io.grpc.Deadline;
import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Refusal;
import io.hongbao.v1.ErrorReason;
import io.hongbao.wallet.TestLedger;
import io.hongbao.wallet.ledger.Ledger;
import io.hongbao.wallet.payment.PaymentRecord.Asked;
import io.hongbao.wallet.payment.PaymentRecord.State;
import io.hongbao.wallet.payment.PaymentStore.Confirmation;
import io.hongbao.wallet.payment.PaymentStore.NewPayment;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Many payments in one statement, against a real ledger: what one of them comes to must not depend on the others. */
class PaymentBatchesTest {
    private static final byte[] HASH = new byte[32];

    private final TestLedger ledger = TestLedger.shared();
    private final PaymentStore store = new PaymentStore(ledger.ledger);
    private final Payments payments = ledger.payments;

    @AfterEach
    void booksBalance() {
        ledger.assertBooksBalance();
    }

    @Test
    void shouldMakeTheOthersWhenOneIsInTheWayOfAnother() {
        // given
        NewPayment there = payment(newUser("payer"), 100);
        await(store.create(List.of(there)));
        NewPayment sameRequest = new NewPayment(newPacket(), there.payerId(), there.requestId(), 100, HASH);
        NewPayment samePacket = new NewPayment(there.packet(), newUser("payer"), "r1", 100, HASH);
        NewPayment free = payment(newUser("payer"), 100);
        // when
        var made = await(store.create(List.of(there, sameRequest, samePacket, free)));
        // then
        assertEquals(List.of(false, false, false, true), present(made));
        Asked payment = made.getLast().orElseThrow();
        assertEquals(free.packet(), payment.packet());
        assertEquals(free.payerId(), payment.payerId());
        assertEquals(free.requestId(), payment.requestId());
        assertEquals(100, payment.amountFen());
        assertEquals(State.PENDING, payment.state());
    }

    @Test
    void shouldMakeOneOfThoseInABatchThatAreTheSame() {
        // given
        NewPayment first = payment(newUser("payer"), 100);
        NewPayment again = new NewPayment(first.packet(), first.payerId(), first.requestId(), 100, HASH);
        NewPayment sameRequest = new NewPayment(newPacket(), first.payerId(), first.requestId(), 200, HASH);
        NewPayment samePacket = new NewPayment(first.packet(), newUser("payer"), "r1", 100, HASH);
        // when
        var made = await(store.create(List.of(first, again, first, sameRequest, samePacket)));
        // then
        assertEquals(1, present(made).stream().filter(is -> is).count());
        assertTrue(made.getFirst().isPresent() || made.get(2).isPresent());
        assertEquals(
                1,
                ledger.number(
                        "select count(*) from payment where packet_id in (%s, %s) and amount_fen = 100 and payer_id = '%s'"
                                .formatted(first.packet(), sameRequest.packet(), first.payerId())));
    }

    @Test
    void shouldTellEachCreateOfABatchWhatIsInItsWay() {
        // given
        NewPayment there = payment(newUser("payer"), 100);
        await(store.create(List.of(there)));
        // when
        var outcomes = race(60, i -> switch (i % 3) {
            case 0 -> payments.create(newPacket(), newUser("payer"), "r1", 100, HASH);
            case 1 -> payments.create(newPacket(), there.payerId(), there.requestId(), 100, HASH);
            default -> payments.create(newPacket(), there.payerId(), there.requestId(), 101, HASH);
        });
        // then
        for (int i = 0; i < outcomes.size(); i++) {
            var outcome = outcomes.get(i);
            switch (i % 3) {
                case 0 -> assertEquals(false, outcome.item().orElseThrow().replay());
                case 1 -> {
                    assertTrue(outcome.item().orElseThrow().replay());
                    assertEquals(
                            there.packet(),
                            outcome.item().orElseThrow().payment().packet());
                }
                default -> assertReason(ERROR_REASON_REQUEST_ID_REUSED, outcome.failure());
            }
        }
    }

    @Test
    void shouldConfirmTheOthersWhenOneIsRefused() {
        // given
        String rich = ledger.userWith(1_000);
        String poor = ledger.userWith(10);
        PacketId paid = asked(rich, 100);
        PacketId tooDear = asked(poor, 100);
        PacketId done = asked(rich, 100);
        await(payments.confirm(done, rich, 100));
        PacketId closed = asked(rich, 100);
        await(payments.close(closed));
        PacketId other = asked(rich, 100);
        // when
        var confirmed = await(store.confirm(List.of(
                new Confirmation(tooDear, poor, 100),
                new Confirmation(done, rich, 100),
                new Confirmation(closed, rich, 100),
                new Confirmation(other, poor, 100),
                new Confirmation(other, rich, 99),
                new Confirmation(newPacket(), rich, 100),
                new Confirmation(paid, rich, 100))));
        // then
        assertEquals(List.of(false, false, false, false, false, false, true), present(confirmed));
        assertEquals(State.CONFIRMED, confirmed.getLast().orElseThrow().state());
        assertTrue(confirmed.getLast().orElseThrow().confirmedAt().isPresent());
        assertEquals(800, ledger.balanceFen("user:" + rich));
        assertEquals(10, ledger.balanceFen("user:" + poor));
        assertEquals(100, ledger.balanceFen("escrow:" + paid));
    }

    @Test
    void shouldConfirmOnceWhenABatchHoldsThePaymentTwice() {
        // given
        String payer = ledger.userWith(1_000);
        PacketId packet = asked(payer, 400);
        var confirmation = new Confirmation(packet, payer, 400);
        // when
        var confirmed = await(store.confirm(List.of(confirmation, confirmation, confirmation)));
        // then
        assertEquals(List.of(true, false, false), present(confirmed));
        assertEquals(600, ledger.balanceFen("user:" + payer));
    }

    @Test
    void shouldSpendAWalletInTheOrderOfABatchAsFarAsItReaches() {
        // given
        String payer = ledger.userWith(250);
        List<Confirmation> asked = LongStream.of(100, 100, 100)
                .mapToObj(amountFen -> new Confirmation(asked(payer, amountFen), payer, amountFen))
                .toList();
        // when
        var confirmed = await(store.confirm(asked));
        // then
        assertEquals(List.of(true, true, false), present(confirmed));
        assertEquals(50, ledger.balanceFen("user:" + payer));
    }

    @Test
    void shouldPayASmallAmountBehindOneThatTheWalletDoesNotReach() {
        // given
        String payer = ledger.userWith(250);
        PacketId large = asked(payer, 300);
        PacketId small = asked(payer, 200);
        var waiting = new ArrayList<Runnable>();
        var gathering = new AtomicBoolean(true);
        var batches = new PaymentBatches(
                command -> {
                    if (gathering.get()) {
                        waiting.add(command);
                    } else {
                        command.run();
                    }
                },
                store,
                ledger.metrics);
        var together = new Payments(store, batches);
        // when
        var ofLarge = together.confirm(large, payer, 300).subscribeAsCompletionStage();
        var ofSmall = together.confirm(small, payer, 200).subscribeAsCompletionStage();
        gathering.set(false);
        waiting.forEach(Runnable::run);
        var outcomes = race(2, i -> Uni.createFrom().completionStage(i == 0 ? ofLarge : ofSmall));
        // then
        assertReason(ERROR_REASON_BALANCE_INSUFFICIENT, outcomes.getFirst().failure());
        assertEquals(false, outcomes.getLast().item().orElseThrow().replay());
        assertEquals(50, ledger.balanceFen("user:" + payer));
    }

    @ParameterizedTest
    @MethodSource("confirmations")
    void shouldLookForAPaymentByItsNumberAndNotByItsPayer(Ledger.Statement statement) {
        // when
        var plan = await(
                ledger.pool().query("explain (generic_plan) " + statement.sql()).execute());
        // then
        for (Row line : plan) {
            assertFalse(line.getString(0).contains("(payer_id = "), line.getString(0));
        }
    }

    static List<Ledger.Statement> confirmations() {
        return List.of(PaymentStore.CONFIRM, PaymentStore.CONFIRM_MANY);
    }

    @Test
    void shouldNotWaitForAWalletThatIsHeld() {
        // given
        String held = ledger.userWith(1_000);
        String free = ledger.userWith(1_000);
        PacketId ofHeld = asked(held, 100);
        PacketId ofFree = asked(free, 100);
        // when
        var confirmed = await(ledger.pool()
                .withTransaction(holder -> holder.query(
                                "select 1 from account where account_id = 'user:" + held + "' for update")
                        .execute()
                        .flatMap(locked -> store.confirm(
                                List.of(new Confirmation(ofHeld, held, 100), new Confirmation(ofFree, free, 100))))));
        // then
        assertEquals(List.of(false, true), present(confirmed));
        assertEquals(false, await(payments.confirm(ofHeld, held, 100)).replay());
    }

    @Test
    void shouldFailOnlyTheOneThatCannotBeStored() {
        // given
        int impossible = 7;
        // when
        var outcomes = race(
                20,
                i -> payments.create(newPacket(), newUser("payer") + (i == impossible ? "\0" : ""), "r1", 100, HASH));
        // then
        for (int i = 0; i < outcomes.size(); i++) {
            assertEquals(i != impossible, outcomes.get(i).item().isPresent());
        }
        assertTrue(Ledger.isImpossible(outcomes.get(impossible).failure().orElseThrow()));
    }

    @Test
    void shouldFindWhatBecameOfBatchesWhoseAnswerWasLost() {
        // given
        var loses = new Ledger(Pool.newInstance(ledger.pool().getDelegate()), ledger.metrics) {
            private final Set<String> lost = ConcurrentHashMap.newKeySet();

            @Override
            public Uni<RowSet<Row>> run(Statement statement, Tuple arguments) {
                return super.run(statement, arguments).invoke(rows -> {
                    if (statement.name().startsWith("payments_") && lost.add(statement.name())) {
                        throw Refusal.of(ERROR_REASON_DEPENDENCY_UNAVAILABLE, "the answer was lost");
                    }
                });
            }
        };
        Payments unlucky = ledger.payments(loses);
        String payer = ledger.userWith(1_000);
        PacketId packet = newPacket();
        // when
        var created =
                race(1, i -> unlucky.create(packet, payer, "r1", 100, HASH)).getFirst();
        var createdAgain = await(unlucky.create(newPacket(), payer, "r1", 100, HASH));
        var confirmed = race(1, i -> unlucky.confirm(packet, payer, 100)).getFirst();
        race(1, i -> unlucky.get(packet));
        var confirmedAgain = await(unlucky.confirm(packet, payer, 100));
        // then
        assertReason(ERROR_REASON_DEPENDENCY_UNAVAILABLE, created.failure());
        assertTrue(createdAgain.replay());
        assertEquals(packet, createdAgain.payment().packet());
        assertReason(ERROR_REASON_DEPENDENCY_UNAVAILABLE, confirmed.failure());
        assertTrue(confirmedAgain.replay());
        assertEquals(900, ledger.balanceFen("user:" + payer));
        assertEquals(100, ledger.balanceFen("escrow:" + packet));
    }

    @Test
    void shouldTakeNoMoneyOfACallerWhoHasGone() throws Exception {
        // given
        String payer = ledger.userWith(1_000);
        PacketId packet = asked(payer, 100);
        var timer = Executors.newSingleThreadScheduledExecutor();
        var gone = Context.ROOT.withDeadline(Deadline.after(-1, TimeUnit.SECONDS), timer);
        // when
        Uni<Payments.Result> call = gone.call(() -> payments.confirm(packet, payer, 100));
        // then
        assertEquals(
                ERROR_REASON_DEADLINE_PASSED,
                assertThrows(Refusal.class, () -> await(call)).reason());
        assertEquals(1_000, ledger.balanceFen("user:" + payer));
        timer.shutdown();
    }

    @Test
    void shouldDoAsOneByOneWhateverComesTogether() {
        long seed = System.nanoTime();
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 10; round++) {
            // given
            List<String> payers = IntStream.range(0, 5)
                    .mapToObj(i -> ledger.userWith(random.nextInt(1, 2_000)))
                    .toList();
            List<Confirmation> asked = IntStream.range(0, 60)
                    .mapToObj(i -> {
                        String payer = payers.get(random.nextInt(payers.size()));
                        long amountFen = random.nextInt(1, 300);
                        return new Confirmation(asked(payer, amountFen), payer, amountFen);
                    })
                    .toList();
            // when: each is asked for twice, by two pods
            Payments otherPod = ledger.payments(ledger.ledger);
            var outcomes = race(120, i -> {
                Confirmation one = asked.get(i / 2);
                return (i % 2 == 0 ? payments : otherPod).confirm(one.packet(), one.payerId(), one.amountFen());
            });
            // then
            for (int i = 0; i < asked.size(); i++) {
                long done = outcomes.subList(2 * i, 2 * i + 2).stream()
                        .filter(o -> o.item().isPresent() && !o.item().get().replay())
                        .count();
                assertTrue(done <= 1);
                assertEquals(
                        done * asked.get(i).amountFen(),
                        ledger.balanceFen("escrow:" + asked.get(i).packet()));
            }
            outcomes.stream()
                    .flatMap(o -> o.failure().stream())
                    .forEach(failure -> assertReason(ERROR_REASON_BALANCE_INSUFFICIENT, Optional.of(failure)));
            for (String payer : payers) {
                long leftFen = ledger.balanceFen("user:" + payer);
                assertTrue(leftFen >= 0);
                // Nobody was refused who could have paid.
                for (int i = 0; i < asked.size(); i++) {
                    if (asked.get(i).payerId().equals(payer)
                            && ledger.balanceFen("escrow:" + asked.get(i).packet()) == 0) {
                        assertTrue(asked.get(i).amountFen() > leftFen);
                    }
                }
            }
        }
    }

    private NewPayment payment(String payer, long amountFen) {
        PacketId packet = newPacket();
        return new NewPayment(packet, payer, "r-" + packet, amountFen, HASH);
    }

    private PacketId asked(String payer, long amountFen) {
        NewPayment payment = payment(payer, amountFen);
        await(store.create(List.of(payment)));
        return payment.packet();
    }

    private static List<Boolean> present(List<? extends Optional<?>> all) {
        return all.stream().map(Optional::isPresent).toList();
    }

    private static void assertReason(ErrorReason reason, Optional<Throwable> failure) {
        assertEquals(
                reason, assertInstanceOf(Refusal.class, failure.orElseThrow()).reason());
    }
}
