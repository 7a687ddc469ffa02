package io.hongbao.query.records;

import com.google.protobuf.Timestamp;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.kit.Input;
import io.hongbao.kit.Refusal;
import io.hongbao.query.QueryMetrics.Unreadable;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.PacketFinished;
import io.hongbao.v1.PacketPublished;
import io.hongbao.v1.PacketRefunded;
import io.hongbao.v1.ShareOpened;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The facts of one batch of events, column by column as the statement wants them. Events whose values no packet can have
 * are left out and counted: the database would refuse them for ever, and with them everything behind them.
 */
final class RecordBatch {
    private static final Instant TIME_MIN =
            PacketId.EPOCH.atStartOfDay(PacketId.ZONE).toInstant();
    private static final Instant TIME_MAX = Instant.parse("9999-12-31T00:00:00Z");

    private final Instant occurredAt;
    private final List<Unreadable> unreadable = new ArrayList<>();

    private final List<Long> publishedPackets = new ArrayList<>();
    private final List<Long> totalsFen = new ArrayList<>();
    private final List<Integer> shareCounts = new ArrayList<>();
    private final List<Short> publishedKinds = new ArrayList<>();
    private final List<String> publishedSenders = new ArrayList<>();
    private final List<String> publishedGroups = new ArrayList<>();

    private final List<Long> openedPackets = new ArrayList<>();
    private final List<Long> amountsFen = new ArrayList<>();
    private final List<Short> openedKinds = new ArrayList<>();
    private final List<String> openedUsers = new ArrayList<>();
    private final List<String> openedSenders = new ArrayList<>();
    private final List<String> openedGroups = new ArrayList<>();

    private final List<Long> endedPackets = new ArrayList<>();
    private final List<Long> refundsFen = new ArrayList<>();
    private final List<String> bestLuckUsers = new ArrayList<>();

    private RecordBatch(Instant occurredAt) {
        this.occurredAt = occurredAt;
    }

    /** The facts of a batch; empty if it does not say when it happened. */
    static Optional<RecordBatch> of(OrderEventBatch events) {
        return time(events).map(occurredAt -> {
            RecordBatch batch = new RecordBatch(occurredAt);
            events.getEventsList().forEach(batch::add);
            return batch;
        });
    }

    /** The numbers of its packets, some of them more than once. */
    LongStream packets() {
        return Stream.of(publishedPackets, openedPackets, endedPackets)
                .flatMapToLong(packets -> packets.stream().mapToLong(Long::longValue));
    }

    private static Optional<Instant> time(OrderEventBatch events) {
        Timestamp time = events.getOccurredAt();
        if (time.getSeconds() < TIME_MIN.getEpochSecond() || time.getSeconds() >= TIME_MAX.getEpochSecond()) {
            return Optional.empty();
        }
        // The database keeps microseconds, and so do page tokens.
        return Optional.of(
                Instant.ofEpochSecond(time.getSeconds(), time.getNanos()).truncatedTo(ChronoUnit.MICROS));
    }

    private void add(OrderEvent event) {
        try {
            long packet = Input.packetId(event.getPacketId()).value();
            boolean possible = switch (event.getEventCase()) {
                case PUBLISHED -> addPublished(packet, event.getPublished());
                case OPENED -> addOpened(packet, event.getOpened());
                case FINISHED -> addFinished(packet, event.getFinished());
                case REFUNDED -> addRefunded(packet, event.getRefunded());
                case EVENT_NOT_SET -> {
                    unreadable.add(Unreadable.UNKNOWN_KIND);
                    yield true;
                }
            };
            if (!possible) {
                unreadable.add(Unreadable.EVENT);
            }
        } catch (Refusal malformedId) {
            unreadable.add(Unreadable.EVENT);
        }
    }

    private boolean addPublished(long packet, PacketPublished event) {
        String sender = Input.userId(event.getSenderId());
        String group = Input.groupId(event.getGroupId());
        if (event.getShareCount() < 1 || event.getTotalFen() < event.getShareCount() || !isKind(event.getKindValue())) {
            return false;
        }
        publishedPackets.add(packet);
        totalsFen.add(event.getTotalFen());
        shareCounts.add(event.getShareCount());
        publishedKinds.add((short) event.getKindValue());
        publishedSenders.add(sender);
        publishedGroups.add(group);
        return true;
    }

    private boolean addOpened(long packet, ShareOpened event) {
        String user = Input.userId(event.getUserId());
        String sender = Input.userId(event.getSenderId());
        String group = Input.groupId(event.getGroupId());
        if (event.getAmountFen() < 1 || !isKind(event.getKindValue())) {
            return false;
        }
        openedPackets.add(packet);
        amountsFen.add(event.getAmountFen());
        openedKinds.add((short) event.getKindValue());
        openedUsers.add(user);
        openedSenders.add(sender);
        openedGroups.add(group);
        return true;
    }

    private boolean addFinished(long packet, PacketFinished event) {
        String bestLuck = event.getBestLuckUserId();
        addEnd(packet, 0, bestLuck.isEmpty() ? bestLuck : Input.userId(bestLuck));
        return true;
    }

    private boolean addRefunded(long packet, PacketRefunded event) {
        if (event.getRefundFen() < 1) {
            return false;
        }
        addEnd(packet, event.getRefundFen(), "");
        return true;
    }

    private void addEnd(long packet, long refundFen, String bestLuckUserId) {
        endedPackets.add(packet);
        refundsFen.add(refundFen);
        bestLuckUsers.add(bestLuckUserId);
    }

    private static boolean isKind(int code) {
        return code >= PacketKind.LUCKY.code() && code <= PacketKind.EXCLUSIVE.code();
    }

    /** When the events were committed. */
    Instant occurredAt() {
        return occurredAt;
    }

    /** What was left out. */
    List<Unreadable> unreadable() {
        return unreadable;
    }

    int publishedCount() {
        return publishedPackets.size();
    }

    int openedCount() {
        return openedPackets.size();
    }

    int endedCount() {
        return endedPackets.size();
    }

    boolean isEmpty() {
        return publishedCount() + openedCount() + endedCount() == 0;
    }

    /** Parameters of {@link RecordsSql#RECORD}. */
    Tuple toTuple() {
        return Tuple.tuple()
                .addOffsetDateTime(OffsetDateTime.ofInstant(occurredAt, ZoneOffset.UTC))
                .addArrayOfLong(publishedPackets.toArray(Long[]::new))
                .addArrayOfLong(totalsFen.toArray(Long[]::new))
                .addArrayOfInteger(shareCounts.toArray(Integer[]::new))
                .addArrayOfShort(publishedKinds.toArray(Short[]::new))
                .addArrayOfString(publishedSenders.toArray(String[]::new))
                .addArrayOfString(publishedGroups.toArray(String[]::new))
                .addArrayOfLong(openedPackets.toArray(Long[]::new))
                .addArrayOfLong(amountsFen.toArray(Long[]::new))
                .addArrayOfShort(openedKinds.toArray(Short[]::new))
                .addArrayOfString(openedUsers.toArray(String[]::new))
                .addArrayOfString(openedSenders.toArray(String[]::new))
                .addArrayOfString(openedGroups.toArray(String[]::new))
                .addArrayOfLong(endedPackets.toArray(Long[]::new))
                .addArrayOfLong(refundsFen.toArray(Long[]::new))
                .addArrayOfString(bestLuckUsers.toArray(String[]::new));
    }
}
