package io.hongbao.wallet.ledger;

import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** What wallets hold and what moved in them. */
@ApplicationScoped
public class WalletReader {
    /** @return fen; 0 for a user without a wallet */
    @WithSession
    public Uni<Long> balanceFen(String userId) {
        return AccountEntity.<AccountEntity>findById(Accounts.ofUser(userId))
                .map(account -> account == null ? 0L : account.balanceFen);
    }

    /**
     * Movements of a wallet, newest first.
     *
     * @param beforeSequence only entries booked before this one
     */
    @WithSession
    public Uni<List<EntryEntity>> entries(String userId, long beforeSequence, int countMax) {
        return EntryEntity.<EntryEntity>find(
                        "accountId = ?1 and sequence < ?2 order by sequence desc",
                        Accounts.ofUser(userId),
                        beforeSequence)
                .range(0, countMax - 1)
                .list();
    }
}
