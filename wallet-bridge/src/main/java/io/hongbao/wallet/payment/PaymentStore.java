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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The table of payments and the payment's transfer. Every decision is one guarded statement; when a guard misses nothing
 * was changed, and the row is read again to say why. The statements for many payments do what no other payment is in the
 * way of; whatever they leave is asked for by itself.
 */
@ApplicationScoped
public class PaymentStore {
    private static final String COLUMNS =
            "packet_id, payer_id, request_id, amount_fen, parameters_hash, state, created_at, confirmed_at";

    /** The end of a confirmation: what was {@code paid} is in the escrow of its packet and booked, and is answered. */
    private static final String ESCROWED = """
        escrowed as (
            insert into account as a (account_id, kind, balance_fen)
            select 'escrow:' || packet_id, 'ESCROW', amount_fen from paid
            on conflict (account_id) do update set balance_fen = a.balance_fen + excluded.balance_fen),
        booked as (
            insert into transfer (transfer_id, kind, debit_account, credit_account, amount_fen, packet_id)
            select 'payment:' || packet_id, 'PAYMENT', 'user:' || payer_id, 'escrow:' || packet_id,
                amount_fen, packet_id
            from paid)
        select $COLUMNS from paid
        """.replace("$COLUMNS", COLUMNS);

    /**
     * Makes what is not there yet. In the order of request ids: a retry brings another order number, and two pods that make
     * the same payments must not wait for each other in a circle.
     */
    private static final Statement CREATE_MANY = new Statement("payments_create", """
        insert into payment (packet_id, payer_id, request_id, amount_fen, parameters_hash, state)
        select *, 'PENDING' from unnest($1::int8[], $2::text[], $3::text[], $4::int8[], $5::bytea[])
            as a(packet_id, payer_id, request_id, amount_fen, parameters_hash)
        order by payer_id, request_id
        on conflict do nothing
        returning\s""" + COLUMNS);

    /**
     * Makes the payment, or finds what is in its way: the payment of the same request, or that of the same order. Finds
     * nothing if that one is being made at this moment; asked again, it is there.
     */
    private static final Statement CREATE = new Statement("payment_create", """
        with made as (
            insert into payment (packet_id, payer_id, request_id, amount_fen, parameters_hash, state)
            values ($1, $2, $3, $4, $5, 'PENDING')
            on conflict do nothing
            returning *),
        found as (
            select *, 0 as precedence from made
            union all
            select *, 1 from payment where payer_id = $2 and request_id = $3
            union all
            select *, 2 from payment where packet_id = $1)
        select $COLUMNS, precedence from found order by precedence
        """.replace("$COLUMNS", COLUMNS));

    /**
     * Confirms those that are still to be paid by this payer with this amount, as far as the wallet reaches, in the order
     * they came in, and moves the money. A wallet that another statement holds is passed over: nobody waits here for the
     * wallet of somebody else.
     *
     * <p>The payer is compared in a way that no index can: a plan that was made while the table was young might else look
     * for the payments of the payer, of whom there are more every day, and not for the one payment.
     */
    static final Statement CONFIRM_MANY = new Statement("payments_confirm", """
        with held as (
            select p.packet_id, p.amount_fen, w.account_id, w.balance_fen, a.n
            from unnest($1::int8[], $2::text[], $3::int8[]) with ordinality as a(packet_id, payer_id, amount_fen, n)
            join payment p on p.packet_id = a.packet_id
            join account w on w.account_id = 'user:' || a.payer_id
            where p.payer_id is not distinct from a.payer_id and p.amount_fen = a.amount_fen and p.state = 'PENDING'
            for update of w skip locked),
        afforded as (
            select packet_id from (
                select packet_id, balance_fen, sum(amount_fen) over (partition by account_id order by n) as total_fen
                from held) as summed
            where total_fen <= balance_fen),
        paid as (
            update payment p set state = 'CONFIRMED', confirmed_at = now()
            from afforded f where p.packet_id = f.packet_id and p.state = 'PENDING'
            returning p.*),
        debited as (
            update account a set balance_fen = a.balance_fen - d.amount_fen
            from (select 'user:' || payer_id as account_id, sum(amount_fen)::int8 as amount_fen from paid group by 1) as d
            where a.account_id = d.account_id),
        """ + ESCROWED);

    /**
     * Locks the wallet if it holds enough, then confirms the payment if it is still to be paid by this payer with this
     * amount, then moves the money. The wallet is locked first, so that payments of one payer queue in one place.
     */
    static final Statement CONFIRM = new Statement("payment_confirm", """
        with wallet as (
            select account_id from account
            where account_id = 'user:' || $2::text and balance_fen >= $3
            for update),
        paid as (
            update payment set state = 'CONFIRMED', confirmed_at = now()
            where packet_id = $1 and payer_id is not distinct from $2 and amount_fen = $3 and state = 'PENDING'
                and exists (select from wallet)
            returning *),
        debited as (
            update account a set balance_fen = a.balance_fen - p.amount_fen
            from paid p where a.account_id = 'user:' || p.payer_id),
        """ + ESCROWED);

    /** Closes what is pending; an order without a payment gets a closed row, which a late create finds. */
    private static final Statement CLOSE = new Statement("payment_close", """
        insert into payment as p (packet_id, state, closed_at) values ($1, 'CLOSED', now())
        on conflict (packet_id) do update set state = 'CLOSED', closed_at = now() where p.state = 'PENDING'
        returning\s""" + COLUMNS);

    private static final Statement FIND =
            new Statement("payments_find", "select " + COLUMNS + " from payment where packet_id = any($1::int8[])");

    /**
     * A payment to be made.
     *
     * @param amountFen at least 1
     * @param parametersHash SHA-256 over the parameters of the order
     */
    record NewPayment(PacketId packet, String payerId, String requestId, long amountFen, byte[] parametersHash) {}

    /** A payment to be confirmed, as the payer sees it. */
    record Confirmation(PacketId packet, String payerId, long amountFen) {
        boolean isOf(Asked payment) {
            return payment.packet().equals(packet)
                    && payment.payerId().equals(payerId)
                    && payment.amountFen() == amountFen;
        }
    }

    /** @param made whether this call made it */
    record Made(PaymentRecord payment, boolean made) {}

    private final Ledger ledger;

    public PaymentStore(Ledger ledger) {
        this.ledger = ledger;
    }

    /** For each the payment that was made, in their order; empty if something is in its way. */
    Uni<List<Optional<Asked>>> create(List<NewPayment> payments) {
        // Two of one packet or of one request are in each other's way; the later one finds that out by itself.
        var packets = new HashSet<PacketId>();
        var requests = new HashSet<List<String>>();
        List<NewPayment> first = payments.stream()
                .filter(payment ->
                        packets.add(payment.packet) & requests.add(List.of(payment.payerId, payment.requestId)))
                .toList();
        Tuple arguments = Tuple.tuple()
                .addArrayOfLong(longs(first, payment -> payment.packet.value()))
                .addArrayOfString(strings(first, NewPayment::payerId))
                .addArrayOfString(strings(first, NewPayment::requestId))
                .addArrayOfLong(longs(first, NewPayment::amountFen))
                .addValue(first.stream()
                        .map(payment -> Buffer.buffer(payment.parametersHash))
                        .toArray(Buffer[]::new));
        return ledger.run(CREATE_MANY, arguments).map(rows -> {
            Map<PacketId, Asked> made = asked(rows);
            // Taken out: of those of one packet only the first was sent, and none of the later ones made it.
            return payments.stream()
                    .map(payment -> Optional.ofNullable(made.remove(payment.packet)))
                    .toList();
        });
    }

    /** The payment that was made, or those in its way, the one of the same request first; empty if it must be asked again. */
    Uni<List<Made>> create(NewPayment payment) {
        return ledger.run(
                        CREATE,
                        Tuple.of(
                                payment.packet.value(),
                                payment.payerId,
                                payment.requestId,
                                payment.amountFen,
                                Buffer.buffer(payment.parametersHash)))
                .map(rows -> stream(rows)
                        .map(row -> new Made(payment(row), row.getInteger("precedence") == 0))
                        .toList());
    }

    /** For each the confirmed payment, in their order; empty if it was not confirmed by this, whatever the reason. */
    Uni<List<Optional<Asked>>> confirm(List<Confirmation> confirmations) {
        List<Confirmation> distinct = confirmations.stream().distinct().toList();
        Tuple arguments = Tuple.tuple()
                .addArrayOfLong(longs(distinct, confirmation -> confirmation.packet.value()))
                .addArrayOfString(strings(distinct, Confirmation::payerId))
                .addArrayOfLong(longs(distinct, Confirmation::amountFen));
        return ledger.run(CONFIRM_MANY, arguments).map(rows -> {
            Map<PacketId, Asked> confirmed = asked(rows);
            return confirmations.stream()
                    .map(confirmation -> {
                        Asked payment = confirmed.get(confirmation.packet);
                        // Taken out: of two that ask for the same one confirms, and the other one is a replay.
                        return payment != null && confirmation.isOf(payment)
                                ? Optional.ofNullable(confirmed.remove(confirmation.packet))
                                : Optional.<Asked>empty();
                    })
                    .toList();
        });
    }

    /** The confirmed payment, or empty if a guard missed and nothing was changed. */
    Uni<Optional<PaymentRecord>> confirm(Confirmation confirmation) {
        return ledger.run(CONFIRM, Tuple.of(confirmation.packet.value(), confirmation.payerId, confirmation.amountFen))
                .map(PaymentStore::first);
    }

    /** The closed payment, or empty if it was not pending any more. */
    Uni<Optional<PaymentRecord>> close(PacketId packet) {
        return ledger.run(CLOSE, Tuple.of(packet.value())).map(PaymentStore::first);
    }

    /** For each its payment, in their order; empty if it has none. */
    Uni<List<Optional<PaymentRecord>>> find(List<PacketId> packets) {
        Tuple arguments = Tuple.tuple().addArrayOfLong(longs(packets, PacketId::value));
        return ledger.run(FIND, arguments).map(rows -> {
            Map<PacketId, PaymentRecord> found = HashMap.newHashMap(rows.size());
            rows.forEach(row -> {
                PaymentRecord payment = payment(row);
                found.put(payment.packet(), payment);
            });
            return packets.stream()
                    .map(packet -> Optional.ofNullable(found.get(packet)))
                    .toList();
        });
    }

    /** Rows of payments that were asked for, by packet. */
    private static Map<PacketId, Asked> asked(RowSet<Row> rows) {
        Map<PacketId, Asked> payments = HashMap.newHashMap(rows.size());
        rows.forEach(row -> {
            if (payment(row) instanceof Asked payment) {
                payments.put(payment.packet(), payment);
            }
        });
        return payments;
    }

    private static <T> Long[] longs(List<T> all, Function<T, Long> column) {
        return all.stream().map(column).toArray(Long[]::new);
    }

    private static <T> String[] strings(List<T> all, Function<T, String> column) {
        return all.stream().map(column).toArray(String[]::new);
    }

    private static Optional<PaymentRecord> first(RowSet<Row> rows) {
        return stream(rows).map(PaymentStore::payment).findFirst();
    }

    private static Stream<Row> stream(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false);
    }

    /** Of a row that begins with {@link #COLUMNS}. */
    private static PaymentRecord payment(Row row) {
        PacketId packet = new PacketId(row.getLong(0));
        String payerId = row.getString(1);
        return payerId == null
                ? new ClosedUnasked(packet)
                : new Asked(
                        packet,
                        payerId,
                        row.getString(2),
                        row.getLong(3),
                        row.getBuffer(4).getBytes(),
                        State.valueOf(row.getString(5)),
                        row.getOffsetDateTime(6).toInstant(),
                        Optional.ofNullable(row.getOffsetDateTime(7)).map(OffsetDateTime::toInstant));
    }
}
