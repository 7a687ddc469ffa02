package io.hongbao.wallet.ledger;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.Immutable;

/** An account as it stands, for reading; balances change only by the statements of the stores. */
@Entity
@Immutable
@Table(name = "account")
public class AccountEntity extends PanacheEntityBase {
    @Id
    public String accountId = "";

    public String kind = "";

    /** Fen; at least 0 for wallets and escrow. */
    public long balanceFen;
}
