package io.hongbao.wallet.settlement;

import static io.hongbao.wallet.TestLedger.await;
import static io.hongbao.wallet.TestLedger.newPacket;
import static io.hongbao.wallet.TestLedger.newUser;
import static io.hongbao.wallet.TestLedger.race;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.core.id.PacketId;
import io.hongbao.kit.trace.Traces;
import io.hongbao.wallet.TestLedger;
import io.hongbao.wallet.provider.LedgerProvider;
import io.hongbao.wallet.settlement.DueTransfer.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Settlement against a real ledger: doubles, disorder, rivals, and escrows that cannot pay. */
class SettlerTest {
    private final TestLedger ledger = TestLedger.shared();
    private final TransferStore store = new TransferStore(ledger.ledger, new LedgerProvider(ledger.payments));
    private final Settler settler = new Settler(store, ledger.metrics, Traces.off());

    @AfterEach
    void booksBalance() {
        ledger.assertBooksBalance();
    }

    @Test
    void shouldCreditOnceWhenEventsComeTwentyTimesInDisorder() {
        // given
        long seed = System.nanoTime();
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        List<PacketId> packets =
                IntStream.range(0, 20).mapToObj(i -> packetWith(1_000)).toList();
        List<String> users = IntStream.range(0, 30).mapToObj(i -> newUser("u")).toList();
        var due = new ArrayList<DueTransfer>();
        for (PacketId packet : packets) {
            users.subList(0, 9).forEach(user -> due.add(credit(packet, user, 100)));
            due.add(refund(packet, users.get(29), 100));
        }
        var twentyTimes = new ArrayList<DueTransfer>();
        for (int i = 0; i < 20; i++) {
            twentyTimes.addAll(due);
        }
        Collections.shuffle(twentyTimes, random);
        int batchCount = twentyTimes.size() / 200;
        // when
        var outcomes = race(batchCount, i -> settler.settle(twentyTimes.subList(i * 200, (i + 1) * 200)));
        // then
        assertTrue(outcomes.stream().allMatch(o -> o.item().isPresent()), () -> outcomes.toString());
        packets.forEach(packet -> assertEquals(0, ledger.balanceFen("escrow:" + packet)));
        users.subList(0, 9).forEach(user -> assertEquals(2_000, ledger.balanceFen("user:" + user)));
        assertEquals(2_000, ledger.balanceFen("user:" + users.get(29)));
    }

    @Test
    void shouldTellAgainWhatWasSettledBefore() {
        // given
        PacketId packet = packetWith(100);
        DueTransfer credit = credit(packet, newUser("u"), 100);
        await(settler.settle(List.of(credit)));
        // when
        var settled = await(settler.settle(List.of(credit, credit)));
        // then
        assertEquals(List.of(credit), settled);
        assertEquals(100, ledger.balanceFen(credit.creditAccount()));
    }

    @Test
    void shouldSetAsideWhatAnEscrowCannotPayAndSettleTheRest() {
        // given
        PacketId poor = packetWith(150);
        PacketId missing = newPacket();
        var due = new ArrayList<DueTransfer>();
        for (int i = 0; i < 200; i++) {
            due.add(credit(packetWith(10), newUser("u"), 10));
        }
        due.add(credit(poor, newUser("u"), 100));
        due.add(credit(poor, newUser("u"), 100));
        due.add(credit(missing, newUser("u"), 100));
        Collections.shuffle(due, new Random(7));
        // when
        var settled = await(settler.settle(due));
        // then
        assertEquals(201, settled.size());
        assertEquals(50, ledger.balanceFen("escrow:" + poor));
        assertEquals(1, stuckCount(poor));
        assertEquals(1, stuckCount(missing));
        assertTrue(ledger.registry
                        .counter("hongbao.wallet.stuck", "reason", "escrow")
                        .count()
                >= 2);
    }

    @Test
    void shouldSettleWhatIsStuckOnceItsEscrowIsRepaired() {
        // given
        PacketId packet = newPacket();
        DueTransfer credit = credit(packet, newUser("u"), 100);
        await(settler.settle(List.of(credit)));
        assertEquals(1, stuckCount(packet));
        fund(packet, 100);
        // when
        var settled = await(settler.settleAgain(List.of(credit)));
        await(store.stuckSettled(settled.stream().map(DueTransfer::transferId).toList()));
        // then
        assertEquals(100, ledger.balanceFen(credit.creditAccount()));
        assertEquals(0, stuckCount(packet));
    }

    @Test
    void shouldSetAsideAnEventThatContradictsWhatIsBooked() {
        // given
        PacketId packet = packetWith(1_000);
        DueTransfer credit = credit(packet, newUser("u"), 100);
        await(settler.settle(List.of(credit)));
        // when
        var settled = await(settler.settle(List.of(credit(packet, credit.userId(), 101))));
        // then
        assertEquals(List.of(), settled);
        assertEquals(100, ledger.balanceFen(credit.creditAccount()));
        assertEquals(1, stuckCount(packet));
    }

    @Test
    void shouldWaitForALedgerThatIsAway() throws Exception {
        // given
        PacketId packet = packetWith(100);
        DueTransfer credit = credit(packet, newUser("u"), 100);
        TestLedger.STACK.stop("pg.core");
        CompletableFuture<List<DueTransfer>> settling;
        try {
            // when
            settling = settler.settle(List.of(credit)).subscribeAsCompletionStage();
        } finally {
            TestLedger.STACK.restart("pg.core");
        }
        // then
        assertEquals(List.of(credit), settling.get(60, TimeUnit.SECONDS));
        assertEquals(100, ledger.balanceFen(credit.creditAccount()));
    }

    @Test
    void shouldSettleFullBatchesOfNewReceivers() {
        // given
        int batchCount = 40;
        var batches = new ArrayList<List<DueTransfer>>();
        for (int i = 0; i < batchCount; i++) {
            PacketId packet = packetWith(512);
            batches.add(IntStream.range(0, 512)
                    .mapToObj(k -> credit(packet, newUser("u"), 1))
                    .toList());
        }
        // when
        long begin = System.nanoTime();
        batches.forEach(batch -> assertEquals(512, await(settler.settle(batch)).size()));
        // then
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf("credits_per_second=%.0f%n", batchCount * 512 / seconds);
    }

    private PacketId packetWith(long escrowFen) {
        PacketId packet = newPacket();
        fund(packet, escrowFen);
        return packet;
    }

    private void fund(PacketId packet, long escrowFen) {
        ledger.execute("""
            with t as (insert into transfer (transfer_id, kind, debit_account, credit_account, amount_fen, packet_id)
                values ('payment:%1$s', 'PAYMENT', 'external', 'escrow:%1$s', %2$d, %1$s)),
            e as (update account set balance_fen = balance_fen - %2$d where account_id = 'external')
            insert into account values ('escrow:%1$s', 'ESCROW', %2$d)
            """.formatted(packet, escrowFen));
    }

    private long stuckCount(PacketId packet) {
        return ledger.number("select count(*) from stuck_transfer where settled_at is null and packet_id = " + packet);
    }

    private static DueTransfer credit(PacketId packet, String user, long amountFen) {
        return new DueTransfer(Kind.CREDIT, packet, user, amountFen, Instant.now());
    }

    private static DueTransfer refund(PacketId packet, String user, long amountFen) {
        return new DueTransfer(Kind.REFUND, packet, user, amountFen, Instant.now());
    }
}
