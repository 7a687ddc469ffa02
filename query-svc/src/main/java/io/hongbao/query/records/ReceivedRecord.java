package io.hongbao.query.records;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** A share in its receiver's list; a view of the recorded facts. */
@Entity
@Immutable
@Table(name = "received_record")
@IdClass(ReceivedRecord.Key.class)
public class ReceivedRecord extends PanacheEntityBase {
    /** A user has one share of a packet. */
    public record Key(long packetId, String userId) {}

    @Id
    public long packetId;

    @Id
    public String userId = "";

    public String senderId = "";

    public String groupId = "";

    /** Code of a PacketKind. */
    public short kind;

    public long amountFen;

    public boolean bestLuck;

    public Instant openedAt = Instant.EPOCH;
}
