package io.hongbao.wallet.wechat.order;

import io.hongbao.core.id.PacketId;
import io.hongbao.wallet.ledger.Ledger;
import io.hongbao.wallet.ledger.Ledger.Statement;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.StreamSupport;

/** The table of provider orders, and the bookings that their money makes. */
@ApplicationScoped
public class ProviderOrderStore {
    /** Only a payment that is pending gets an order, so nobody is asked to pay for what is closed. */
    private static final Statement PREPARE = new Statement("provider_order_prepare", """
        with made as (
            insert into provider_order (packet_id, expires_at, next_ask_at)
            select packet_id, $2, now() + make_interval(secs => $3) from payment
            where packet_id = $1 and state = 'PENDING'
            on conflict (packet_id) do nothing
            returning expires_at)
        select expires_at from made
        union all
        select o.expires_at from provider_order o join payment p using (packet_id)
        where packet_id = $1 and p.state = 'PENDING'
        """);

    /**
     * Books money that has come, once: the order's row is taken first, and only a PENDING one goes on, so of two that bring
     * the same news one books. The payment's row then says whether the money pays the packet, or came too late and goes back.
     */
    private static final Statement ARRIVE = new Statement("provider_order_arrive", """
        with taken as (
            update provider_order o set state = 'PAID', transaction_id = $3
            from payment p
            where o.packet_id = $1 and p.packet_id = $1 and p.amount_fen = $2 and o.state = 'PENDING'
            returning o.packet_id),
        paid as (
            update payment set state = 'CONFIRMED', confirmed_at = now()
            where packet_id in (select packet_id from taken) and state = 'PENDING'
            returning packet_id),
        booked as (
            insert into transfer (transfer_id, kind, debit_account, credit_account, amount_fen, packet_id)
            select case when c then 'payment:' else 'late:' end || packet_id, case when c then 'PAYMENT' else 'LATE' end,
                'external', case when c then 'escrow:' || packet_id else 'user:' || payer_id end, amount_fen, packet_id
            from (
                select p.packet_id, p.payer_id, p.amount_fen, exists (select from paid) as c
                from taken join payment p using (packet_id)) as money
            returning *),
        given as (
            insert into account as a (account_id, kind, balance_fen)
            select credit_account, case kind when 'PAYMENT' then 'ESCROW' else 'USER' end, amount_fen from booked
            on conflict (account_id) do update set balance_fen = a.balance_fen + excluded.balance_fen),
        owed as (
            update account a set balance_fen = a.balance_fen - b.amount_fen from booked b where a.account_id = 'external'),
        returned as (
            insert into payout (payout_no, transfer_id, kind, packet_id, user_id, amount_fen, decided_at)
            select payout_number(transfer_id, packet_id, 1), transfer_id, 'REFUND', packet_id,
                substr(credit_account, length('user:') + 1), amount_fen, created_at
            from booked where kind = 'LATE')
        select kind from booked
        """);

    /** Why money booked nothing. */
    private static final Statement FIND = new Statement("provider_order_find", """
        select o.state, coalesce(o.transaction_id, '') as transaction_id, p.amount_fen, p.state as payment_state
        from provider_order o join payment p using (packet_id) where o.packet_id = $1
        """);

    /** Each is given to one pod; one that dies with it comes up again when it is due next. */
    private static final Statement DUE = new Statement("provider_order_due", """
        with due as (
            select packet_id from provider_order where state = 'PENDING' and next_ask_at <= now()
            order by next_ask_at limit $1 for update skip locked)
        update provider_order o
        set ask_count = ask_count + 1,
            next_ask_at = now() + make_interval(secs => least($2 * power(2, least(ask_count, 20)), $3))
        from due d join payment p using (packet_id)
        where o.packet_id = d.packet_id
        returning o.packet_id, p.state = 'CLOSED' as closed, o.expires_at < now() as expired
        """);

    private static final Statement CLOSE = new Statement(
            "provider_order_close",
            "update provider_order set state = 'CLOSED' where packet_id = $1 and state = 'PENDING'");

    /** @param closed whether its payment is closed @param expired whether the provider takes no money any more */
    record Due(PacketId packet, boolean closed, boolean expired) {}

    private final Ledger ledger;

    public ProviderOrderStore(Ledger ledger) {
        this.ledger = ledger;
    }

    /** @return when the order expires; empty if the payment is not pending */
    Uni<List<Instant>> prepare(PacketId packet, Instant expiresAt, Duration firstAsk) {
        return ledger.run(PREPARE, Tuple.of(packet.value(), expiresAt.atOffset(ZoneOffset.UTC), (double)
                        firstAsk.toSeconds()))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> row.getOffsetDateTime(0).toInstant())
                        .toList());
    }

    /** Books money once. */
    public Uni<Arrival> arrive(PacketId packet, long amountFen, String transactionId) {
        return ledger.run(ARRIVE, Tuple.of(packet.value(), amountFen, transactionId))
                .flatMap(rows -> rows.size() == 1
                        ? Uni.createFrom()
                                .item(
                                        rows.iterator().next().getString(0).equals("PAYMENT")
                                                ? Arrival.CONFIRMED
                                                : Arrival.LATE)
                        : unbooked(packet, amountFen, transactionId));
    }

    private Uni<Arrival> unbooked(PacketId packet, long amountFen, String transactionId) {
        return ledger.run(FIND, Tuple.of(packet.value())).map(rows -> {
            if (rows.size() == 0) {
                return Arrival.NO_SUCH_ORDER;
            }
            var order = rows.iterator().next();
            if (order.getLong("amount_fen") != amountFen) {
                return Arrival.OTHER_AMOUNT;
            }
            return order.getString("transaction_id").equals(transactionId)
                    ? Arrival.REPLAYED
                    : Arrival.OTHER_TRANSACTION;
        });
    }

    /** Orders to ask about now, and when to ask again. */
    Uni<List<Due>> due(int countMax, Duration first, Duration longest) {
        return ledger.run(DUE, Tuple.of(countMax, (double) first.toSeconds(), (double) longest.toSeconds()))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> new Due(new PacketId(row.getLong(0)), row.getBoolean(1), row.getBoolean(2)))
                        .toList());
    }

    /** The provider takes no money for it any more, and has taken none. */
    Uni<Void> close(PacketId packet) {
        return ledger.run(CLOSE, Tuple.of(packet.value())).replaceWithVoid();
    }
}
