package io.hongbao.query.records;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** A packet in its sender's list; a view of the recorded facts. */
@Entity
@Immutable
@Table(name = "sent_record")
public class SentRecord extends PanacheEntityBase {
    @Id
    public long packetId;

    public String senderId = "";

    public String groupId = "";

    /** Code of a PacketKind. */
    public short kind;

    public long totalFen;

    public int shareCount;

    /** As far as the records know. */
    public int openedCount;

    public long refundFen;

    /** Code of a PacketState. */
    public short state;

    public Instant publishedAt = Instant.EPOCH;
}
