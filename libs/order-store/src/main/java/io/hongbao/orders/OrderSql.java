package io.hongbao.orders;

import io.hongbao.core.id.PacketId;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The statements of the order store. Each is one text for each day of the month, {@code {DD}} being the day: a batch
 * holds orders of one day, and the server finds their tables by {@code id % 1000}, which every join repeats so that
 * only the tables concerned are touched.
 *
 * <p>A statement that changes rows checks at its end that every guarded row was there ({@code 1 / 0} otherwise), which
 * takes the whole batch back: nothing is half-done.
 *
 * <p>A database that moves refuses: its fenced tables each write, and {@code orders.here}, looked at once for a statement,
 * what would otherwise be answered from tables that are empty or gone.
 */
final class OrderSql {
    /** Wraps orders. $1 time to pay, ms; $2… their columns. Answers the time of the insert. */
    static final OrderSql INSERT = new OrderSql("""
            with wrapped as (
                insert into orders.packet_{DD}
                    (id, version, paid_fen, surplus_fen, refund_fen, due_at, surplus_count, state)
                select id, 0, 0, 0, 0, now() + $1::int8 * interval '1 ms', 0, 1
                from unnest($2::int8[]) as new(id)),
            detailed as (
                insert into orders.packet_detail_{DD}
                    (id, total_fen, share_max_fen, time_to_live_ms, share_count, kind, seed,
                     sender_id, group_id, exclusive_user_id, city_code, greeting)
                select * from unnest($2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int4[], $7::int2[],
                                     $8::bytea[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[]))
            select (extract(epoch from now()) * 1000000)::int8 as now_micros
            """);

    /**
     * Publishes those of some orders that await their payment and are paid by it. $1 ids, $2 amounts paid, $3 who paid.
     * Answers what there is to tell of each one published; one that is not answered was left as it is.
     */
    static final OrderSql PUBLISH = new OrderSql("""
            update orders.packet_{DD} k
            set state = 2, paid_fen = d.total_fen, surplus_fen = d.total_fen, surplus_count = d.share_count,
                due_at = now() + d.time_to_live_ms * interval '1 ms', version = k.version + 1
            from unnest($1::int8[], $2::int8[], $3::text[]) as paid(id, amount_fen, payer_id),
                 orders.packet_detail_{DD} d
            where k.id = paid.id and k.id % 1000 = paid.id % 1000
              and d.id = paid.id and d.id % 1000 = paid.id % 1000
              and k.state = 1 and d.total_fen = paid.amount_fen and d.sender_id = paid.payer_id
            returning k.id, d.sender_id, d.group_id, d.kind, d.total_fen, d.share_count, d.exclusive_user_id,
                      d.time_to_live_ms, (extract(epoch from k.due_at) * 1000000)::int8 as due_at_micros
            """);

    /** Puts what a transaction has done where the relay finds it. $1 event count, $2 events. */
    static final String TELL = "insert into orders.outbox (event_count, payload) values ($1::int4, $2::bytea)";

    /** Closes an order that is not paid. $1 id. */
    static final OrderSql CLOSE = new OrderSql("""
            update orders.packet_{DD} k set state = 5, version = k.version + 1
            where k.id = $1::int8 and k.id % 1000 = $1::int8 % 1000 and k.state = 1 and orders.here(array[$1::int8])
            """);

    /** Commits what a lane decided: see {@link OpenBatch}. Answers the time, which is that of every share in it. */
    static final OrderSql COMMIT = new OrderSql("""
            with decided as (
                update orders.packet_{DD} k
                set surplus_fen = r.surplus_fen, surplus_count = r.surplus_count, state = r.state,
                    refund_fen = r.refund_fen, version = k.version + 1
                from unnest($1::int8[], $2::int8[], $3::int8[], $4::int4[], $5::int2[], $6::int8[], $7::bool[])
                     as r(id, version, surplus_fen, surplus_count, state, refund_fen, only_if_due)
                where k.id = r.id and k.id % 1000 = r.id % 1000
                  and k.version = r.version
                  and (not r.only_if_due or k.due_at <= now())
                returning 1),
            opened as (
                insert into orders.share_{DD} (packet_id, user_id, amount_fen, sequence)
                select * from unnest($8::int8[], $9::text[], $10::int8[], $11::int4[])),
            told as (
                insert into orders.outbox (event_count, payload) values ($12::int4, $13::bytea))
            select 1 / ((select count(*) from decided) = $14::int8)::int,
                   (extract(epoch from now()) * 1000000)::int8 as now_micros
            """);

    /** Reads packets. $1 ids. */
    static final OrderSql LOAD = new OrderSql("""
            select k.id, k.version, k.surplus_fen, k.refund_fen, k.surplus_count, k.state,
                   (extract(epoch from k.due_at) * 1000000)::int8 as due_at_micros,
                   d.total_fen, d.share_max_fen, d.time_to_live_ms, d.share_count, d.kind, d.seed,
                   d.sender_id, d.group_id, d.exclusive_user_id, d.city_code, d.greeting,
                   (extract(epoch from d.created_at) * 1000000)::int8 as created_at_micros
            from unnest($1::int8[]) as wanted(id)
            join orders.packet_{DD} k on k.id = wanted.id and k.id % 1000 = wanted.id % 1000
            join orders.packet_detail_{DD} d on d.id = wanted.id and d.id % 1000 = wanted.id % 1000
            where orders.here($1::int8[])
            """);

    /** Reads all shares of packets. $1 ids. */
    static final OrderSql LOAD_SHARES = new OrderSql("""
            select s.packet_id, s.user_id, s.sequence, s.amount_fen, s.state,
                   (extract(epoch from s.opened_at) * 1000000)::int8 as opened_at_micros
            from unnest($1::int8[]) as wanted(id)
            join orders.share_{DD} s on s.packet_id = wanted.id and s.packet_id % 1000 = wanted.id % 1000
            where orders.here($1::int8[])
            """);

    /** Marks shares settled. $1 packet ids, $2 user ids. */
    static final OrderSql SETTLE = new OrderSql("""
            update orders.share_{DD} s set state = 2
            from unnest($1::int8[], $2::text[]) as settled(packet_id, user_id)
            where s.packet_id = settled.packet_id and s.packet_id % 1000 = settled.packet_id % 1000
              and s.user_id = settled.user_id and s.state = 1 and orders.here($1::int8[])
            """);

    /**
     * Freezes or unfreezes a packet. $1 id, $2 why. The version moves on, so that whatever a pod remembers misses. Answers
     * done, done before, not open, or no packet.
     */
    static final String FREEZE = "select orders.freeze($1::int8, $2::text)";

    static final String UNFREEZE = "select orders.unfreeze($1::int8)";

    /** Packets in a state whose time is up, soonest first. $1 state, $2 how long before the due time, ms; $3 limit. */
    static final OrderSql DUE = new OrderSql("""
            select k.id from orders.packet_{DD} k
            where k.state in (1, 2) and k.state = $1::int2 and k.due_at <= now() + $2::int8 * interval '1 ms'
            order by k.due_at limit $3::int4
            """);

    /**
     * Orders that await payment, soonest due first, after a place in that order. $1 how long before the due time, ms;
     * $2 and $3 due time, microseconds, and id of the place; $4 limit.
     */
    static final OrderSql AWAITING = new OrderSql("""
            select k.id, (extract(epoch from k.due_at) * 1000000)::int8 as due_at_micros
            from orders.packet_{DD} k
            where k.state in (1, 2) and k.state = 1 and k.due_at <= now() + $1::int8 * interval '1 ms'
              and (k.due_at, k.id) > (timestamptz 'epoch' + $2::int8 * interval '1 us', $3::int8)
            order by k.due_at, k.id limit $4::int4
            """);

    /**
     * Days of the month that may hold packets that are not final: their day is at most three days old, or the cold move
     * has found some.
     */
    static final String LIVE_DAYS = """
            select distinct day_of_month::int4 from orders.day_table
            where day >= (now() at time zone 'Asia/Shanghai')::date - date '2020-01-01' - 3
               or (database, day) in (select m.database, m.day from orders.day_move m where m.live_count > 0)
            """;

    /** Makes the tables of one day. $1 logical databases, $2 days from now. */
    static final String MAKE_DAY = """
            select orders.make_day($1::int4[], (now() at time zone 'Asia/Shanghai')::date + $2::int4)
            """;

    /** Takes the oldest rows nobody else is relaying. $1 limit. Gone only once the transaction commits. */
    static final String TAKE_OUTBOX = """
            delete from orders.outbox
            where outbox_id in (select outbox_id from orders.outbox order by outbox_id limit $1::int4
                                for update skip locked)
            returning outbox_id, payload, event_count, (extract(epoch from created_at) * 1000000)::int8 as created_at_micros
            """;

    /** How much the relay is behind: rows, and the age of the oldest in microseconds. */
    static final String OUTBOX_BACKLOG = """
            select count(*)::int8 as row_count,
                   coalesce((extract(epoch from now() - min(created_at)) * 1000000)::int8, 0) as oldest_micros
            from orders.outbox
            """;

    private static final int DAYS_OF_MONTH_MAX = 31;
    private static final Pattern PARENT = Pattern.compile("orders\\.(packet|packet_detail)_\\{DD}");

    private final String text;
    private final String[] byDayOfMonth;

    private OrderSql(String text) {
        this.text = text;
        byDayOfMonth = IntStream.rangeClosed(0, DAYS_OF_MONTH_MAX)
                .mapToObj(day -> text.replace("{DD}", "%02d".formatted(day)))
                .toArray(String[]::new);
    }

    /** @param dayOfMonth 1 to 31 */
    String on(int dayOfMonth) {
        return byDayOfMonth[dayOfMonth];
    }

    /**
     * For orders of one day: on their leaf if they share one, as they mostly do, else on the day's parents. A leaf spares
     * the server to start a plan for every other leaf of the day.
     */
    String on(List<PacketId> ids) {
        PacketId first = ids.getFirst();
        for (PacketId id : ids) {
            if (id.suffix() != first.suffix()) {
                return on(first.dayTable());
            }
        }
        return PARENT.matcher(text)
                .replaceAll("db_%02d.$1_%d_%02d".formatted(first.database(), first.table(), first.dayTable()));
    }
}
