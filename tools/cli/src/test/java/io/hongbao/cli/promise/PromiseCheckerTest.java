package io.hongbao.cli.promise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.cli.audit.AuditChain;
import io.hongbao.cli.promise.LedgerRows.AccountRow;
import io.hongbao.cli.promise.LedgerRows.PaymentRow;
import io.hongbao.cli.promise.LedgerRows.PayoutRow;
import io.hongbao.cli.promise.LedgerRows.TransferRow;
import io.hongbao.cli.promise.OrderRows.PacketRow;
import io.hongbao.cli.promise.OrderRows.ShareRow;
import io.hongbao.cli.promise.PromiseChecker.Moment;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.Terms;
import io.hongbao.core.split.Seed;
import io.hongbao.core.split.Split;
import io.hongbao.v1.OpenResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Each test breaks one row or one answer of a sound world, and expects the promise that speaks of it. */
class PromiseCheckerTest {
    private static final long FINISHED = PacketId.of(1, 2_000, 1, 1, 13).value();
    private static final long EXPIRED = PacketId.of(1, 2_000, 1, 2, 507).value();
    private static final long UNPAID = PacketId.of(1, 2_000, 1, 3, 0).value();
    private static final byte[] SEED = new byte[Seed.BYTES];
    private static final long TOTAL_FEN = 1_000;
    private static final int SHARES = 3;
    private static final long SHARE_MAX_FEN = 20_000;
    private static final Instant OPENED_AT = Instant.parse("2026-01-01T00:00:00Z");

    private final List<PacketRow> packets = new ArrayList<>();
    private final List<ShareRow> shares = new ArrayList<>();
    private final List<TransferRow> transfers = new ArrayList<>();
    private final List<PaymentRow> payments = new ArrayList<>();
    private final List<PayoutRow> payouts = new ArrayList<>();
    private final List<OpenAnswer> answers = new ArrayList<>();
    private final Map<String, Long> balanceErrors = new HashMap<>();

    PromiseCheckerTest() {
        transfer("deposit:sender:1", "DEPOSIT", "external", "user:sender", 10_000, 0);
        soundPacket(FINISHED, SHARES, 3);
        soundPacket(EXPIRED, SHARES, 1);
        packets.add(row(UNPAID, 1, 0, 0, 0, 0));
        payments.add(new PaymentRow(UNPAID, TOTAL_FEN, "PENDING"));
    }

    private void soundPacket(long id, int shareCount, int openCount) {
        var terms = new Terms(PacketKind.LUCKY, TOTAL_FEN, shareCount, SHARE_MAX_FEN);
        payments.add(new PaymentRow(id, TOTAL_FEN, "CONFIRMED"));
        transfer("payment:" + id, "PAYMENT", "user:sender", "escrow:" + id, TOTAL_FEN, id);
        long surplusFen = TOTAL_FEN;
        for (int sequence = 1; sequence <= openCount; sequence++) {
            long fen = Split.amountFen(terms, new Seed(SEED), surplusFen, shareCount - sequence + 1);
            surplusFen -= fen;
            String user = "user-" + sequence;
            shares.add(new ShareRow("set share", id, user, sequence, fen, true, OPENED_AT));
            transfer("credit:" + id + ":" + user, "CREDIT", "escrow:" + id, "user:" + user, fen, id);
            answers.add(answer(id, user, OpenResult.OPEN_RESULT_OPENED, fen, sequence, false, 10L * sequence));
        }
        if (openCount == shareCount) {
            packets.add(row(id, 3, TOTAL_FEN, 0, 0, 0));
            answers.add(answer(id, "late", OpenResult.OPEN_RESULT_SOLD_OUT, 0, 0, false, 1_000));
        } else {
            packets.add(row(id, 4, TOTAL_FEN, 0, 0, surplusFen));
            transfer("refund:" + id, "REFUND", "escrow:" + id, "user:sender", surplusFen, id);
            answers.add(answer(id, "late", OpenResult.OPEN_RESULT_EXPIRED, 0, 0, false, 1_000));
        }
    }

    @Test
    void shouldFindNothingInASoundWorld() {
        Verdict verdict = check();

        assertTrue(verdict.allHold(), verdict.breaches().toString());
        assertEquals(3, verdict.packetCount());
        assertEquals(4, verdict.shareCount());
        assertEquals(6, verdict.answerCount());
    }

    @Test
    void shouldMissMoneyThatVanishedFromAPacket() {
        replacePacket(EXPIRED, row(EXPIRED, 4, TOTAL_FEN, 0, 0, packet(EXPIRED).refundFen() - 1));
        assertBroken(Promise.I1, Promise.I5);
    }

    @Test
    void shouldMissMoneyThatVanishedFromTheLedger() {
        balanceErrors.put("user:sender", -1L);
        assertBroken(Promise.I1);
    }

    @Test
    void shouldFindAPacketInTheWrongTable() {
        PacketRow row = packet(UNPAID);
        replacePacket(
                UNPAID,
                new PacketRow(
                        "set-a db_07.packet_0_01",
                        row.id(),
                        1,
                        0,
                        0,
                        0,
                        0,
                        1,
                        TOTAL_FEN,
                        SHARES,
                        SHARE_MAX_FEN,
                        SEED,
                        "sender",
                        ""));
        assertBroken(Promise.I1);
    }

    @Test
    void shouldFindAPaidPacketThatNobodyPublished() {
        payments.removeIf(payment -> payment.packetId() == UNPAID);
        payments.add(new PaymentRow(UNPAID, TOTAL_FEN, "CONFIRMED"));
        assertBroken(Promise.I1);
    }

    @Test
    void shouldFindASecondShareOfOneUser() {
        ShareRow second = share(FINISHED, 2);
        replaceShare(second, new ShareRow("", FINISHED, "user-1", 2, second.amountFen(), true, OPENED_AT));
        // Her second answer and credit say so too, and somebody else's are left without a share.
        assertBroken(Promise.I2, Promise.I4, Promise.I5);
    }

    @Test
    void shouldFindAnAmountTheSeedDoesNotDraw() {
        // One fen moved from a share to another: every sum still fits.
        ShareRow first = share(FINISHED, 1);
        ShareRow second = share(FINISHED, 2);
        replaceShare(first, new ShareRow("", FINISHED, "user-1", 1, first.amountFen() + 1, true, OPENED_AT));
        replaceShare(second, new ShareRow("", FINISHED, "user-2", 2, second.amountFen() - 1, true, OPENED_AT));
        assertBroken(Promise.I3, Promise.I4, Promise.I5);
    }

    @Test
    void shouldFindAFinishedPacketWithAShareMissing() {
        ShareRow last = share(FINISHED, 3);
        shares.remove(last);
        assertBroken(Promise.I1, Promise.I3, Promise.I4, Promise.I5);
    }

    @Test
    void shouldFindAnAnsweredOpenThatIsNotStored() {
        answers.add(answer(EXPIRED, "ghost", OpenResult.OPEN_RESULT_OPENED, 5, 2, false, 25));
        assertBroken(Promise.I4);
    }

    @Test
    void shouldFindAMissingCredit() {
        removeTransfer("credit:" + FINISHED + ":user-2");
        // What was not paid out is still in escrow.
        assertBroken(Promise.I1, Promise.I5);
    }

    @Test
    void shouldFindASecondCredit() {
        TransferRow credit = transferRow("credit:" + FINISHED + ":user-2");
        transfer("credit-again", "CREDIT", credit.debitAccount(), credit.creditAccount(), credit.amountFen(), FINISHED);
        assertBroken(Promise.I1, Promise.I5);
    }

    @Test
    void shouldFindASecondRefund() {
        transfer(
                "refund-again",
                "REFUND",
                "escrow:" + EXPIRED,
                "user:sender",
                packet(EXPIRED).refundFen(),
                EXPIRED);
        assertBroken(Promise.I1, Promise.I5);
    }

    @Test
    void shouldFindAShareOpenedAfterTheRefundWasBooked() {
        ShareRow first = share(EXPIRED, 1);
        replaceShare(
                first, new ShareRow("", EXPIRED, "user-1", 1, first.amountFen(), true, OPENED_AT.plusSeconds(100)));
        assertBroken(Promise.I6);
    }

    @Test
    void shouldFindAnOpenAskedForAfterTheExpiryWasAnswered() {
        ShareRow first = share(EXPIRED, 1);
        answers.removeIf(
                answer -> answer.packetId() == EXPIRED && answer.userId().equals("user-1"));
        answers.add(answer(EXPIRED, "user-1", OpenResult.OPEN_RESULT_OPENED, first.amountFen(), 1, false, 2_000));
        assertBroken(Promise.I6);
    }

    @Test
    void shouldAllowAReplayAfterTheExpiry() {
        ShareRow first = share(EXPIRED, 1);
        answers.add(answer(EXPIRED, "user-1", OpenResult.OPEN_RESULT_OPENED, first.amountFen(), 1, true, 2_000));
        assertBroken();
    }

    @Test
    void shouldFindARetryThatHeardAnotherAmount() {
        ShareRow first = share(FINISHED, 1);
        answers.add(answer(FINISHED, "user-1", OpenResult.OPEN_RESULT_OPENED, first.amountFen() + 1, 1, true, 5_000));
        assertBroken(Promise.I4, Promise.I7);
    }

    @Test
    void shouldFindARetryThatWasRefusedAfterTheAnswer() {
        answers.add(answer(FINISHED, "user-1", OpenResult.OPEN_RESULT_SOLD_OUT, 0, 0, false, 5_000));
        assertBroken(Promise.I7);
    }

    @Test
    void shouldFindAShareOfAnUnpaidPacket() {
        shares.add(new ShareRow("", UNPAID, "user-1", 1, 5, true, OPENED_AT));
        assertBroken(Promise.I1, Promise.I3, Promise.I5, Promise.I8);
    }

    @Test
    void shouldFindAPublishedPacketWhosePaymentIsNotConfirmed() {
        payments.removeIf(payment -> payment.packetId() == FINISHED);
        payments.add(new PaymentRow(FINISHED, TOTAL_FEN, "PENDING"));
        assertBroken(Promise.I8);
    }

    @Test
    void shouldFindNothingInAPayoutThatFitsItsBooking() {
        payOut("n1", "credit:" + FINISHED + ":user-1", 0, "DONE");

        Verdict verdict = check();

        assertTrue(verdict.allHold(), verdict.breaches().toString());
    }

    @Test
    void shouldFindAPayoutOverAnotherAmountThanItsBooking() {
        payOut("n1", "credit:" + FINISHED + ":user-1", 1, "DUE");
        assertBroken(Promise.I5);
    }

    @Test
    void shouldFindTwoPayoutsOfOneBooking() {
        payOut("n1", "credit:" + FINISHED + ":user-1", 0, "DUE");
        payOut("n2", "credit:" + FINISHED + ":user-1", 0, "DUE");
        assertBroken(Promise.I5);
    }

    @Test
    void shouldFindAPayoutThatIsDoneAndNotBooked() {
        payOut("n1", "credit:" + FINISHED + ":user-1", 0, "DONE");
        removeTransfer("payout:n1");
        assertBroken(Promise.I5);
    }

    @Test
    void shouldFindMoneyThatLeftAWalletWithoutAPayout() {
        payOut("n1", "credit:" + FINISHED + ":user-1", 0, "DONE");
        payouts.clear();
        assertBroken(Promise.I5);
    }

    @Test
    void shouldFindAPayoutWithoutAnOutcomeOnceAllHasSettled() {
        payOut("n1", "credit:" + FINISHED + ":user-1", 0, "DUE");

        Verdict verdict = PromiseChecker.check(
                new StoreReader.Rows(ledger(), orders(), 0, 0, new AuditChain.Finding(0, OptionalLong.empty())),
                answers,
                Moment.SETTLED);

        assertEquals(
                List.of(Promise.I9),
                verdict.breaches().stream().map(Breach::promise).toList());
    }

    /** A payout of a booking, and the transfer that takes its money out of the wallet if it is done. */
    private void payOut(String number, String transferId, long errorFen, String state) {
        TransferRow booking = transferRow(transferId);
        String wallet = booking.creditAccount();
        payouts.add(new PayoutRow(
                number,
                transferId,
                booking.packetId(),
                wallet.substring("user:".length()),
                booking.amountFen() + errorFen,
                state));
        if (state.equals("DONE")) {
            transfer("payout:" + number, "PAYOUT", wallet, "external", booking.amountFen(), booking.packetId());
        }
    }

    @Test
    void shouldNotMindALedgerThatLagsWhileMoneyMoves() {
        removeTransfer("credit:" + FINISHED + ":user-2");
        removeTransfer("refund:" + EXPIRED);

        Verdict verdict = PromiseChecker.check(orders(), ledger(), answers, Moment.ANY);

        assertTrue(verdict.allHold(), verdict.breaches().toString());
    }

    private void assertBroken(Promise... expected) {
        Verdict verdict = check();
        Set<Promise> broken = EnumSet.noneOf(Promise.class);
        verdict.breaches().forEach(breach -> broken.add(breach.promise()));
        Set<Promise> wanted = EnumSet.noneOf(Promise.class);
        wanted.addAll(Arrays.asList(expected));
        assertEquals(wanted, broken, verdict.breaches().toString());
    }

    private Verdict check() {
        return PromiseChecker.check(orders(), ledger(), answers, Moment.SETTLED);
    }

    private OrderRows orders() {
        return new OrderRows(packets, shares, 0);
    }

    /** Balances follow from the transfers, but for the errors a test wants. */
    private LedgerRows ledger() {
        var balances = new TreeMap<String, Long>();
        for (TransferRow transfer : transfers) {
            balances.merge(transfer.debitAccount(), -transfer.amountFen(), Long::sum);
            balances.merge(transfer.creditAccount(), transfer.amountFen(), Long::sum);
        }
        balanceErrors.forEach((account, fen) -> balances.merge(account, fen, Long::sum));
        var accounts = new ArrayList<AccountRow>();
        balances.forEach((account, fen) -> accounts.add(new AccountRow(account, fen)));
        return new LedgerRows(accounts, transfers, payments, payouts);
    }

    private void transfer(String id, String kind, String debit, String credit, long fen, long packetId) {
        transfers.add(new TransferRow(id, kind, debit, credit, fen, packetId, OPENED_AT.plusSeconds(10)));
    }

    private static PacketRow row(long id, int state, long paidFen, long surplusFen, int surplusCount, long refundFen) {
        var packetId = new PacketId(id);
        String table =
                "set db_%02d.packet_%d_%02d".formatted(packetId.database(), packetId.table(), packetId.dayTable());
        return new PacketRow(
                table,
                id,
                state,
                paidFen,
                surplusFen,
                surplusCount,
                refundFen,
                PacketKind.LUCKY.code(),
                TOTAL_FEN,
                SHARES,
                SHARE_MAX_FEN,
                SEED,
                "sender",
                "");
    }

    private static OpenAnswer answer(
            long packetId, String user, OpenResult result, long fen, int sequence, boolean replay, long atNanos) {
        return new OpenAnswer(packetId, user, "r-" + atNanos, result, fen, sequence, replay, atNanos, atNanos + 1);
    }

    private PacketRow packet(long id) {
        return packets.stream().filter(packet -> packet.id() == id).findFirst().orElseThrow();
    }

    private void replacePacket(long id, PacketRow row) {
        packets.replaceAll(packet -> packet.id() == id ? row : packet);
    }

    private ShareRow share(long packetId, int sequence) {
        return shares.stream()
                .filter(share -> share.packetId() == packetId && share.sequence() == sequence)
                .findFirst()
                .orElseThrow();
    }

    private void replaceShare(ShareRow old, ShareRow row) {
        shares.replaceAll(share -> share == old ? row : share);
    }

    private TransferRow transferRow(String id) {
        return transfers.stream()
                .filter(transfer -> transfer.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private void removeTransfer(String id) {
        transfers.remove(transferRow(id));
    }
}
