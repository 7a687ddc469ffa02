package io.hongbao.cli.promise;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingLong;
import static java.util.stream.Collectors.toMap;

import io.hongbao.cli.promise.LedgerRows.AccountRow;
import io.hongbao.cli.promise.LedgerRows.PaymentRow;
import io.hongbao.cli.promise.LedgerRows.PayoutRow;
import io.hongbao.cli.promise.LedgerRows.TransferRow;
import io.hongbao.cli.promise.OrderRows.PacketRow;
import io.hongbao.cli.promise.OrderRows.ShareRow;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.PacketState;
import io.hongbao.core.packet.Terms;
import io.hongbao.core.split.Seed;
import io.hongbao.core.split.Split;
import io.hongbao.v1.OpenResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says which promise is broken, for which packet, and with which numbers. It trusts no service and no constraint: all it
 * knows are the rows the stores hold and the answers the clients got. Of the answers it needs those that arrived before
 * the rows were read.
 *
 * <p>While packets are opened and money moves, the ledger lags behind the orders, and only what holds at every moment
 * can be checked ({@link Moment#ANY}). Once all has come to rest the two must agree ({@link Moment#SETTLED}).
 */
public final class PromiseChecker {
    /** When the rows were read. */
    public enum Moment {
        /** While the services work. */
        ANY,
        /** After every event has been booked. */
        SETTLED
    }

    private record ShareKey(long packetId, String userId) {}

    private final Moment moment;
    private final Map<Long, PacketRow> packets = new HashMap<>();
    private final Map<Long, List<ShareRow>> sharesByPacket;
    private final Map<ShareKey, ShareRow> shareByKey = new HashMap<>();
    private final Map<Long, List<TransferRow>> transfersByPacket;
    private final Map<Long, PaymentRow> payments;
    private final LedgerRows ledger;
    private final OrderRows orders;
    private final List<OpenAnswer> answers;
    private final List<Breach> breaches = new ArrayList<>();

    private PromiseChecker(OrderRows orders, LedgerRows ledger, List<OpenAnswer> answers, Moment moment) {
        this.moment = moment;
        this.orders = orders;
        this.ledger = ledger;
        this.answers = answers;
        this.sharesByPacket = orders.shares().stream().collect(groupingBy(ShareRow::packetId));
        this.transfersByPacket = ledger.transfers().stream()
                .filter(transfer -> transfer.packetId() != 0)
                .collect(groupingBy(TransferRow::packetId));
        this.payments =
                ledger.payments().stream().collect(toMap(PaymentRow::packetId, payment -> payment, (a, b) -> a));
    }

    public static Verdict check(OrderRows orders, LedgerRows ledger, List<OpenAnswer> answers, Moment moment) {
        return new PromiseChecker(orders, ledger, answers, moment).check();
    }

    /** The same, with what the stores say about waiting work and the audit chain. */
    public static Verdict check(StoreReader.Rows rows, List<OpenAnswer> answers, Moment moment) {
        Verdict verdict = check(rows.orders(), rows.ledger(), answers, moment);
        var breaches = new ArrayList<>(verdict.breaches());
        if (moment == Moment.SETTLED) {
            waiting(breaches, rows.orders().outboxRowCount(), "batches of events are not relayed");
            waiting(
                    breaches,
                    rows.orders().shares().stream()
                            .filter(share -> !share.settled())
                            .count(),
                    "shares are not marked settled");
            waiting(breaches, rows.overdueCount(), "packets are neither closed nor expired a minute after their time");
            waiting(breaches, rows.stuckCount(), "transfers are stuck");
            waiting(
                    breaches,
                    rows.ledger().payouts().stream()
                            .filter(payout -> payout.state().equals("DUE"))
                            .count(),
                    "payouts have no outcome");
        }
        rows.audit()
                .firstBadSequence()
                .ifPresent(bad ->
                        breaches.add(new Breach(Promise.I10, 0, "the audit chain is broken at sequence " + bad)));
        return new Verdict(verdict.packetCount(), verdict.shareCount(), verdict.answerCount(), List.copyOf(breaches));
    }

    private static void waiting(List<Breach> breaches, long count, String what) {
        if (count > 0) {
            breaches.add(new Breach(Promise.I9, 0, count + " " + what));
        }
    }

    private Verdict check() {
        indexRows();
        packets.values().forEach(this::checkPacket);
        checkLedger();
        checkPayouts();
        checkAnswers();
        breaches.sort(Comparator.comparing(Breach::promise).thenComparing(Breach::packetId));
        return new Verdict(orders.packets().size(), orders.shares().size(), answers.size(), List.copyOf(breaches));
    }

    private void broken(Promise promise, long packetId, String what) {
        breaches.add(new Breach(promise, packetId, what));
    }

    private void indexRows() {
        for (PacketRow packet : orders.packets()) {
            PacketRow other = packets.putIfAbsent(packet.id(), packet);
            if (other != null) {
                broken(Promise.I1, packet.id(), "stored twice, in " + other.table() + " and in " + packet.table());
            }
            // The cold store puts a row where its number belongs, or refuses it.
            if (!packet.table().startsWith(OrderRows.COLD + " ")
                    && !packet.table().endsWith(leafOf(packet.id()))) {
                broken(
                        Promise.I1,
                        packet.id(),
                        "stored in " + packet.table() + ", belongs into " + leafOf(packet.id()));
            }
        }
        for (ShareRow share : orders.shares()) {
            var key = new ShareKey(share.packetId(), share.userId());
            ShareRow other = shareByKey.putIfAbsent(key, share);
            if (other != null) {
                broken(
                        Promise.I2,
                        share.packetId(),
                        "two shares for one user: number " + other.sequence() + " and number " + share.sequence());
            }
            if (!packets.containsKey(share.packetId())) {
                broken(Promise.I1, share.packetId(), "a share of " + share.amountFen() + " fen, but no packet");
            }
        }
    }

    private static String leafOf(long packetId) {
        if (!PacketId.isWellFormed(packetId)) {
            return "no table: not an order number";
        }
        var id = new PacketId(packetId);
        return "db_%02d.packet_%d_%02d".formatted(id.database(), id.table(), id.dayTable());
    }

    private void checkPacket(PacketRow packet) {
        List<ShareRow> shares = sharesByPacket.getOrDefault(packet.id(), List.of());
        checkConservation(packet, shares);
        checkShares(packet, shares);
        checkPayment(packet, shares);
        checkTransfers(packet, shares);
        checkRefund(packet, shares);
    }

    private void checkConservation(PacketRow packet, List<ShareRow> shares) {
        long openedFen = shares.stream().mapToLong(ShareRow::amountFen).sum();
        if (openedFen + packet.surplusFen() + packet.refundFen() != packet.paidFen()) {
            broken(
                    Promise.I1,
                    packet.id(),
                    "opened %d + remaining %d + refunded %d fen is not paid %d fen"
                            .formatted(openedFen, packet.surplusFen(), packet.refundFen(), packet.paidFen()));
        }
        if (packet.paid() && packet.paidFen() != packet.totalFen()) {
            broken(
                    Promise.I1,
                    packet.id(),
                    "paid %d fen, wrapped %d fen".formatted(packet.paidFen(), packet.totalFen()));
        }
    }

    private void checkShares(PacketRow packet, List<ShareRow> shares) {
        if (shares.size() > packet.shareCount()) {
            broken(Promise.I3, packet.id(), shares.size() + " shares of a packet for " + packet.shareCount());
        }
        boolean live = packet.state() == PacketState.Open.CODE || packet.state() == PacketState.Frozen.CODE;
        if (live && shares.size() + packet.surplusCount() != packet.shareCount()) {
            broken(
                    Promise.I3,
                    packet.id(),
                    "%d shares opened, %d remaining, of %d"
                            .formatted(shares.size(), packet.surplusCount(), packet.shareCount()));
        }
        if (packet.state() == PacketState.Finished.CODE && shares.size() != packet.shareCount()) {
            broken(
                    Promise.I3,
                    packet.id(),
                    "finished with %d shares of %d".formatted(shares.size(), packet.shareCount()));
        }
        Terms terms;
        try {
            terms = new Terms(
                    PacketKind.ofCode(packet.kind()), packet.totalFen(), packet.shareCount(), packet.shareMaxFen());
        } catch (IllegalArgumentException impossible) {
            broken(Promise.I3, packet.id(), impossible.toString());
            return;
        }
        checkDraw(packet, terms, shares);
    }

    /** Every amount, in order, must be the one the seed draws from what the shares before it left. */
    private void checkDraw(PacketRow packet, Terms terms, List<ShareRow> shares) {
        var seed = new Seed(packet.seed());
        long surplusFen = terms.totalFen();
        int surplusCount = terms.shareCount();
        int expectedSequence = 1;
        for (ShareRow share : shares.stream()
                .sorted(Comparator.comparingInt(ShareRow::sequence))
                .toList()) {
            if (share.sequence() != expectedSequence) {
                broken(
                        Promise.I3,
                        packet.id(),
                        "share number %d where number %d belongs".formatted(share.sequence(), expectedSequence));
                return;
            }
            if (share.amountFen() < 1) {
                broken(
                        Promise.I3,
                        packet.id(),
                        "share number %d has %d fen".formatted(expectedSequence, share.amountFen()));
            }
            if (surplusCount < 1 || surplusFen < surplusCount) {
                broken(Promise.I3, packet.id(), "share number %d had nothing left".formatted(expectedSequence));
                return;
            }
            long drawnFen = Split.amountFen(terms, seed, surplusFen, surplusCount);
            if (share.amountFen() != drawnFen) {
                broken(
                        Promise.I3,
                        packet.id(),
                        "share number %d has %d fen, the seed draws %d fen of %d fen for %d"
                                .formatted(expectedSequence, share.amountFen(), drawnFen, surplusFen, surplusCount));
            }
            if (terms.kind() == PacketKind.EXCLUSIVE && !share.userId().equals(packet.exclusiveUserId())) {
                broken(Promise.I3, packet.id(), "the share of an exclusive packet went to somebody else");
            }
            surplusFen -= share.amountFen();
            surplusCount--;
            expectedSequence++;
        }
    }

    private void checkPayment(PacketRow packet, List<ShareRow> shares) {
        if (!packet.paid() && !shares.isEmpty()) {
            broken(Promise.I8, packet.id(), shares.size() + " shares of a packet that is not paid");
        }
        if (moment == Moment.ANY) {
            return;
        }
        PaymentRow payment = payments.get(packet.id());
        boolean confirmed = payment != null && payment.confirmed();
        if (packet.paid() && !confirmed) {
            broken(
                    Promise.I8,
                    packet.id(),
                    "published with %d shares opened, but its payment is %s"
                            .formatted(shares.size(), payment == null ? "missing" : payment.state()));
        }
        if (payment == null || !confirmed) {
            return;
        }
        if (payment.amountFen() != packet.totalFen()) {
            broken(
                    Promise.I1,
                    packet.id(),
                    "the payment is over %d fen, the packet over %d fen"
                            .formatted(payment.amountFen(), packet.totalFen()));
        }
        if (!packet.paid()) {
            broken(Promise.I1, packet.id(), payment.amountFen() + " fen were paid, but the packet is not published");
        }
    }

    private void checkTransfers(PacketRow packet, List<ShareRow> shares) {
        List<TransferRow> transfers = transfersByPacket.getOrDefault(packet.id(), List.of());
        Map<String, Long> escrowByKind =
                transfers.stream().collect(groupingBy(TransferRow::kind, summingLong(TransferRow::amountFen)));
        long creditedFen = escrowByKind.getOrDefault("CREDIT", 0L);
        long refundedFen = escrowByKind.getOrDefault("REFUND", 0L);
        long openedFen = shares.stream().mapToLong(ShareRow::amountFen).sum();

        Set<String> credited = new HashSet<>();
        for (TransferRow transfer : transfers) {
            switch (transfer.kind()) {
                case "CREDIT" -> checkCredit(packet, transfer, credited);
                case "REFUND" -> checkRefundTransfer(packet, transfer);
                // Payments are checked with the packet; other kinds concern no packet.
                default -> {}
            }
        }
        long refundCount = transfers.stream()
                .filter(transfer -> transfer.kind().equals("REFUND"))
                .count();
        if (refundCount > 1) {
            broken(Promise.I5, packet.id(), refundCount + " refunds");
        }
        if (moment == Moment.ANY) {
            return;
        }
        for (ShareRow share : shares) {
            if (!credited.contains(share.userId())) {
                broken(
                        Promise.I5,
                        packet.id(),
                        "share number %d, %d fen, has no credit".formatted(share.sequence(), share.amountFen()));
            }
        }
        if (packet.refundFen() > 0 && refundCount == 0) {
            broken(Promise.I5, packet.id(), packet.refundFen() + " fen to refund, but no refund");
        }
        long escrowFen = packet.paidFen() - creditedFen - refundedFen;
        if (packet.paid() && escrowFen != packet.paidFen() - openedFen - packet.refundFen()) {
            broken(
                    Promise.I1,
                    packet.id(),
                    "escrow paid out %d fen in credits and %d fen in refunds, the packet says %d and %d"
                            .formatted(creditedFen, refundedFen, openedFen, packet.refundFen()));
        }
    }

    private void checkCredit(PacketRow packet, TransferRow credit, Set<String> credited) {
        String userId = credit.creditAccount().startsWith("user:")
                ? credit.creditAccount().substring("user:".length())
                : "";
        ShareRow share = shareByKey.get(new ShareKey(packet.id(), userId));
        if (share == null) {
            broken(Promise.I5, packet.id(), "a credit of " + credit.amountFen() + " fen without a share");
            return;
        }
        if (!credited.add(userId)) {
            broken(Promise.I5, packet.id(), "share number " + share.sequence() + " is credited twice");
        }
        if (!credit.id().equals("credit:" + packet.id() + ":" + userId)) {
            broken(Promise.I5, packet.id(), "the credit of share number " + share.sequence() + " has another id");
        }
        if (credit.amountFen() != share.amountFen()) {
            broken(
                    Promise.I5,
                    packet.id(),
                    "share number %d has %d fen, its credit %d fen"
                            .formatted(share.sequence(), share.amountFen(), credit.amountFen()));
        }
    }

    private void checkRefundTransfer(PacketRow packet, TransferRow refund) {
        if (!refund.id().equals("refund:" + packet.id())) {
            broken(Promise.I5, packet.id(), "the refund has the id " + refund.id());
        }
        if (refund.amountFen() != packet.refundFen()) {
            broken(
                    Promise.I5,
                    packet.id(),
                    "the refund is %d fen, decided were %d fen".formatted(refund.amountFen(), packet.refundFen()));
        }
        if (!refund.creditAccount().equals("user:" + packet.senderId())) {
            broken(Promise.I5, packet.id(), "the refund did not go to the sender");
        }
    }

    /** The refund is booked after it is decided, so a share that is younger than the booking was opened too late. */
    private void checkRefund(PacketRow packet, List<ShareRow> shares) {
        if (packet.state() == PacketState.Expired.CODE && shares.size() >= packet.shareCount()) {
            broken(Promise.I6, packet.id(), "expired, but all " + shares.size() + " shares are open");
        }
        Instant bookedAt = transfersByPacket.getOrDefault(packet.id(), List.of()).stream()
                .filter(transfer -> transfer.kind().equals("REFUND"))
                .map(TransferRow::at)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
        for (ShareRow share : shares) {
            if (share.openedAt().isAfter(bookedAt)) {
                broken(
                        Promise.I6,
                        packet.id(),
                        "share number %d was opened at %s, the refund was booked at %s"
                                .formatted(share.sequence(), share.openedAt(), bookedAt));
            }
        }
    }

    /** Money that goes on to its owner outside: once for each booking, as much as was booked, out of the same wallet. */
    private void checkPayouts() {
        Map<String, TransferRow> transfers =
                ledger.transfers().stream().collect(toMap(TransferRow::id, transfer -> transfer, (a, b) -> a));
        Map<String, String> live = new HashMap<>();
        Set<String> done = new HashSet<>();
        for (PayoutRow payout : ledger.payouts()) {
            TransferRow booking = transfers.get(payout.transferId());
            if (booking == null
                    || booking.amountFen() != payout.amountFen()
                    || booking.packetId() != payout.packetId()
                    || !booking.creditAccount().equals("user:" + payout.userId())) {
                broken(
                        Promise.I5,
                        payout.packetId(),
                        "payout %s is over %d fen, its booking %s"
                                .formatted(
                                        payout.number(),
                                        payout.amountFen(),
                                        booking == null ? "is missing" : "over " + booking.amountFen() + " fen"));
            }
            String other = payout.state().equals("REPLACED") ? null : live.put(payout.transferId(), payout.number());
            if (other != null) {
                broken(
                        Promise.I5,
                        payout.packetId(),
                        "two payouts of one booking: %s and %s".formatted(other, payout.number()));
            }
            if (payout.state().equals("DONE")) {
                done.add("payout:" + payout.number());
                if (!transfers.containsKey("payout:" + payout.number())) {
                    broken(
                            Promise.I5,
                            payout.packetId(),
                            "payout " + payout.number() + " is done, and its money still in the wallet");
                }
            }
        }
        for (TransferRow transfer : ledger.transfers()) {
            if (transfer.kind().equals("PAYOUT") && !done.contains(transfer.id())) {
                broken(
                        Promise.I5,
                        transfer.packetId(),
                        "%d fen have left a wallet without a payout that is done".formatted(transfer.amountFen()));
            }
        }
    }

    private void checkLedger() {
        Map<String, Long> sums = new HashMap<>();
        for (TransferRow transfer : ledger.transfers()) {
            sums.merge(transfer.debitAccount(), -transfer.amountFen(), Long::sum);
            sums.merge(transfer.creditAccount(), transfer.amountFen(), Long::sum);
        }
        long totalFen = 0;
        for (AccountRow account : ledger.accounts()) {
            totalFen += account.balanceFen();
            long entriesFen = sums.getOrDefault(account.id(), 0L);
            if (account.balanceFen() != entriesFen) {
                broken(
                        Promise.I1,
                        packetOf(account.id()),
                        "%s account holds %d fen, its entries sum up to %d fen"
                                .formatted(kindOf(account.id()), account.balanceFen(), entriesFen));
            }
            if (account.balanceFen() < 0
                    && !account.id().equals("external")
                    && !account.id().equals("suspense")) {
                broken(
                        Promise.I1,
                        packetOf(account.id()),
                        "%s account is overdrawn: %d fen".formatted(kindOf(account.id()), account.balanceFen()));
            }
        }
        if (totalFen != 0) {
            broken(Promise.I1, 0, "all accounts of the ledger sum up to " + totalFen + " fen, not to 0");
        }
        for (long packetId : transfersByPacket.keySet()) {
            if (!packets.containsKey(packetId)) {
                broken(Promise.I1, packetId, "the ledger moved money of a packet that no SET holds");
            }
        }
    }

    /** Accounts are named by their kind only: a user id is personal. */
    private static String kindOf(String accountId) {
        int colon = accountId.indexOf(':');
        return colon < 0 ? accountId : accountId.substring(0, colon);
    }

    private static long packetOf(String accountId) {
        return accountId.startsWith("escrow:") ? Long.parseLong(accountId.substring("escrow:".length())) : 0;
    }

    private void checkAnswers() {
        Map<ShareKey, OpenAnswer> firstOpened = new HashMap<>();
        Map<Long, OpenAnswer> firstExpired = new HashMap<>();
        Map<Long, OpenAnswer> firstSoldOut = new HashMap<>();
        Map<String, OpenAnswer> firstByRequest = new HashMap<>();
        var inOrder = answers.stream()
                .sorted(Comparator.comparingLong(OpenAnswer::answeredAtNanos))
                .toList();
        for (OpenAnswer answer : inOrder) {
            switch (answer.result()) {
                case OPEN_RESULT_OPENED -> checkOpened(answer, firstOpened);
                case OPEN_RESULT_EXPIRED -> firstExpired.putIfAbsent(answer.packetId(), answer);
                case OPEN_RESULT_SOLD_OUT -> firstSoldOut.putIfAbsent(answer.packetId(), answer);
                case OPEN_RESULT_NOT_FOR_YOU, OPEN_RESULT_UNSPECIFIED, UNRECOGNIZED -> {}
            }
            checkSameRequest(answer, firstByRequest);
        }
        for (OpenAnswer answer : inOrder) {
            if (answer.result() == OpenResult.OPEN_RESULT_OPENED) {
                if (!answer.replay()) {
                    checkAfter(answer, firstExpired.get(answer.packetId()), Promise.I6, "EXPIRED");
                    checkAfter(answer, firstSoldOut.get(answer.packetId()), Promise.I3, "SOLD_OUT");
                }
            } else {
                OpenAnswer opened = firstOpened.get(new ShareKey(answer.packetId(), answer.userId()));
                if (opened != null && answer.askedAtNanos() > opened.answeredAtNanos()) {
                    broken(
                            Promise.I7,
                            answer.packetId(),
                            "a user who had heard of share number %d then heard %s"
                                    .formatted(opened.sequence(), answer.result()));
                }
            }
        }
    }

    private void checkOpened(OpenAnswer answer, Map<ShareKey, OpenAnswer> firstOpened) {
        var key = new ShareKey(answer.packetId(), answer.userId());
        OpenAnswer first = firstOpened.putIfAbsent(key, answer);
        if (first != null && (first.amountFen() != answer.amountFen() || first.sequence() != answer.sequence())) {
            broken(
                    Promise.I7,
                    answer.packetId(),
                    "one user heard of share number %d with %d fen, and of number %d with %d fen"
                            .formatted(first.sequence(), first.amountFen(), answer.sequence(), answer.amountFen()));
        }
        PacketRow packet = packets.get(answer.packetId());
        if (packet != null && !packet.paid()) {
            broken(Promise.I8, answer.packetId(), "an open was answered with " + answer.amountFen() + " fen, unpaid");
        }
        ShareRow stored = shareByKey.get(key);
        if (stored == null) {
            broken(
                    Promise.I4,
                    answer.packetId(),
                    "share number %d with %d fen was answered and is not stored"
                            .formatted(answer.sequence(), answer.amountFen()));
        } else if (stored.amountFen() != answer.amountFen() || stored.sequence() != answer.sequence()) {
            broken(
                    Promise.I4,
                    answer.packetId(),
                    "answered was share number %d with %d fen, stored is number %d with %d fen"
                            .formatted(answer.sequence(), answer.amountFen(), stored.sequence(), stored.amountFen()));
        }
    }

    /** The same request may be answered twice; what it came to must be the same. */
    private void checkSameRequest(OpenAnswer answer, Map<String, OpenAnswer> firstByRequest) {
        String request = answer.packetId() + " " + answer.userId() + " " + answer.requestId();
        OpenAnswer first = firstByRequest.putIfAbsent(request, answer);
        if (first != null && first.result() != answer.result()) {
            broken(
                    Promise.I7,
                    answer.packetId(),
                    "one request heard %s and %s".formatted(first.result(), answer.result()));
        }
    }

    private void checkAfter(OpenAnswer opened, @Nullable OpenAnswer end, Promise promise, String heard) {
        if (end != null && opened.askedAtNanos() > end.answeredAtNanos()) {
            broken(
                    promise,
                    opened.packetId(),
                    "share number %d was opened by a request made after %s was answered"
                            .formatted(opened.sequence(), heard));
        }
    }
}
