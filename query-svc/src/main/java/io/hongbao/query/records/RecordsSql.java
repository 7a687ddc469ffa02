package io.hongbao.query.records;

/** The statements of the user records. */
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

    /** Fails while the schema is not migrated yet. */
    static final String PROBE = "select 1 from packet_end where packet_id = 0";

    /** What a user sent in a span of time. $1 user, $2 from, $3 until. HQL. */
    static final String SENT_TOTALS = """
            select count(*), coalesce(sum(s.totalFen), 0L), coalesce(sum(s.refundFen), 0L)
            from SentRecord s
            where s.senderId = ?1 and s.publishedAt >= ?2 and s.publishedAt < ?3
            """;

    /** What a user received in a span of time. $1 user, $2 from, $3 until. HQL. */
    static final String RECEIVED_TOTALS = """
            select count(*), coalesce(sum(r.amountFen), 0L), coalesce(sum(case when r.bestLuck then 1L else 0L end), 0L)
            from ReceivedRecord r
            where r.userId = ?1 and r.openedAt >= ?2 and r.openedAt < ?3
            """;

    /** A page of what a user sent, newest first. HQL. */
    static final String SENT_PAGE = """
            senderId = ?1 and (publishedAt, packetId) < (?2, ?3) order by publishedAt desc, packetId desc
            """;

    /** A page of what a user received, newest first. HQL. */
    static final String RECEIVED_PAGE = """
            userId = ?1 and (openedAt, packetId) < (?2, ?3) order by openedAt desc, packetId desc
            """;

    private RecordsSql() {}
}
