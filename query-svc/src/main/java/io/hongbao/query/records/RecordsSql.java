package io.hongbao.query.records;

/**
 * The statements of the user records. The reads are SQL too, not the language of the mapper: a page is one comparison of
 * rows, which PostgreSQL answers from the index, and nothing has to be parsed on an event loop.
 */
final class RecordsSql {
    /**
     * Records the facts of one batch of events: all of them, or none; those that are there already are passed over.
     * Answers how many of each kind were new.
     *
     * <p>$1 time of the batch; $2… columns of what was published; $8… of what was opened; $14… of what ended.
     */
    static final String RECORD = """
            with published as (
                insert into sent_packet
                    (published_at, packet_id, total_fen, share_count, kind, sender_id, group_id)
                select $1::timestamptz, p.*
                from unnest($2::int8[], $3::int8[], $4::int4[], $5::int2[], $6::text[], $7::text[]) as p
                on conflict do nothing
                returning 1),
            opened as (
                insert into received_share
                    (opened_at, packet_id, amount_fen, kind, user_id, sender_id, group_id)
                select $1::timestamptz, o.*
                from unnest($8::int8[], $9::int8[], $10::int2[], $11::text[], $12::text[], $13::text[]) as o
                on conflict do nothing
                returning 1),
            ended as (
                insert into packet_end (packet_id, refund_fen, best_luck_user_id)
                select * from unnest($14::int8[], $15::int8[], $16::text[])
                on conflict do nothing
                returning 1)
            select (select count(*) from published) as published_count,
                   (select count(*) from opened) as opened_count,
                   (select count(*) from ended) as ended_count
            """;

    /** A region's pods are there. $1 region, $2 commit time of the newest recorded event, or null. */
    static final String HEARD = """
            insert into region_progress as p (region, heard_at, recorded_until) values ($1, now(), $2)
            on conflict (region) do update
            set heard_at = greatest(p.heard_at, excluded.heard_at),
                recorded_until = greatest(p.recorded_until, excluded.recorded_until)
            """;

    /** When each region was heard last. */
    static final String PROGRESS = """
            select region, extract(epoch from clock_timestamp() - heard_at)::float8 as silent_seconds
            from region_progress
            """;

    /** Fails while the schema is not migrated yet. */
    static final String PROBE = "select 1 from packet_end where packet_id = 0";

    /** What a user sent in a span of time. ?1 user, ?2 from, ?3 until. */
    static final String SENT_TOTALS = """
            select count(*), cast(coalesce(sum(total_fen), 0) as bigint), cast(coalesce(sum(refund_fen), 0) as bigint)
            from sent_record
            where sender_id = ?1 and published_at >= ?2 and published_at < ?3
            """;

    /** What a user received in a span of time. ?1 user, ?2 from, ?3 until. */
    static final String RECEIVED_TOTALS = """
            select count(*), cast(coalesce(sum(amount_fen), 0) as bigint), count(*) filter (where best_luck)
            from received_record
            where user_id = ?1 and opened_at >= ?2 and opened_at < ?3
            """;

    /** A page of what a user sent, newest first. ?1 user, ?2 and ?3 the position it is behind, ?4 rows. */
    static final String SENT_PAGE = """
            select * from sent_record
            where sender_id = ?1 and (published_at, packet_id) < (?2, ?3)
            order by published_at desc, packet_id desc
            limit ?4
            """;

    /** A page of what a user received, newest first. ?1 user, ?2 and ?3 the position it is behind, ?4 rows. */
    static final String RECEIVED_PAGE = """
            select * from received_record
            where user_id = ?1 and (opened_at, packet_id) < (?2, ?3)
            order by opened_at desc, packet_id desc
            limit ?4
            """;

    private RecordsSql() {}
}
