package io.hongbao.cli.recon;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.hongbao.cli.audit.OperatorAudit;
import io.hongbao.cli.packet.PacketFreeze;
import io.hongbao.cli.recon.Reconciliation.Packet;
import io.hongbao.cli.recon.Reconciliation.Report;
import io.hongbao.cli.recon.Reconciliation.Share;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.RedisWire;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketFinished;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketPublished;
import io.hongbao.v1.PacketRefunded;
import io.hongbao.v1.PublishPacketRequest;
import io.hongbao.v1.SendServiceGrpc.SendServiceBlockingStub;
import io.hongbao.v1.ShareOpened;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Repairs differences, and only by doing again what is idempotent: events are told once more, send-svc is asked to publish,
 * stock is loaded. No amount is ever written. A packet that this cannot explain is frozen.
 */
public final class Repair {
    private static final String TELL = "insert into orders.outbox (event_count, payload, created_at) values (?, ?, ?)";
    private static final int LUCKY = 1;

    private final StoreAddresses stores;
    private final SendServiceBlockingStub send;
    private final String actor;

    public Repair(StoreAddresses stores, SendServiceBlockingStub send, String actor) {
        this.stores = stores;
        this.send = send;
        this.actor = actor;
    }

    /** @return how many packets got each remedy */
    public Map<Remedy, Integer> repair(Report report) throws SQLException, IOException {
        var counts = new LinkedHashMap<Remedy, Integer>();
        var byPacket = new LinkedHashMap<Long, List<Difference>>();
        report.differences()
                .forEach(one -> byPacket.computeIfAbsent(one.packetId(), id -> new ArrayList<>())
                        .add(one));
        for (var entry : byPacket.entrySet()) {
            Packet packet = report.packets().get(entry.getKey());
            List<Remedy> remedies = entry.getValue().stream()
                    .map(one -> one.kind().remedy())
                    .distinct()
                    .sorted(Comparator.comparing(Remedy::ordinal))
                    .toList();
            // What cannot be explained comes first: nothing is replayed out of such a packet.
            for (Remedy remedy : remedies.contains(Remedy.FREEZE) ? List.of(Remedy.FREEZE) : remedies) {
                if (packet == null && remedy != Remedy.LOOK) {
                    continue;
                }
                List<Difference> treated = entry.getValue().stream()
                        .filter(one -> one.kind().remedy() == remedy)
                        .toList();
                if (remedy != Remedy.LOOK) {
                    apply(remedy, Objects.requireNonNull(packet), treated);
                    Findings.repaired(stores.control(), treated);
                }
                counts.merge(remedy, 1, Integer::sum);
            }
        }
        return counts;
    }

    private void apply(Remedy remedy, Packet packet, List<Difference> causes) throws SQLException, IOException {
        String why = String.join(
                ", ", causes.stream().map(one -> one.kind().name()).distinct().toList());
        if (remedy == Remedy.FREEZE) {
            // It is audited there.
            PacketFreeze.freeze(stores, packet.id(), actor, "reconciliation: " + why);
            return;
        }
        OperatorAudit.write(
                stores.control(), actor, "recon." + remedy.name().toLowerCase(), Long.toString(packet.id()), why);
        switch (remedy) {
            case REPLAY -> replay(packet);
            case PUBLISH ->
                send.publishPacket(PublishPacketRequest.newBuilder()
                        .setPacketId(packet.id())
                        .setPaymentId("pay-" + packet.id())
                        .build());
            case RESTOCK -> restock(packet, causes.stream().anyMatch(one -> one.kind() == Kind.STOCK_MARKED));
            case FREEZE, LOOK -> throw new IllegalStateException("nothing to do for " + remedy);
        }
    }

    /** Every event of the packet again, each with the time at which it happened. */
    private void replay(Packet packet) throws SQLException {
        Database set = PacketFreeze.setOf(stores, packet.id());
        try (Connection connection = set.connect();
                var statement = connection.prepareStatement(TELL)) {
            connection.setAutoCommit(false);
            for (var event : events(packet).entrySet()) {
                OrderEventBatch batch = event.getValue().build();
                statement.setInt(1, batch.getEventsCount());
                statement.setBytes(2, batch.toByteArray());
                statement.setObject(3, event.getKey());
                statement.addBatch();
            }
            statement.executeBatch();
            connection.commit();
        }
    }

    static Map<OffsetDateTime, OrderEventBatch.Builder> events(Packet packet) {
        var events = new LinkedHashMap<OffsetDateTime, OrderEventBatch.Builder>();
        PacketKind kind = PacketKind.forNumber(packet.kind());
        OffsetDateTime publishedAt = time(packet.dueAtMillis() - packet.timeToLiveMillis());
        add(
                events,
                publishedAt,
                packet,
                event -> event.setPublished(PacketPublished.newBuilder()
                        .setSenderId(packet.senderId())
                        .setGroupId(packet.groupId())
                        .setKind(kind)
                        .setTotalFen(packet.totalFen())
                        .setShareCount(packet.shareCount())
                        .setExclusiveUserId(packet.exclusiveUserId())
                        .setTimeToLive(Durations.fromMillis(packet.timeToLiveMillis()))));
        for (Share share : packet.shares()) {
            add(
                    events,
                    share.openedAt(),
                    packet,
                    event -> event.setOpened(ShareOpened.newBuilder()
                            .setUserId(share.userId())
                            .setAmountFen(share.amountFen())
                            .setSequence(share.sequence())
                            .setSenderId(packet.senderId())
                            .setGroupId(packet.groupId())
                            .setKind(kind)));
        }
        if (packet.state() == 3) {
            add(
                    events,
                    packet.shares().getLast().openedAt(),
                    packet,
                    event -> event.setFinished(PacketFinished.newBuilder().setBestLuckUserId(bestLuck(packet))));
        } else if (packet.state() == 4) {
            add(
                    events,
                    time(packet.dueAtMillis()),
                    packet,
                    event -> event.setRefunded(PacketRefunded.newBuilder()
                            .setSenderId(packet.senderId())
                            .setRefundFen(packet.refundFen())));
        }
        return events;
    }

    private static void add(
            Map<OffsetDateTime, OrderEventBatch.Builder> events,
            OffsetDateTime at,
            Packet packet,
            java.util.function.Consumer<OrderEvent.Builder> what) {
        var event = OrderEvent.newBuilder().setPacketId(packet.id());
        what.accept(event);
        events.computeIfAbsent(
                        at,
                        time -> OrderEventBatch.newBuilder()
                                .setOccurredAt(
                                        Timestamps.fromMillis(at.toInstant().toEpochMilli())))
                .addEvents(event);
    }

    private static OffsetDateTime time(long millis) {
        return OffsetDateTime.ofInstant(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
    }

    /** The largest, the earliest on ties. */
    private static String bestLuck(Packet packet) {
        return packet.kind() == LUCKY
                ? packet.shares().stream()
                        .max(Comparator.comparingLong(Share::amountFen)
                                .thenComparing(
                                        Comparator.comparingInt(Share::sequence).reversed()))
                        .map(Share::userId)
                        .orElse("")
                : "";
    }

    private void restock(Packet packet, boolean marked) throws IOException {
        String hash = Reconciliation.key(packet.id(), "packet");
        String seats = Reconciliation.key(packet.id(), "seats");
        var commands = new ArrayList<List<String>>();
        if (marked) {
            commands.add(List.of("UNLINK", hash, seats));
        }
        commands.add(List.of(
                "FCALL",
                "hb_heal",
                "2",
                hash,
                seats,
                packet.groupId(),
                packet.exclusiveUserId(),
                Integer.toString(packet.shareCount()),
                Integer.toString(packet.surplusCount()),
                Long.toString(packet.dueAtMillis())));
        try (var redis = new RedisWire(stores.redisUrl())) {
            redis.send(commands);
        }
    }
}
