package io.hongbao.wallet.settlement;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Input;
import io.hongbao.kit.Refusal;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.wallet.WalletMetrics;
import io.hongbao.wallet.settlement.DueTransfer.Kind;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Reads the transfers that a record of order events makes due. What cannot be read now cannot be read later either: it is
 * counted, logged and left out, so that it does not hold up what follows.
 */
@ApplicationScoped
class OrderEventReader {
    private static final Logger LOG = Logger.getLogger(OrderEventReader.class);

    /** Beyond this the database has no times, and would refuse the batch for ever. */
    private static final Instant TIME_MAX = Instant.parse("9999-12-31T00:00:00Z");

    private enum Unreadable {
        RECORD,
        EVENT
    }

    private final WalletMetrics metrics;

    OrderEventReader(WalletMetrics metrics) {
        this.metrics = metrics;
        metrics.expect("unreadable", "what", Unreadable.values());
    }

    List<DueTransfer> read(byte[] record) {
        OrderEventBatch batch;
        try {
            batch = OrderEventBatch.parseFrom(record);
        } catch (InvalidProtocolBufferException garbage) {
            metrics.unreadable(Unreadable.RECORD);
            LOG.errorf("Record of order events cannot be read and is skipped bytes=%d", record.length);
            return List.of();
        }
        Instant occurredAt = time(batch.getOccurredAt());
        var due = new ArrayList<DueTransfer>(batch.getEventsCount());
        for (OrderEvent event : batch.getEventsList()) {
            switch (event.getEventCase()) {
                case OPENED -> {
                    var opened = event.getOpened();
                    add(due, Kind.CREDIT, event, opened.getUserId(), opened.getAmountFen(), occurredAt);
                }
                case REFUNDED -> {
                    var refunded = event.getRefunded();
                    add(due, Kind.REFUND, event, refunded.getSenderId(), refunded.getRefundFen(), occurredAt);
                }
                // Move no money; an event kind of a newer version is somebody else's.
                case PUBLISHED, FINISHED, EVENT_NOT_SET -> {}
            }
        }
        return due;
    }

    private void add(
            List<DueTransfer> due, Kind kind, OrderEvent event, String userId, long amountFen, Instant occurredAt) {
        try {
            PacketId packet = Input.packetId(event.getPacketId());
            Input.userId(userId);
            if (amountFen < 1) {
                throw new IllegalArgumentException("amount below 1 fen");
            }
            due.add(new DueTransfer(kind, packet, userId, amountFen, occurredAt));
        } catch (Refusal | IllegalArgumentException impossible) {
            metrics.unreadable(Unreadable.EVENT);
            LOG.errorf(
                    "Order event makes no sense and is skipped kind=%s packet_id=%d amount_fen=%d cause=%s",
                    kind, event.getPacketId(), amountFen, impossible.getMessage());
        }
    }

    /** Money that is due is not passed over for a time that cannot be: then it is due now. */
    private static Instant time(Timestamp timestamp) {
        return timestamp.getSeconds() < 0 || timestamp.getSeconds() >= TIME_MAX.getEpochSecond()
                ? Instant.now()
                : Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }
}
