package io.hongbao.wallet.ledger;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** One side of a transfer, seen from one account; a view of the transfers. */
@Entity
@Immutable
@Table(name = "entry")
@IdClass(EntryEntity.Key.class)
public class EntryEntity extends PanacheEntityBase {
    /** An account is on at most one side of a transfer. */
    public record Key(String accountId, long sequence) {}

    @Id
    public String accountId = "";

    /** Order of booking. */
    @Id
    public long sequence;

    public String transferId = "";

    public String kind = "";

    /** Fen; positive into the account, negative out of it. */
    public long amountFen;

    /** Order number, or 0. */
    public long packetId;

    public Instant createdAt = Instant.EPOCH;
}
