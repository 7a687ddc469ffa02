package io.hongbao.wallet.payment;

import io.hongbao.core.id.PacketId;
import io.hongbao.wallet.ledger.Ledger;
import io.hongbao.wallet.ledger.Ledger.Statement;
import io.hongbao.wallet.payment.PaymentRecord.Asked;
import io.hongbao.wallet.payment.PaymentRecord.ClosedUnasked;
import io.hongbao.wallet.payment.PaymentRecord.State;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The table of payments and the payment's transfer. Every decision is one guarded statement; when a guard misses nothing
 * was changed, and the row is read again to say why.
 */
@ApplicationScoped
public class PaymentStore {
    /**
     * Makes the payment, or finds what is in its way: the payment of the same request, or that of the same order. Finds
     * nothing if that one is being made at this moment; asked again, it is there.
     */
    private static final Statement CREATE = new Statement("payment_create", """
        with made as (
            insert into payment (packet_id, payer_id, request_id, amount_fen, parameters_hash, state)
            values ($1, $2, $3, $4, $5, 'PENDING')
            on conflict do nothing
            returning *)
        select *, 0 as precedence from made
        union all
        select *, 1 from payment where payer_id = $2 and request_id = $3
        union all
        select *, 2 from payment where packet_id = $1
        order by precedence
        """);

    /**
     * Locks the wallet if it holds enough, then confirms the payment if it is still to be paid by this payer with this
     * amount, then moves the money. The wallet is locked first, so that payments of one payer queue in one place.
     */
    private static final Statement CONFIRM = new Statement("payment_confirm", """
        with wallet as (
            select account_id from account
            where account_id = 'user:' || $2::text and balance_fen >= $3
            for update),
        paid as (
            update payment set state = 'CONFIRMED', confirmed_at = now()
            where packet_id = $1 and payer_id = $2 and amount_fen = $3 and state = 'PENDING'
                and exists (select from wallet)
            returning *),
        debited as (
            update account a set balance_fen = a.balance_fen - p.amount_fen
            from paid p where a.account_id = 'user:' || p.payer_id),
        escrowed as (
            insert into account as a (account_id, kind, balance_fen)
            select 'escrow:' || packet_id, 'ESCROW', amount_fen from paid
            on conflict (account_id) do update set balance_fen = a.balance_fen + excluded.balance_fen),
        booked as (
            insert into transfer (transfer_id, kind, debit_account, credit_account, amount_fen, packet_id)
            select 'payment:' || packet_id, 'PAYMENT', 'user:' || payer_id, 'escrow:' || packet_id,
                amount_fen, packet_id
            from paid)
        select * from paid
        """);

    /** Closes what is pending; an order without a payment gets a closed row, which a late create finds. */
    private static final Statement CLOSE = new Statement("payment_close", """
        insert into payment as p (packet_id, state, closed_at) values ($1, 'CLOSED', now())
        on conflict (packet_id) do update set state = 'CLOSED', closed_at = now() where p.state = 'PENDING'
        returning *
        """);

    private static final Statement FIND = new Statement("payment_find", "select * from payment where packet_id = $1");

    /** @param made whether this call made it */
    record Made(PaymentRecord payment, boolean made) {}

    private final Ledger ledger;

    public PaymentStore(Ledger ledger) {
        this.ledger = ledger;
    }

    /** The payment that was made, or those in its way, the one of the same request first; empty if it must be asked again. */
    Uni<List<Made>> create(PacketId packet, String payerId, String requestId, long amountFen, byte[] parametersHash) {
        return ledger.run(
                        CREATE, Tuple.of(packet.value(), payerId, requestId, amountFen, Buffer.buffer(parametersHash)))
                .map(rows -> stream(rows)
                        .map(row -> new Made(payment(row), row.getInteger("precedence") == 0))
                        .toList());
    }

    /** The confirmed payment, or empty if a guard missed and nothing was changed. */
    Uni<Optional<PaymentRecord>> confirm(PacketId packet, String payerId, long amountFen) {
        return ledger.run(CONFIRM, Tuple.of(packet.value(), payerId, amountFen)).map(PaymentStore::first);
    }

    /** The closed payment, or empty if it was not pending any more. */
    Uni<Optional<PaymentRecord>> close(PacketId packet) {
        return ledger.run(CLOSE, Tuple.of(packet.value())).map(PaymentStore::first);
    }

    Uni<Optional<PaymentRecord>> find(PacketId packet) {
        return ledger.run(FIND, Tuple.of(packet.value())).map(PaymentStore::first);
    }

    private static Optional<PaymentRecord> first(RowSet<Row> rows) {
        return stream(rows).map(PaymentStore::payment).findFirst();
    }

    private static Stream<Row> stream(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false);
    }

    private static PaymentRecord payment(Row row) {
        PacketId packet = new PacketId(row.getLong("packet_id"));
        String payerId = row.getString("payer_id");
        return payerId == null
                ? new ClosedUnasked(packet)
                : new Asked(
                        packet,
                        payerId,
                        row.getString("request_id"),
                        row.getLong("amount_fen"),
                        row.getBuffer("parameters_hash").getBytes(),
                        State.valueOf(row.getString("state")),
                        row.getOffsetDateTime("created_at").toInstant(),
                        Optional.ofNullable(row.getOffsetDateTime("confirmed_at"))
                                .map(OffsetDateTime::toInstant));
    }
}
