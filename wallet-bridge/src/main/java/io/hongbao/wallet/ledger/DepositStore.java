package io.hongbao.wallet.ledger;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_REQUEST_ID_REUSED;

import io.hongbao.kit.Refusal;
import io.hongbao.wallet.ledger.Ledger.Statement;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;

/** Money from outside into a wallet, once per user and request id. */
@ApplicationScoped
public class DepositStore {
    private static final Statement DEPOSIT = new Statement("deposit", """
        with booked as (
            insert into transfer (transfer_id, kind, debit_account, credit_account, amount_fen)
            values ($1, 'DEPOSIT', 'external', $2, $3)
            on conflict (transfer_id) do nothing
            returning debit_account, credit_account, amount_fen),
        taken as (
            update account a set balance_fen = a.balance_fen - b.amount_fen
            from booked b where a.account_id = b.debit_account),
        given as (
            insert into account as a (account_id, kind, balance_fen)
            select credit_account, 'USER', amount_fen from booked
            on conflict (account_id) do update set balance_fen = a.balance_fen + excluded.balance_fen
            returning balance_fen)
        select balance_fen from given
        """);

    private static final Statement FIND = new Statement("deposit_find", """
        select t.amount_fen, a.balance_fen
        from transfer t join account a on a.account_id = t.credit_account
        where t.transfer_id = $1
        """);

    /** @param balanceFen what the wallet holds now */
    public record Deposited(long balanceFen, boolean replay) {}

    private final Ledger ledger;

    public DepositStore(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Fails with REQUEST_ID_REUSED if the user's request id was used with another amount. */
    public Uni<Deposited> deposit(String userId, String requestId, long amountFen) {
        String transferId = Accounts.depositId(userId, requestId);
        return ledger.run(DEPOSIT, Tuple.of(transferId, Accounts.ofUser(userId), amountFen))
                .flatMap(rows -> rows.size() == 1
                        ? Uni.createFrom().item(new Deposited(only(rows).getLong("balance_fen"), false))
                        : replay(transferId, amountFen));
    }

    private Uni<Deposited> replay(String transferId, long amountFen) {
        return ledger.run(FIND, Tuple.of(transferId)).map(rows -> {
            Row earlier = only(rows);
            if (earlier.getLong("amount_fen") != amountFen) {
                throw Refusal.of(ERROR_REASON_REQUEST_ID_REUSED, "the request id was used for another amount");
            }
            return new Deposited(earlier.getLong("balance_fen"), true);
        });
    }

    private static Row only(RowSet<Row> rows) {
        return rows.iterator().next();
    }
}
