package io.hongbao.peers;

import java.util.stream.IntStream;

/** The statements of all modes; each is one text for each day of the month. */
final class PeerSql {
    /** What never changes about a packet. $1 id. */
    static final PeerSql FACTS = new PeerSql("""
            select d.total_fen, d.share_count, d.share_max_fen, d.kind, d.seed, d.sender_id, d.group_id,
                   d.exclusive_user_id, k.surplus_fen, k.surplus_count
            from orders.packet_detail_{DD} d
            join orders.packet_{DD} k on k.id = d.id and k.id % 1000 = d.id % 1000
            where d.id = $1::int8 and d.id % 1000 = $1::int8 % 1000
            """);

    /** The share of a user who opens again. $1 packet, $2 user. */
    static final PeerSql SHARE = new PeerSql("""
            select amount_fen, sequence, (extract(epoch from opened_at) * 1000000)::int8 from orders.share_{DD}
            where packet_id = $1::int8 and packet_id % 1000 = $1::int8 % 1000 and user_id = $2::text
            """);

    /** The row as it is. $1 id. */
    static final PeerSql READ = new PeerSql("""
            select state, surplus_fen, surplus_count, version from orders.packet_{DD}
            where id = $1::int8 and id % 1000 = $1::int8 % 1000
            """);

    /** The row as it will stay until this transaction ends. $1 id. */
    static final PeerSql LOCK = new PeerSql(READ.text + "for update");

    /**
     * Stores one open. $1 id, $2 surplus, $3 its count, $4 state, $5 user, $6 amount, $7 sequence, $8 event, $9 version.
     * Divides by zero if the row has another version.
     */
    static final PeerSql WRITE = new PeerSql("""
            with decided as (
                update orders.packet_{DD} set surplus_fen = $2::int8, surplus_count = $3::int4, state = $4::int2,
                       version = version + 1
                where id = $1::int8 and id % 1000 = $1::int8 % 1000 and version = $9::int8
                returning 1),
            opened as (
                insert into orders.share_{DD} (packet_id, user_id, amount_fen, sequence)
                values ($1::int8, $5::text, $6::int8, $7::int4)),
            told as (
                insert into orders.outbox (event_count, payload) values (1, $8::bytea))
            select 1 / ((select count(*) from decided) = 1)::int, (extract(epoch from now()) * 1000000)::int8
            """);

    /**
     * Draws and stores one open. $1 id, $2 user, $3 share count, $4 largest share, $5 amount of an equal share or 0,
     * $6 seed, $7 and $8 the event before and after amount and sequence. Nothing if the packet is not open.
     *
     * <p>The draw is that of io.hongbao.core.split but for the second attempt, which one draw in 10^15 would need.
     * Amount and sequence go into the event as varints of five bytes each.
     */
    static final PeerSql CTE =
            new PeerSql("""
            with held as (
                select surplus_fen, surplus_count, 2 * surplus_fen / surplus_count as twice_mean,
                       $3::int4 - surplus_count + 1 as sequence
                from orders.packet_{DD}
                where id = $1::int8 and id % 1000 = $1::int8 % 1000 and state = 2
                for update),
            bounds as (
                select *, least(twice_mean - 1, $4::int8) as most from held),
            drawn as (
                select surplus_fen, surplus_count, sequence,
                       case when surplus_count = 1 then surplus_fen
                            when $5::int8 > 0 then $5::int8
                            else twice_mean - most
                                 + mod((('x' || encode(substr(sha256('\\x01'::bytea || $6::bytea || int4send(sequence)
                                                                     || int4send(0)), 1, 8), 'hex'))::bit(64) >> 1)::int8,
                                       most - (twice_mean - most) + 1)
                       end as amount
                from bounds),
            decided as (
                update orders.packet_{DD} k
                set surplus_fen = d.surplus_fen - d.amount, surplus_count = d.surplus_count - 1,
                    state = case when d.surplus_count = 1 then 3 else 2 end, version = k.version + 1
                from drawn d
                where k.id = $1::int8 and k.id % 1000 = $1::int8 % 1000),
            opened as (
                insert into orders.share_{DD} (packet_id, user_id, amount_fen, sequence)
                select $1::int8, $2::text, amount, sequence from drawn),
            told as (
                insert into orders.outbox (event_count, payload)
                select 1, $7::bytea || '\\x10'::bytea || {amount} || '\\x18'::bytea || {sequence} || $8::bytea from drawn)
            select amount, sequence, (extract(epoch from now()) * 1000000)::int8 from drawn
            """.replace("{amount}", varint("amount")).replace("{sequence}", varint("sequence::int8")));

    /** Follows Redis. $1 ids, $2 fen and $3 shares taken from each; $4… shares; $8 event count, $9 events. */
    static final PeerSql FOLLOW = new PeerSql("""
            with moved as (
                update orders.packet_{DD} k
                set surplus_fen = k.surplus_fen - r.fen, surplus_count = k.surplus_count - r.share_count,
                    state = case when k.surplus_count = r.share_count then 3 else 2 end, version = k.version + 1
                from unnest($1::int8[], $2::int8[], $3::int4[]) as r(id, fen, share_count)
                where k.id = r.id and k.id % 1000 = r.id % 1000),
            opened as (
                insert into orders.share_{DD} (packet_id, user_id, amount_fen, sequence)
                select * from unnest($4::int8[], $5::text[], $6::int8[], $7::int4[])),
            told as (
                insert into orders.outbox (event_count, payload) values ($8::int4, $9::bytea))
            select 1
            """);

    private static final int DAYS_OF_MONTH_MAX = 31;

    private final String text;
    private final String[] byDayOfMonth;

    private PeerSql(String text) {
        this.text = text;
        byDayOfMonth = IntStream.rangeClosed(0, DAYS_OF_MONTH_MAX)
                .mapToObj(day -> text.replace("{DD}", "%02d".formatted(day)))
                .toArray(String[]::new);
    }

    String on(int dayOfMonth) {
        return byDayOfMonth[dayOfMonth];
    }

    /** A number below 2^35 as a varint of five bytes. */
    private static String varint(String number) {
        return """
                decode(to_hex({} & 127 | 128) || to_hex({} >> 7 & 127 | 128) || to_hex({} >> 14 & 127 | 128)
                       || to_hex({} >> 21 & 127 | 128) || lpad(to_hex({} >> 28 & 127), 2, '0'), 'hex')""".replace("{}", number);
    }
}
