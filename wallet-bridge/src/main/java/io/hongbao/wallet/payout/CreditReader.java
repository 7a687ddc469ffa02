package io.hongbao.wallet.payout;

import io.hongbao.core.id.PacketId;
import io.hongbao.wallet.ledger.Accounts;
import io.hongbao.wallet.ledger.Ledger;
import io.hongbao.wallet.ledger.Ledger.Statement;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Where the money of one share stands. */
@ApplicationScoped
public class CreditReader {
    private static final Statement FIND = new Statement("credit_find", """
        select t.amount_fen, t.decided_at, t.created_at, coalesce(p.state, '') as state, p.done_at,
            coalesce(p.payout_no, '') as payout_no, coalesce(p.package_text, '') as package_text
        from transfer t left join payout p on p.transfer_id = t.transfer_id and p.state <> 'REPLACED'
        where t.transfer_id = $1
        """);

    /**
     * A credit that is booked.
     *
     * @param payoutState DUE, DONE or SUSPENDED; empty if it stays in the wallet
     */
    public record Credit(
            long amountFen,
            Optional<Instant> decidedAt,
            Instant bookedAt,
            String payoutState,
            Optional<Instant> paidOutAt,
            String payoutNumber,
            String packageText) {}

    private final Ledger ledger;

    public CreditReader(Ledger ledger) {
        this.ledger = ledger;
    }

    public Uni<Optional<Credit>> find(PacketId packet, String userId) {
        return ledger.run(FIND, Tuple.of(Accounts.creditId(packet, userId)))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(CreditReader::credit)
                        .findFirst());
    }

    private static Credit credit(Row row) {
        return new Credit(
                row.getLong("amount_fen"),
                instant(row.getOffsetDateTime("decided_at")),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getString("state"),
                instant(row.getOffsetDateTime("done_at")),
                row.getString("payout_no"),
                row.getString("package_text"));
    }

    private static Optional<Instant> instant(@Nullable OffsetDateTime time) {
        return Optional.ofNullable(time).map(OffsetDateTime::toInstant);
    }
}
