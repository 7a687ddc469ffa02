package io.hongbao.cli.recon;

import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.RedisWire;
import io.hongbao.cli.stack.StackSets;
import io.hongbao.cli.stack.StoreAddresses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares one day of the orders with the ledger, Redis and the user records.
 *
 * <pre>
 * checksum of each bucket, in every store ─▶ buckets that differ, row by row ─▶ wait for the horizon
 *                                                        └─ what differs again, in the same way ◀──┘ is a difference
 * </pre>
 *
 * What is on its way (an event in Kafka, a credit that is being booked) differs at the first look and not at the second.
 * Money that is late by more than the horizon is a difference, and it should be.
 */
public final class Reconciliation {
    /** Stands for the days that have left their SETs, where a SET is named. */
    public static final String COLD = "cold";

    /** One look at one packet's stock: there, mark, stock, opened, share count, leases. */
    private static final String STOCK_LOOK = """
            local p = redis.call('HMGET', KEYS[1], 'mark', 'stock', 'opened', 'share_count')
            return {redis.call('EXISTS', KEYS[1]), p[1] or '', p[2] or '0', p[3] or '0', p[4] or '0',
                    redis.call('ZCOUNT', KEYS[2], '-inf', '(9007199254740991')}
            """;

    private static final int ITEM_HASH_BYTES = 4;

    /** One packet as the orders have it. {@code kind} and what follows are empty or 0 if its detail is missing. */
    public record Packet(
            String set,
            long id,
            int state,
            long paidFen,
            long surplusFen,
            int surplusCount,
            long refundFen,
            long dueAtMillis,
            boolean live,
            long totalFen,
            int shareCount,
            int kind,
            String senderId,
            String groupId,
            String exclusiveUserId,
            long timeToLiveMillis,
            List<Share> shares) {
        boolean published() {
            return state >= 2 && state != 5;
        }
    }

    /** @param old whether it was opened before the horizon */
    public record Share(String userId, int sequence, long amountFen, OffsetDateTime openedAt, boolean old) {}

    /** What came of one SET. */
    public record SetReport(
            String set,
            int day,
            long packetCount,
            long shareCount,
            int bucketCount,
            int differingCount,
            int differenceCount,
            long conservationFen) {}

    /** What came of a run. {@code packets} are those of the differences, for their repair. */
    public record Report(List<SetReport> sets, List<Difference> differences, Map<Long, Packet> packets) {}

    private record Sums(
            String set,
            long packetCount,
            long shareCount,
            long conservationFen,
            long brokenCount,
            String ledger,
            String records,
            long openCount) {}

    private record Fact(String user, String rest, long amountFen) {}

    private final StoreAddresses stores;
    private final StackSets sets;
    private final int day;
    private final long low;
    private final long high;
    private final Predicate<String> wantedSet;
    private final Duration horizon;

    /**
     * @param region digit of the region whose stores these are; the user records also hold those of others
     * @param day days since 2020-01-01
     * @param onlySet empty for all, and for the cold store
     * @param horizon longer than an event and a credit take when all is well
     */
    public Reconciliation(StoreAddresses stores, int region, int day, String onlySet, Duration horizon)
            throws SQLException {
        this.stores = stores;
        this.sets = StackSets.read(stores);
        this.day = day;
        this.low = ReconSql.low(region, day);
        this.high = ReconSql.low(region, day + 1);
        this.wantedSet = set -> onlySet.isEmpty() || set.equals(onlySet);
        this.horizon = horizon;
    }

    public Report run() throws SQLException, IOException, InterruptedException {
        Map<Long, Sums> orders = orderSums();
        Map<Long, String> ledger = foreignSums(stores.ledger(), ReconSql.LEDGER_SUMS, 2);
        Map<Long, String> records = foreignSums(stores.records(), ReconSql.RECORD_SUMS, 3);
        var buckets = new TreeSet<>(orders.keySet());
        ledger.keySet().stream().filter(this::mine).forEach(buckets::add);
        records.keySet().stream().filter(this::mine).forEach(buckets::add);
        var suspects = new TreeSet<Long>();
        var stocked = new TreeSet<Long>();
        for (long bucket : buckets) {
            Sums sums = orders.get(bucket);
            String none = "0";
            if (sums == null
                    || sums.brokenCount > 0
                    || !sums.ledger.equals(ledger.getOrDefault(bucket, none))
                    || !sums.records.equals(records.getOrDefault(bucket, none))) {
                suspects.add(bucket);
            }
            if (sums != null && sums.openCount > 0 && !stores.redisUrl().isEmpty()) {
                // Redis has no checksum to offer: its keys are apart. Only open packets are looked at.
                stocked.add(bucket);
            }
        }
        ledgerGaps().keySet().stream()
                .map(ReconSql::bucketOf)
                .filter(this::mine)
                .forEach(suspects::add);

        Look first = look(suspects, stocked);
        List<Difference> confirmed = List.of();
        Map<Long, Packet> packets = Map.of();
        if (!first.differences.isEmpty()) {
            Thread.sleep(horizon);
            Set<Long> again = first.differences.keySet().stream()
                    .map(key -> ReconSql.bucketOf(key.packetId()))
                    .collect(Collectors.toSet());
            Look second = look(
                    again,
                    first.differences.values().stream()
                            .filter(difference -> difference.kind().remedy() == Remedy.RESTOCK)
                            .map(difference -> ReconSql.bucketOf(difference.packetId()))
                            .collect(Collectors.toSet()));
            confirmed = second.differences.values().stream()
                    .filter(difference -> first.differences.containsKey(difference.key()))
                    .toList();
            packets = second.packets;
        }
        return new Report(reports(orders, buckets, suspects, confirmed), confirmed, packets);
    }

    private List<SetReport> reports(
            Map<Long, Sums> orders, Set<Long> buckets, Set<Long> suspects, List<Difference> confirmed) {
        var names = new TreeSet<String>();
        stores.sets().keySet().stream().filter(wantedSet).forEach(names::add);
        orders.values().forEach(sums -> names.add(sums.set));
        confirmed.forEach(difference -> names.add(difference.set()));
        return names.stream()
                .map(name -> {
                    List<Sums> sums = orders.values().stream()
                            .filter(one -> one.set.equals(name))
                            .toList();
                    return new SetReport(
                            name,
                            day,
                            sums.stream().mapToLong(Sums::packetCount).sum(),
                            sums.stream().mapToLong(Sums::shareCount).sum(),
                            (int) buckets.stream()
                                    .filter(bucket -> setOf(orders, bucket).equals(name))
                                    .count(),
                            (int) suspects.stream()
                                    .filter(bucket -> setOf(orders, bucket).equals(name))
                                    .count(),
                            (int) confirmed.stream()
                                    .filter(difference -> difference.set().equals(name))
                                    .count(),
                            sums.stream().mapToLong(Sums::conservationFen).sum());
                })
                .toList();
    }

    private String setOf(Map<Long, Sums> orders, long bucket) {
        Sums sums = orders.get(bucket);
        return sums == null ? setOfDatabase(ReconSql.databaseOf(bucket)) : sums.set;
    }

    private String setOfDatabase(int database) {
        return sets.setOfDatabase(database).orElse("unknown");
    }

    private boolean mine(long bucket) {
        return wantedSet.test(setOfDatabase(ReconSql.databaseOf(bucket)));
    }

    // ---- checksums ----

    private Map<Long, Sums> orderSums() throws SQLException {
        var sums = new HashMap<Long, Sums>();
        forEachSource((set, connection, mine) -> {
            try (var statement = connection.prepareStatement(ReconSql.orderSums(set.equals(COLD), day))) {
                range(statement, 1, 2);
                try (var row = statement.executeQuery()) {
                    while (row.next()) {
                        long bucket = row.getLong(1);
                        if (mine.test(ReconSql.databaseOf(bucket))) {
                            sums.put(
                                    bucket,
                                    new Sums(
                                            set,
                                            row.getLong(2),
                                            row.getLong(3),
                                            row.getLong(4),
                                            row.getLong(5),
                                            row.getString(6),
                                            row.getString(7),
                                            row.getLong(8)));
                        }
                    }
                }
            }
        });
        return sums;
    }

    private Map<Long, String> foreignSums(Database database, String sql, int rangeCount) throws SQLException {
        var sums = new HashMap<Long, String>();
        try (Connection connection = database.connect();
                var statement = connection.prepareStatement(sql)) {
            range(statement, 1, rangeCount);
            try (var row = statement.executeQuery()) {
                while (row.next()) {
                    sums.put(row.getLong(1), row.getString(2));
                }
            }
        }
        return sums;
    }

    @FunctionalInterface
    private interface Source {
        void read(String set, Connection connection, Predicate<Integer> mine) throws SQLException;
    }

    /** Every store that has orders of the day: the SETs first, then the cold store for what has left them. */
    private void forEachSource(Source source) throws SQLException {
        var hot = new HashSet<Integer>();
        for (var set : stores.sets().entrySet()) {
            try (Connection connection = set.getValue().connect()) {
                var here = new HashSet<Integer>();
                try (var statement = connection.prepareStatement(ReconSql.HOT_DATABASES)) {
                    statement.setInt(1, day);
                    try (var row = statement.executeQuery()) {
                        while (row.next()) {
                            here.add(row.getInt(1));
                        }
                    }
                }
                hot.addAll(here);
                if (wantedSet.test(set.getKey()) && !here.isEmpty()) {
                    source.read(set.getKey(), connection, here::contains);
                }
            }
        }
        try (Connection connection = stores.cold().connect()) {
            source.read(
                    COLD, connection, database -> !hot.contains(database) && wantedSet.test(setOfDatabase(database)));
        }
    }

    /** Where the ledger contradicts itself. */
    private record Gap(Kind kind, String item, String detail) {}

    private Map<Long, List<Gap>> ledgerGaps() throws SQLException {
        var gaps = new TreeMap<Long, List<Gap>>();
        try (Connection connection = stores.ledger().connect();
                var statement = connection.prepareStatement(ReconSql.LEDGER_GAPS)) {
            range(statement, 1, ReconSql.LEDGER_GAP_RANGES);
            read(
                    statement,
                    row -> gaps.computeIfAbsent(row.getLong(1), id -> new ArrayList<>())
                            .add(new Gap(Kind.valueOf(row.getString(2)), row.getString(3), row.getString(4))));
        }
        return gaps;
    }

    private int range(PreparedStatement statement, int at, int count) throws SQLException {
        int next = at;
        for (int i = 0; i < count; i++) {
            statement.setLong(next++, low);
            statement.setLong(next++, high);
        }
        return next;
    }

    // ---- row by row ----

    private record Look(Map<Difference.Key, Difference> differences, Map<Long, Packet> packets) {}

    private Look look(Set<Long> suspects, Set<Long> stocked) throws SQLException, IOException {
        var differences = new LinkedHashMap<Difference.Key, Difference>();
        if (suspects.isEmpty() && stocked.isEmpty()) {
            return new Look(differences, Map.of());
        }
        Map<Long, List<Long>> stocks = stocks(stocked);
        Map<Long, Map<String, Fact>> ledger = facts(stores.ledger(), ReconSql.LEDGER_FACTS, 2, suspects);
        Map<Long, Map<String, Fact>> records = facts(stores.records(), ReconSql.RECORD_FACTS, 3, suspects);
        var wanted = new TreeSet<>(suspects);
        wanted.addAll(stocked);
        Map<Long, Packet> packets = packets(wanted);
        Map<Long, List<Gap>> gaps = ledgerGaps();

        var comparison = new Comparison(difference -> differences.put(difference.key(), difference));
        for (Packet packet : packets.values()) {
            if (suspects.contains(ReconSql.bucketOf(packet.id()))) {
                comparison.compare(
                        packet,
                        ledger.getOrDefault(packet.id(), Map.of()),
                        records.getOrDefault(packet.id(), Map.of()),
                        gaps.getOrDefault(packet.id(), List.of()));
            }
            List<Long> stock = stocks.get(packet.id());
            if (stock != null) {
                comparison.stock(packet, stock);
            }
        }
        var strangers = new TreeSet<>(ledger.keySet());
        strangers.addAll(records.keySet());
        strangers.removeAll(packets.keySet());
        for (long stranger : strangers) {
            String set = setOfDatabase(ReconSql.databaseOf(ReconSql.bucketOf(stranger)));
            comparison.found(
                    set,
                    stranger,
                    Kind.PACKET_MISSING,
                    "packet",
                    "known to " + (ledger.containsKey(stranger) ? "the ledger" : "the user records"));
        }
        return new Look(differences, packets);
    }

    private Map<Long, Map<String, Fact>> facts(Database database, String sql, int rangeCount, Set<Long> buckets)
            throws SQLException {
        var facts = new HashMap<Long, Map<String, Fact>>();
        try (Connection connection = database.connect();
                var statement = connection.prepareStatement(sql)) {
            var keys = connection.createArrayOf("bigint", buckets.toArray());
            int at = 1;
            for (int i = 0; i < rangeCount; i++) {
                at = range(statement, at, 1);
                statement.setArray(at++, keys);
            }
            try (var row = statement.executeQuery()) {
                while (row.next()) {
                    String user = row.getString(3);
                    facts.computeIfAbsent(row.getLong(1), id -> new HashMap<>())
                            .put(row.getString(2) + ":" + user, new Fact(user, row.getString(5), row.getLong(4)));
                }
            }
        }
        return facts;
    }

    private Map<Long, Packet> packets(Set<Long> buckets) throws SQLException {
        var packets = new TreeMap<Long, Packet>();
        forEachSource((set, connection, mine) -> {
            boolean cold = set.equals(COLD);
            var keys = connection.createArrayOf(
                    "bigint",
                    buckets.stream()
                            .filter(bucket -> mine.test(ReconSql.databaseOf(bucket)))
                            .toArray());
            // The rows first: what they count has its shares then, or is seen at the second look.
            try (var statement = connection.prepareStatement(ReconSql.packetFacts(cold, day))) {
                statement.setArray(range(statement, 1, 1), keys);
                read(statement, row -> {
                    Packet packet = packet(set, row);
                    packets.put(packet.id(), packet);
                });
            }
            try (var statement = connection.prepareStatement(ReconSql.shareFacts(cold, day))) {
                statement.setLong(1, horizon.toMillis());
                statement.setArray(range(statement, 2, 1), keys);
                read(statement, row -> {
                    long id = row.getLong(1);
                    packets.computeIfAbsent(id, orphan -> orphan(set, orphan))
                            .shares()
                            .add(new Share(
                                    row.getString(2),
                                    row.getInt(3),
                                    row.getLong(4),
                                    row.getObject(5, OffsetDateTime.class),
                                    row.getBoolean(6)));
                });
            }
        });
        return packets;
    }

    @FunctionalInterface
    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    private static void read(PreparedStatement statement, RowReader reader) throws SQLException {
        try (var row = statement.executeQuery()) {
            while (row.next()) {
                reader.read(row);
            }
        }
    }

    private static Packet packet(String set, ResultSet row) throws SQLException {
        return new Packet(
                set,
                row.getLong(1),
                row.getInt(2),
                row.getLong(3),
                row.getLong(4),
                row.getInt(5),
                row.getLong(6),
                row.getLong(7),
                row.getBoolean(8),
                row.getLong(9),
                row.getInt(10),
                row.getInt(11),
                text(row.getString(12)),
                text(row.getString(13)),
                text(row.getString(14)),
                row.getLong(15),
                new ArrayList<>());
    }

    /** Shares whose packet is not there. */
    private static Packet orphan(String set, long id) {
        return new Packet(set, id, 0, 0, 0, 0, 0, 0, false, 0, 0, 0, "", "", "", 0, new ArrayList<>());
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    // ---- Redis ----

    /** What Redis says of the open packets of these buckets, before the orders are read. */
    private Map<Long, List<Long>> stocks(Set<Long> buckets) throws SQLException, IOException {
        List<Packet> live = packets(buckets).values().stream()
                .filter(packet -> packet.state() == 2 && packet.live())
                .toList();
        var found = new HashMap<Long, List<Long>>();
        if (live.isEmpty()) {
            return found;
        }
        try (var redis = new RedisWire(stores.redisUrl())) {
            List<Object> answers = redis.send(live.stream()
                    .map(packet ->
                            List.of("EVAL", STOCK_LOOK, "2", key(packet.id(), "packet"), key(packet.id(), "seats")))
                    .toList());
            for (int i = 0; i < answers.size(); i++) {
                found.put(
                        live.get(i).id(),
                        ((List<?>) answers.get(i))
                                .stream()
                                        .map(value -> value.toString().isEmpty() ? 0L : Long.valueOf(value.toString()))
                                        .toList());
            }
        }
        return found;
    }

    static String key(long packetId, String what) {
        return "hb:{" + packetId + "}:" + what;
    }

    /** Compares one packet with what the others say of it. */
    private record Comparison(java.util.function.Consumer<Difference> found) {
        void found(String set, long packetId, Kind kind, String item, String detail) {
            found.accept(new Difference(set, packetId, kind, item, detail));
        }

        private void found(Packet packet, Kind kind, String item, String detail) {
            found(packet.set(), packet.id(), kind, item, detail);
        }

        void compare(Packet packet, Map<String, Fact> ledger, Map<String, Fact> records, List<Gap> gaps) {
            long openedFen =
                    packet.shares().stream().mapToLong(Share::amountFen).sum();
            int count = packet.shares().size();
            boolean adds = openedFen + packet.surplusFen() + packet.refundFen() == packet.paidFen()
                    && switch (packet.state()) {
                        case 2, 6 ->
                            packet.paidFen() == packet.totalFen()
                                    && count + packet.surplusCount() == packet.shareCount();
                        case 3 -> packet.paidFen() == packet.totalFen() && count == packet.shareCount();
                        case 4 -> packet.paidFen() == packet.totalFen() && count < packet.shareCount();
                        case 1, 5 -> packet.paidFen() == 0 && count == 0;
                        default -> false;
                    };
            if (!adds) {
                found(
                        packet,
                        Kind.NOT_CONSERVED,
                        "packet",
                        "paid %d, opened %d, remaining %d, refunded %d fen; %d of %d shares are open"
                                .formatted(
                                        packet.paidFen(),
                                        openedFen,
                                        packet.surplusFen(),
                                        packet.refundFen(),
                                        count,
                                        packet.shareCount()));
            }
            gaps.forEach(gap -> found(packet, gap.kind(), gap.item(), gap.detail()));
            payment(packet, ledger);
            credits(packet, ledger);
            refund(packet, ledger);
            records(packet, records);
        }

        private void payment(Packet packet, Map<String, Fact> ledger) {
            Fact payment = ledger.get("payment:");
            Fact confirmed = ledger.get("confirmed:");
            if (!packet.published()) {
                if (payment != null && packet.state() != 0) {
                    found(
                            packet,
                            Kind.PUBLISH_MISSING,
                            "payment",
                            payment.amountFen + " fen are paid, the order is in state " + packet.state());
                }
                return;
            }
            if (payment == null) {
                found(packet, Kind.PAYMENT_MISSING, "payment", packet.paidFen() + " fen, no transfer");
            } else if (payment.amountFen != packet.paidFen()) {
                found(
                        packet,
                        Kind.PAYMENT_DIFFERS,
                        "payment",
                        "%d fen in the ledger, %d in the order".formatted(payment.amountFen, packet.paidFen()));
            }
            if (confirmed == null || confirmed.amountFen != packet.paidFen()) {
                found(
                        packet,
                        Kind.PAYMENT_UNCONFIRMED,
                        "payment",
                        confirmed == null ? "not confirmed" : "confirmed over " + confirmed.amountFen + " fen");
            }
        }

        private void credits(Packet packet, Map<String, Fact> ledger) {
            for (Share share : packet.shares()) {
                Fact credit = ledger.get("credit:" + share.userId());
                if (credit == null) {
                    found(packet, Kind.CREDIT_MISSING, "share " + share.sequence(), share.amountFen() + " fen");
                } else if (credit.amountFen != share.amountFen()) {
                    found(
                            packet,
                            Kind.CREDIT_DIFFERS,
                            "share " + share.sequence(),
                            "%d fen credited, the share has %d".formatted(credit.amountFen, share.amountFen()));
                }
            }
            unknown(packet, ledger, "credit:", Kind.CREDIT_UNKNOWN);
        }

        private void unknown(Packet packet, Map<String, Fact> facts, String prefix, Kind kind) {
            Map<String, Share> byUser = packet.shares().stream()
                    .collect(Collectors.toMap(Share::userId, Function.identity(), (one, other) -> one));
            facts.forEach((key, fact) -> {
                if (key.startsWith(prefix) && !byUser.containsKey(fact.user)) {
                    found(packet, kind, "user " + hash(fact.user), fact.amountFen + " fen without a share");
                }
            });
        }

        private void refund(Packet packet, Map<String, Fact> ledger) {
            Fact refund = ledger.get("refund:");
            if (refund == null && packet.refundFen() > 0) {
                found(packet, Kind.REFUND_MISSING, "refund", packet.refundFen() + " fen");
            } else if (refund != null && refund.amountFen != packet.refundFen()) {
                found(
                        packet,
                        Kind.REFUND_DIFFERS,
                        "refund",
                        "%d fen refunded, decided were %d".formatted(refund.amountFen, packet.refundFen()));
            }
        }

        private void records(Packet packet, Map<String, Fact> records) {
            expect(
                    packet,
                    records.get("sent:"),
                    packet.published(),
                    "sent",
                    new Fact(
                            "",
                            packet.shareCount() + "|" + packet.kind() + "|" + packet.senderId() + "|"
                                    + packet.groupId(),
                            packet.totalFen()));
            expect(
                    packet,
                    records.get("end:"),
                    packet.state() == 3 || packet.state() == 4,
                    "end",
                    new Fact("", "", packet.refundFen()));
            for (Share share : packet.shares()) {
                expect(
                        packet,
                        records.get("received:" + share.userId()),
                        true,
                        "share " + share.sequence(),
                        new Fact(share.userId(), "", share.amountFen()));
            }
            unknown(packet, records, "received:", Kind.RECORD_UNKNOWN);
        }

        private void expect(Packet packet, @Nullable Fact recorded, boolean due, String item, Fact fact) {
            if (recorded == null) {
                if (due) {
                    found(packet, Kind.RECORD_MISSING, item, "not in the user records");
                }
            } else if (!due) {
                found(packet, Kind.RECORD_UNKNOWN, item, "in the user records, not in the orders");
            } else if (!recorded.equals(fact)) {
                found(
                        packet,
                        Kind.RECORD_DIFFERS,
                        item,
                        recorded.amountFen == fact.amountFen
                                ? "other facts"
                                : "%d fen recorded, %d in the order".formatted(recorded.amountFen, fact.amountFen));
            }
        }

        /** @param stock there, mark, stock, opened, share count, leases; read before the packet */
        void stock(Packet packet, List<Long> stock) {
            if (packet.state() != 2) {
                // It ended since Redis was asked.
                return;
            }
            long opened = stock.get(3);
            long oldCount = packet.shares().stream().filter(Share::old).count();
            if (stock.get(0) == 0) {
                found(packet, Kind.STOCK_MISSING, "stock", "no stock");
            } else if (stock.get(1) != 0) {
                found(packet, Kind.STOCK_MARKED, "stock", "marked as final");
            } else if (stock.get(2) + opened + stock.get(5) != packet.shareCount()
                    || opened < oldCount
                    || opened > packet.shares().size()) {
                found(
                        packet,
                        Kind.STOCK_DIFFERS,
                        "stock",
                        "stock %d, leases %d, opened %d; the order has %d of %d shares open"
                                .formatted(
                                        stock.get(2),
                                        stock.get(5),
                                        opened,
                                        packet.shares().size(),
                                        packet.shareCount()));
            }
        }
    }

    private static String hash(String userId) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(userId.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, ITEM_HASH_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
