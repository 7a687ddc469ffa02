package io.hongbao.cli.drill;

import static java.util.Objects.requireNonNull;

import io.hongbao.cli.packet.PacketFreeze;
import io.hongbao.cli.promise.OrderRows.PacketRow;
import io.hongbao.cli.promise.OrderRows.ShareRow;
import io.hongbao.cli.promise.StoreReader;
import io.hongbao.cli.recon.Difference;
import io.hongbao.cli.recon.Findings;
import io.hongbao.cli.recon.Kind;
import io.hongbao.cli.recon.Reconciliation;
import io.hongbao.cli.recon.Reconciliation.Report;
import io.hongbao.cli.recon.Reconciliation.SetReport;
import io.hongbao.cli.recon.Remedy;
import io.hongbao.cli.recon.Repair;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.RedisWire;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketState;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.GetPacketRequest;
import io.hongbao.v1.PacketKind;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Rows are damaged by hand, each in its own way: reconciliation names every one of them, finds nothing else, repairs what
 * replaying repairs and freezes the rest. Before that it finds nothing while the load runs.
 */
final class ReconInjected implements Drill {
    /** Longer than an event and a credit take on a busy machine. */
    private static final Duration HORIZON = Duration.ofSeconds(8);

    private static final Duration SETTLE_MAX = Duration.ofSeconds(90);
    private static final String ACTOR = "drill";

    /** One damage. @param undo empty if repair must undo it */
    private record Damage(Kind kind, long packetId, Database database, List<String> undo) {}

    @Override
    public String name() {
        return "recon-injected";
    }

    @Override
    public String summary() {
        return "rows are damaged by hand: each is named, repaired by replay or frozen, and nothing else is";
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        DrillStack stack = drill.start();
        StoreAddresses stores = stack.running().stores();
        long expiredId = expired(drill, stack);
        SteadyLoad load = stack.load();
        load.measure(drill.loadTime());
        long begunNanos = System.nanoTime();
        Report busy = reconcile(stores, HORIZON);
        drill.figure("under_load_ms", (System.nanoTime() - begunNanos) / 1_000_000);
        drill.figure(
                "under_load_row_by_row",
                busy.sets().stream().mapToInt(SetReport::differingCount).sum());
        drill.figure(
                "under_load_buckets",
                busy.sets().stream().mapToInt(SetReport::bucketCount).sum());
        busy.differences().forEach(one -> drill.require(false, "found in a sound system under load: " + one));
        stack.stopLoad();
        drill.await(
                "all to settle",
                SETTLE_MAX,
                () -> reconcile(stores, Duration.ofSeconds(1)).differences().isEmpty());

        List<Damage> damages = damage(stores, expiredId);
        begunNanos = System.nanoTime();
        Report found = reconcile(stores, Duration.ofSeconds(1));
        drill.figure("damages", damages.size());
        drill.figure("kinds_named", kinds(found).size());
        drill.figure("compare_ms", (System.nanoTime() - begunNanos) / 1_000_000);
        for (Damage damage : damages) {
            drill.require(
                    found.differences().stream()
                            .anyMatch(one -> one.packetId() == damage.packetId() && one.kind() == damage.kind()),
                    damage.kind() + " was not found");
        }
        Set<Long> damaged = damages.stream().map(Damage::packetId).collect(Collectors.toSet());
        found.differences().stream()
                .filter(one -> !damaged.contains(one.packetId()))
                .forEach(one -> drill.require(false, "found in a packet that is sound: " + one));
        drill.require(
                found.sets().stream().anyMatch(set -> set.conservationFen() != 0),
                "the conservation meter does not show the damaged row");

        Map<Remedy, Integer> repaired = new Repair(stores, stack.clients().send(), ACTOR).repair(found);
        drill.figure("repaired", repaired);
        Set<Kind> left = damages.stream()
                .filter(damage -> !damage.undo().isEmpty())
                .map(Damage::kind)
                .collect(Collectors.toSet());
        drill.await(
                "what replay repairs to be repaired",
                SETTLE_MAX,
                () -> reconcile(stores, Duration.ofSeconds(1)).differences().stream()
                        .allMatch(one -> damages.stream()
                                .anyMatch(damage ->
                                        damage.packetId() == one.packetId() && left.contains(damage.kind()))));
        for (Damage damage : damages) {
            if (damage.kind().remedy() == Remedy.FREEZE) {
                var state = stack.clients()
                        .query()
                        .getPacket(GetPacketRequest.newBuilder()
                                .setPacketId(damage.packetId())
                                .build())
                        .getPacket()
                        .getState();
                drill.require(
                        state.getNumber() == PacketState.Frozen.CODE || state.getNumber() == PacketState.Finished.CODE,
                        "a packet with " + damage.kind() + " is " + state);
            }
        }

        for (Damage damage : damages) {
            execute(damage.database(), damage.undo());
            PacketFreeze.unfreeze(stores, damage.packetId(), ACTOR, "the damage is undone");
        }
        Report healed = reconcile(stores, Duration.ofSeconds(2));
        healed.differences().forEach(one -> drill.require(false, "still found: " + one));
        drill.require(
                healed.sets().stream().allMatch(set -> set.conservationFen() == 0), "the conservation meter is not 0");
    }

    private static Report reconcile(StoreAddresses stores, Duration horizon)
            throws SQLException, IOException, InterruptedException {
        Report report = new Reconciliation(
                        stores, PacketId.NORTH, PacketId.dayOf(LocalDate.now(PacketId.ZONE)), "", horizon)
                .run();
        Findings.store(stores.control(), report);
        return report;
    }

    private static Set<Kind> kinds(Report report) {
        return report.differences().stream().map(Difference::kind).collect(Collectors.toCollection(TreeSet::new));
    }

    /** A packet that expires untouched. */
    private static long expired(DrillContext drill, DrillStack stack) throws InterruptedException {
        var clients = stack.clients();
        var wrapped = new ArrayList<Long>();
        drill.await("the first order", SETTLE_MAX, () -> {
            clients.wallet()
                    .deposit(DepositRequest.newBuilder()
                            .setRequestId("d")
                            .setUserId("short")
                            .setAmountFen(100)
                            .build());
            var order = clients.send()
                    .createPacket(CreatePacketRequest.newBuilder()
                            .setRequestId("short")
                            .setSenderId("short")
                            .setGroupId("drill")
                            .setKind(PacketKind.PACKET_KIND_EQUAL)
                            .setTotalFen(100)
                            .setShareCount(10)
                            .setTimeToLive(
                                    com.google.protobuf.Duration.newBuilder().setSeconds(1))
                            .build());
            clients.wallet()
                    .confirmPayment(ConfirmPaymentRequest.newBuilder()
                            .setRequestId("short")
                            .setPaymentId(order.getPaymentId())
                            .setPayerId("short")
                            .setAmountFen(100)
                            .build());
            return wrapped.add(order.getPacketId());
        });
        return wrapped.getLast();
    }

    private static List<Damage> damage(StoreAddresses stores, long expiredId) throws SQLException, IOException {
        StoreReader.Rows rows = StoreReader.read(stores);
        Map<Long, List<ShareRow>> shares =
                rows.orders().shares().stream().collect(Collectors.groupingBy(ShareRow::packetId));
        ArrayDeque<PacketRow> open = choose(
                rows,
                packet -> packet.state() == PacketState.Open.CODE
                        && packet.surplusFen() > packet.surplusCount()
                        && shares.containsKey(packet.id()));
        ArrayDeque<PacketRow> finished = choose(rows, packet -> packet.state() == PacketState.Finished.CODE);
        Database ledger = stores.ledger();
        Database records = stores.records();
        var damages = new ArrayList<Damage>();

        ShareRow share = requireNonNull(shares.get(finished.removeFirst().id())).getFirst();
        unbook(ledger, "credit:" + share.packetId() + ":" + share.userId());
        damages.add(new Damage(Kind.CREDIT_MISSING, share.packetId(), ledger, List.of()));

        unbook(ledger, "refund:" + expiredId);
        damages.add(new Damage(Kind.REFUND_MISSING, expiredId, ledger, List.of()));

        share = requireNonNull(shares.get(open.removeFirst().id())).getFirst();
        String credit = "where transfer_id = 'credit:%d:%s'".formatted(share.packetId(), share.userId());
        damages.add(inject(
                Kind.CREDIT_DIFFERS,
                share.packetId(),
                ledger,
                "update transfer set amount_fen = amount_fen + 1 " + credit,
                "update transfer set amount_fen = amount_fen - 1 " + credit));

        long id = open.removeFirst().id();
        damages.add(inject(
                Kind.CREDIT_UNKNOWN,
                id,
                ledger,
                "insert into transfer (transfer_id, kind, debit_account, credit_account, amount_fen, packet_id) values"
                        + " ('credit:%1$d:ghost', 'CREDIT', 'escrow:%1$d', 'user:ghost', 1, %1$d)".formatted(id),
                "delete from transfer where transfer_id = 'credit:%d:ghost'".formatted(id)));

        id = open.removeFirst().id();
        damages.add(inject(
                Kind.PAYMENT_MISSING,
                id,
                ledger,
                "update transfer set packet_id = 0, transfer_id = 'gone:%1$d' where transfer_id = 'payment:%1$d'"
                        .formatted(id),
                "update transfer set packet_id = %1$d, transfer_id = 'payment:%1$d' where transfer_id = 'gone:%1$d'"
                        .formatted(id)));

        id = open.removeFirst().id();
        damages.add(inject(
                Kind.PAYMENT_DIFFERS,
                id,
                ledger,
                "update transfer set amount_fen = amount_fen + 1 where transfer_id = 'payment:%d'".formatted(id),
                "update transfer set amount_fen = amount_fen - 1 where transfer_id = 'payment:%d'".formatted(id)));

        id = open.removeFirst().id();
        damages.add(inject(
                Kind.PAYMENT_UNCONFIRMED,
                id,
                ledger,
                "update payment set amount_fen = amount_fen + 1 where packet_id = " + id,
                "update payment set amount_fen = amount_fen - 1 where packet_id = " + id));

        id = open.removeFirst().id();
        damages.add(inject(
                Kind.ESCROW_DIFFERS,
                id,
                ledger,
                "update account set balance_fen = balance_fen + 1 where account_id = 'escrow:%d'".formatted(id),
                "update account set balance_fen = balance_fen - 1 where account_id = 'escrow:%d'".formatted(id)));

        payouts(damages, shares, finished, open, ledger);

        PacketRow packet = open.removeFirst();
        String leaf = packet.table().substring(packet.table().indexOf(' ') + 1);
        damages.add(inject(
                Kind.NOT_CONSERVED,
                packet.id(),
                PacketFreeze.setOf(stores, packet.id()),
                "update %s set surplus_fen = surplus_fen - 1 where id = %d".formatted(leaf, packet.id()),
                "update %s set surplus_fen = surplus_fen + 1 where id = %d".formatted(leaf, packet.id())));

        share = requireNonNull(shares.get(finished.removeFirst().id())).getFirst();
        String record = "where packet_id = %d and user_id = '%s'".formatted(share.packetId(), share.userId());
        execute(records, List.of("delete from received_share " + record));
        damages.add(new Damage(Kind.RECORD_MISSING, share.packetId(), records, List.of()));

        share = requireNonNull(shares.get(finished.removeFirst().id())).getFirst();
        record = "where packet_id = %d and user_id = '%s'".formatted(share.packetId(), share.userId());
        damages.add(inject(
                Kind.RECORD_DIFFERS,
                share.packetId(),
                records,
                "update received_share set amount_fen = amount_fen + 1 " + record,
                "update received_share set amount_fen = amount_fen - 1 " + record));

        id = finished.removeFirst().id();
        damages.add(inject(
                Kind.RECORD_UNKNOWN,
                id,
                records,
                "insert into received_share (packet_id, opened_at, amount_fen, kind, user_id, sender_id, group_id)"
                        + " values (%d, now(), 1, 1, 'ghost', 'nobody', 'drill')".formatted(id),
                "delete from received_share where packet_id = %d and user_id = 'ghost'".formatted(id)));

        long stranger = PacketId.of(PacketId.NORTH, PacketId.dayOf(LocalDate.now(PacketId.ZONE)), 998, 99_999_999, 0)
                .value();
        damages.add(inject(
                Kind.PACKET_MISSING,
                stranger,
                records,
                "insert into packet_end (packet_id, refund_fen, best_luck_user_id) values (%d, 0, '')"
                        .formatted(stranger),
                "delete from packet_end where packet_id = " + stranger));

        try (var redis = new RedisWire(stores.redisUrl())) {
            long missing = open.removeFirst().id();
            long differs = open.removeFirst().id();
            long marked = open.removeFirst().id();
            redis.send(List.of(
                    List.of("DEL", "hb:{" + missing + "}:packet"),
                    List.of("HINCRBY", "hb:{" + differs + "}:packet", "stock", "5"),
                    List.of("HSET", "hb:{" + marked + "}:packet", "mark", "8")));
            damages.add(new Damage(Kind.STOCK_MISSING, missing, ledger, List.of()));
            damages.add(new Damage(Kind.STOCK_DIFFERS, differs, ledger, List.of()));
            damages.add(new Damage(Kind.STOCK_MARKED, marked, ledger, List.of()));
        }
        return damages;
    }

    /** What a payment provider's part of the ledger looks like when it contradicts the rest. */
    private static void payouts(
            List<Damage> damages,
            Map<Long, List<ShareRow>> shares,
            ArrayDeque<PacketRow> finished,
            ArrayDeque<PacketRow> open,
            Database ledger)
            throws SQLException {
        for (Kind kind : List.of(Kind.PAYOUT_DIFFERS, Kind.PAYOUT_UNBOOKED, Kind.PAYOUT_SUSPENDED, Kind.PAYOUT_LATE)) {
            ShareRow share =
                    requireNonNull(shares.get(finished.removeFirst().id())).getFirst();
            String transfer = "credit:%d:%s".formatted(share.packetId(), share.userId());
            damages.add(inject(
                    kind,
                    share.packetId(),
                    ledger,
                    """
                    insert into payout (payout_no, transfer_id, kind, packet_id, user_id, amount_fen, decided_at, state,
                        done_at, next_at, created_at)
                    select payout_number(transfer_id, packet_id, 1), transfer_id, 'TRANSFER', packet_id,
                        substr(credit_account, 6), amount_fen + %d, created_at, '%s', %s, %s, %s
                    from transfer where transfer_id = '%s'
                    """.formatted(
                                    kind == Kind.PAYOUT_DIFFERS ? 1 : 0,
                                    switch (kind) {
                                        case PAYOUT_UNBOOKED -> "DONE";
                                        case PAYOUT_SUSPENDED -> "SUSPENDED";
                                        default -> "DUE";
                                    },
                                    kind == Kind.PAYOUT_UNBOOKED ? "now()" : "null",
                                    kind == Kind.PAYOUT_SUSPENDED ? "null" : "now()",
                                    kind == Kind.PAYOUT_LATE ? "now() - interval '2 days'" : "now()",
                                    transfer),
                    "delete from payout where transfer_id = '%s'".formatted(transfer)));
        }

        String moved = """
                insert into transfer (transfer_id, kind, debit_account, credit_account, amount_fen, packet_id)
                values ('%1$s:%2$dpGHOST', '%3$s', 'user:ghost', '%4$s', 1, %2$d)
                """;
        long id = finished.removeFirst().id();
        damages.add(inject(
                Kind.PAYOUT_UNKNOWN,
                id,
                ledger,
                moved.formatted("payout", id, "PAYOUT", "external"),
                "delete from transfer where transfer_id = 'payout:%dpGHOST'".formatted(id)));
        id = finished.removeFirst().id();
        damages.add(inject(
                Kind.SUSPENSE_DIFFERS,
                id,
                ledger,
                moved.formatted("suspense", id, "SUSPENSE", "suspense"),
                "delete from transfer where transfer_id = 'suspense:%dpGHOST'".formatted(id)));

        String order = """
                insert into provider_order (packet_id, state, expires_at, transaction_id, next_ask_at)
                values (%1$d, 'PAID', now(), 'ghost-%1$d', now())
                """;
        id = finished.removeFirst().id();
        damages.add(inject(
                Kind.PAYOUT_MISSING,
                id,
                ledger,
                order.formatted(id),
                "delete from provider_order where packet_id = " + id));
        id = open.removeFirst().id();
        String rename = "update transfer set transfer_id = '%s:%d' where transfer_id = '%s:%d'";
        damages.add(inject(
                Kind.RECEIPT_UNBOOKED,
                id,
                ledger,
                List.of(order.formatted(id), rename.formatted("gone", id, "payment", id)),
                List.of(
                        rename.formatted("payment", id, "gone", id),
                        "delete from provider_order where packet_id = " + id)));
        id = open.removeFirst().id();
        String payer = "update transfer set debit_account = %s where transfer_id = 'payment:%d'";
        damages.add(inject(
                Kind.RECEIPT_MISSING,
                id,
                ledger,
                payer.formatted("'external'", id),
                payer.formatted("(select 'user:' || payer_id from payment where packet_id = %d)".formatted(id), id)));
    }

    private static ArrayDeque<PacketRow> choose(StoreReader.Rows rows, Predicate<PacketRow> wanted) {
        return rows.orders().packets().stream()
                .filter(wanted)
                .sorted(Comparator.comparing(PacketRow::id))
                .collect(Collectors.toCollection(ArrayDeque::new));
    }

    private static Damage inject(Kind kind, long packetId, Database database, String damage, String undo)
            throws SQLException {
        return inject(kind, packetId, database, List.of(damage), List.of(undo));
    }

    private static Damage inject(Kind kind, long packetId, Database database, List<String> damage, List<String> undo)
            throws SQLException {
        execute(database, damage);
        return new Damage(kind, packetId, database, undo);
    }

    /** As if a transfer had never been booked: its row and its effect on both balances are taken back. */
    private static void unbook(Database ledger, String transferId) throws SQLException {
        execute(ledger, List.of("""
                        with gone as (delete from transfer where transfer_id = '%s' returning *),
                        back as (update account a set balance_fen = a.balance_fen + g.amount_fen
                                 from gone g where a.account_id = g.debit_account)
                        update account a set balance_fen = a.balance_fen - g.amount_fen
                        from gone g where a.account_id = g.credit_account
                        """.formatted(transferId)));
    }

    private static void execute(Database database, List<String> statements) throws SQLException {
        try (Connection connection = database.connect();
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                if (statement.executeUpdate(sql) != 1) {
                    throw new SQLException("changed nothing: " + sql);
                }
            }
        }
    }
}
