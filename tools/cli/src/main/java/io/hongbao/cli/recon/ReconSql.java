package io.hongbao.cli.recon;

import io.hongbao.core.id.PacketId;

/**
 * The statements of reconciliation. All are about the packets of one region and day: their numbers are one range, ?1 to
 * ?2. A bucket is the packets of one logical database whose numbers agree in all but the last four digits of the counter.
 *
 * <p>A fact is one line of text, the same in both stores: {@code payment:P|fen}, {@code confirmed:P|fen}, {@code P:U|fen}
 * for a share, its credit or its record, {@code refund:P|fen}, {@code sent:P|…}, {@code end:P|fen}. The checksum of a
 * bucket is the sum of 56 bits of the SHA-256 of each line, so it does not depend on the order of rows.
 */
final class ReconSql {
    private static final String BUCKET = "(ID / 10 % 100 * 1000000000000 + ID / 10000000)";
    private static final String DIGEST =
            "('x' || encode(substring(sha256(convert_to(LINE, 'UTF8')) for 7), 'hex'))::bit(56)::bigint";

    /** A database that moves lies in two SETs for a while, and counts in one of them. */
    static final String HOT_DATABASES = """
            select database from orders.day_table where day = ?
              and database not in (select database from orders.database_move where state in ('arriving', 'left'))
            """;

    /** Checksums of the orders. Tables: of a SET's day, or of the cold store. */
    private static final String ORDER_SUMS = """
            with opened as (
                select s.packet_id as id, count(*) as n, sum(s.amount_fen) as fen,
                       sum(digest(s.packet_id || ':' || s.user_id || '|' || s.amount_fen)) as lines
                from SHARES s where s.packet_id >= ? and s.packet_id < ? group by 1),
            packets as (PACKETS),
            facts as (
                select coalesce(k.id, o.id) as id, k.id is not null as there, coalesce(k.paid_fen, 0) as paid_fen,
                       coalesce(k.surplus_fen, 0) as surplus_fen, coalesce(k.refund_fen, 0) as refund_fen,
                       coalesce(o.n, 0) as n, coalesce(o.fen, 0) as fen, coalesce(o.lines, 0) as lines,
                       coalesce(k.state, 0) as state, k.surplus_count, k.total_fen, k.share_count, k.kind, k.sender_id, k.group_id
                from packets k full join opened o on o.id = k.id)
            select bucket(id) as bucket, count(*) filter (where there), sum(n), sum(paid_fen - surplus_fen - refund_fen - fen),
                   count(*) filter (where not there or paid_fen <> surplus_fen + refund_fen + fen
                       or state in (2, 3, 4, 6) and paid_fen <> total_fen
                       or state in (2, 6) and n + surplus_count <> share_count
                       or state = 3 and n <> share_count
                       or state in (1, 5) and paid_fen <> 0) as broken,
                   sum(lines
                       + case when paid_fen > 0 then digest('payment:' || id || '|' || paid_fen)::numeric
                             + digest('confirmed:' || id || '|' || paid_fen) else 0 end
                       + case when refund_fen > 0 then digest('refund:' || id || '|' || refund_fen) else 0 end)::text,
                   sum(lines
                       + case when state in (2, 3, 4, 6) then digest('sent:' || id || '|' || total_fen || '|' || share_count
                             || '|' || kind || '|' || sender_id || '|' || group_id)::numeric else 0 end
                       + case when state in (3, 4) then digest('end:' || id || '|' || refund_fen) else 0 end)::text,
                   count(*) filter (where state = 2)
            from facts group by 1
            """;

    private static final String HOT_PACKETS = """
            select k.*, d.total_fen, d.share_count, d.kind, d.sender_id, d.group_id
            from orders.packet_DD k left join orders.packet_detail_DD d on d.id = k.id and d.id % 1000 = k.id % 1000
            where k.id >= ? and k.id < ?""";
    private static final String COLD_PACKETS = "select k.* from cold.packet k where k.id >= ? and k.id < ?";

    /** Checksums of the ledger. */
    static final String LEDGER_SUMS = expand("""
            with lines as (
                select t.packet_id as id, sum(digest(case t.kind when 'CREDIT' then substr(t.transfer_id, 8)
                           else t.transfer_id end || '|' || t.amount_fen)) as lines
                from transfer t
                where t.packet_id >= ? and t.packet_id < ? and t.kind in ('PAYMENT', 'CREDIT', 'REFUND') group by 1
                union all
                select p.packet_id, digest('confirmed:' || p.packet_id || '|' || p.amount_fen)
                from payment p where p.packet_id >= ? and p.packet_id < ? and p.state = 'CONFIRMED')
            select bucket(id), sum(lines)::text from lines group by 1
            """);

    /**
     * Where the ledger contradicts itself: packet, kind, item, detail. An escrow or suspense that does not hold what its
     * transfers come to; and money that came or goes through a payment provider, whose rows do not fit the bookings. Named by
     * the provider's number or ours. The range comes {@link #LEDGER_GAP_RANGES} times.
     */
    static final String LEDGER_GAPS = """
            with moved as (
                select t.packet_id,
                       sum(case 'escrow:' || t.packet_id when t.credit_account then t.amount_fen
                               when t.debit_account then -t.amount_fen else 0 end) as escrow_fen,
                       sum(case 'suspense' when t.credit_account then t.amount_fen
                               when t.debit_account then -t.amount_fen else 0 end) as suspense_fen
                from transfer t where t.packet_id >= ? and t.packet_id < ? group by 1),
            held as (
                select substr(a.account_id, 8)::bigint as packet_id, a.balance_fen
                from account a where a.account_id >= 'escrow:' || ?::bigint and a.account_id < 'escrow:' || ?::bigint
                  and a.kind = 'ESCROW'),
            payouts as (
                select * from payout p where p.payout_no >= (?::bigint)::text and p.payout_no < (?::bigint)::text),
            suspended as (
                select packet_id, sum(amount_fen) as fen from payouts where state = 'SUSPENDED' group by 1),
            orders as (
                select * from provider_order o where o.packet_id >= ? and o.packet_id < ? and o.state = 'PAID')
            select packet_id, 'ESCROW_DIFFERS', 'escrow',
                   format('escrow holds %s fen, its transfers come to %s fen', coalesce(balance_fen, 0), coalesce(escrow_fen, 0))
            from moved full join held using (packet_id)
            where coalesce(balance_fen, 0) <> coalesce(escrow_fen, 0)
            union all
            select packet_id, 'SUSPENSE_DIFFERS', 'suspense',
                   format('%s fen are in suspense, suspended payouts come to %s fen', coalesce(suspense_fen, 0), coalesce(fen, 0))
            from moved full join suspended using (packet_id)
            where coalesce(suspense_fen, 0) <> coalesce(fen, 0)
            union all
            select t.packet_id, 'PAYOUT_MISSING', payout_number(t.transfer_id, t.packet_id, 1),
                   format('%s of %s fen is not carried on', lower(t.kind), t.amount_fen)
            from orders o join transfer t on t.packet_id = o.packet_id
            where t.packet_id >= ? and t.packet_id < ? and t.kind in ('CREDIT', 'REFUND', 'LATE')
              and not exists (select from payout p where p.transfer_id = t.transfer_id and p.state <> 'REPLACED')
            union all
            select p.packet_id, k.kind, p.payout_no, k.detail
            from payouts p
                left join transfer b on b.transfer_id = p.transfer_id
                left join transfer d on d.transfer_id = 'payout:' || p.payout_no
                cross join lateral (values
                    ('PAYOUT_DIFFERS',
                        b.amount_fen is distinct from p.amount_fen or b.packet_id is distinct from p.packet_id
                            or b.credit_account is distinct from 'user:' || p.user_id or d.amount_fen <> p.amount_fen,
                        format('%s fen, the booking says %s fen', p.amount_fen, coalesce(b.amount_fen, 0))),
                    ('PAYOUT_UNBOOKED', p.state = 'DONE' and d.transfer_id is null,
                        format('%s fen are paid out, and still in the wallet', p.amount_fen)),
                    ('PAYOUT_SUSPENDED', p.state = 'SUSPENDED', format('%s fen, %s', p.amount_fen, p.last_word)),
                    ('PAYOUT_LATE', p.state = 'DUE' and p.created_at < now() - interval '1 day',
                        format('%s fen, tried %s times, %s', p.amount_fen, p.try_count, p.last_word))) as k (kind, so, detail)
            where k.so
            union all
            select t.packet_id, 'PAYOUT_UNKNOWN', substr(t.transfer_id, 8),
                   format('%s fen have left the wallet without a payout that is done', t.amount_fen)
            from transfer t
            where t.packet_id >= ? and t.packet_id < ? and t.kind = 'PAYOUT'
              and not exists (select from payout p where p.payout_no = substr(t.transfer_id, 8) and p.state = 'DONE')
            union all
            select o.packet_id, 'RECEIPT_UNBOOKED', o.transaction_id, 'the provider has the money, the ledger does not know'
            from orders o
            where not exists (
                select from transfer t where t.transfer_id in ('payment:' || o.packet_id, 'late:' || o.packet_id))
            union all
            select t.packet_id, 'RECEIPT_MISSING', t.transfer_id,
                   format('%s fen are booked as come from outside, and did not come', t.amount_fen)
            from transfer t
            where t.packet_id >= ? and t.packet_id < ? and t.kind in ('PAYMENT', 'LATE') and t.debit_account = 'external'
              and not exists (select from provider_order o where o.packet_id = t.packet_id and o.state = 'PAID')
            """;

    static final int LEDGER_GAP_RANGES = 7;

    /** Movements of the merchant's account that are no payment and no payout of ours: fees, withdrawals, top-ups. */
    static final String OWN_BUSINESS = "(l.business like '%手续费%' or l.business in ('提现', '充值'))";

    /**
     * Where the provider's bill and the ledger differ: packet or 0, kind, the provider's number or ours, detail, the bill less
     * the ledger in fen. A number counts with the net of all its lines so far: a transfer that failed went out and came back.
     */
    static final String BILL_GAPS = """
            with asked as (
                select b.day, b.fetched_at, ?::timestamptz as midnight, ?::timestamptz as low_at, ?::timestamptz as high_at
                from provider_bill b where b.state = 'FETCHED' and b.day = ?),
            window_of as (
                select a.*, case when exists (
                        select from provider_bill p where p.day = a.day - 1 and p.state = 'FETCHED')
                    then low_at else midnight end as from_at, least(high_at, fetched_at) as to_at
                from asked a),
            numbers as (
                select l.provider_no, min(l.business) as business, sum(l.amount_fen)::bigint as fen
                from provider_bill_line l
                where l.provider_no in (select o.provider_no from provider_bill_line o join asked a on a.day = o.day)
                  and not IS_OWN
                group by 1),
            booked as (
                select n.provider_no, o.packet_id, coalesce(t.amount_fen, 0) as fen
                from numbers n join provider_order o on o.transaction_id = n.provider_no
                    left join transfer t
                        on t.transfer_id = any (array['payment:' || o.packet_id, 'late:' || o.packet_id])
                union all
                select n.provider_no, p.packet_id, -p.amount_fen
                from numbers n join payout p on p.provider_no = n.provider_no and p.provider_no <> ''
                where p.state = 'DONE')
            select coalesce(b.packet_id, 0), case when b.packet_id is null then 'BILL_UNKNOWN' else 'BILL_DIFFERS' end,
                   n.provider_no,
                   format('%s of %s fen in the bill, %s fen in the ledger', n.business, n.fen, coalesce(b.fen, 0)),
                   n.fen - coalesce(b.fen, 0)
            from numbers n left join booked b using (provider_no)
            where n.fen <> coalesce(b.fen, 0)
            union all
            select o.packet_id, 'BILL_MISSING', o.transaction_id,
                   format('payment of %s fen, booked at %s', t.amount_fen, t.created_at), -t.amount_fen
            from window_of w, transfer t join provider_order o on o.packet_id = t.packet_id
            where t.packet_id >= ? and t.packet_id < ? and t.kind in ('PAYMENT', 'LATE') and o.state = 'PAID'
              and t.created_at >= w.from_at and t.created_at < w.to_at
              and not exists (select from provider_bill_line l where l.provider_no = o.transaction_id)
            union all
            select p.packet_id, 'BILL_MISSING', p.payout_no,
                   format('payout of %s fen, done at %s, number %s', p.amount_fen, p.done_at, p.provider_no), p.amount_fen
            from window_of w, payout p
            where p.payout_no >= (?::bigint)::text and p.payout_no < (?::bigint)::text and p.state = 'DONE'
              and p.done_at >= w.from_at and p.done_at < w.to_at
              and not exists (select from provider_bill_line l where l.provider_no = p.provider_no)
            """.replace("IS_OWN", OWN_BUSINESS);

    static final String LEDGER_FACTS = """
            select t.packet_id, lower(t.kind),
                   case t.kind when 'CREDIT' then substr(t.transfer_id, 28) else '' end, t.amount_fen, ''
            from transfer t where t.packet_id >= ? and t.packet_id < ? and t.kind in ('PAYMENT', 'CREDIT', 'REFUND')
              and BUCKET = any (?)
            union all
            select p.packet_id, 'confirmed', '', p.amount_fen, ''
            from payment p where p.packet_id >= ? and p.packet_id < ? and p.state = 'CONFIRMED' and PAYBUCKET = any (?)
            """.replace("PAYBUCKET", BUCKET.replace("ID", "p.packet_id"))
            .replace("BUCKET", BUCKET.replace("ID", "t.packet_id"));

    static final String RECORD_SUMS = expand("""
            with lines as (
                select r.packet_id as id, digest(r.packet_id || ':' || r.user_id || '|' || r.amount_fen) as lines
                from received_share r where r.packet_id >= ? and r.packet_id < ?
                union all
                select s.packet_id, digest('sent:' || s.packet_id || '|' || s.total_fen || '|' || s.share_count || '|' || s.kind
                           || '|' || s.sender_id || '|' || s.group_id)
                from sent_packet s where s.packet_id >= ? and s.packet_id < ?
                union all
                select e.packet_id, digest('end:' || e.packet_id || '|' || e.refund_fen)
                from packet_end e where e.packet_id >= ? and e.packet_id < ?)
            select bucket(id), sum(lines)::text from lines group by 1
            """);

    static final String RECORD_FACTS = """
            select r.packet_id, 'received', r.user_id, r.amount_fen, ''
            from received_share r where r.packet_id >= ? and r.packet_id < ? and RB = any (?)
            union all
            select s.packet_id, 'sent', '', s.total_fen, s.share_count || '|' || s.kind || '|' || s.sender_id || '|' || s.group_id
            from sent_packet s where s.packet_id >= ? and s.packet_id < ? and SB = any (?)
            union all
            select e.packet_id, 'end', '', e.refund_fen, ''
            from packet_end e where e.packet_id >= ? and e.packet_id < ? and EB = any (?)
            """.replace("RB", BUCKET.replace("ID", "r.packet_id"))
            .replace("SB", BUCKET.replace("ID", "s.packet_id"))
            .replace("EB", BUCKET.replace("ID", "e.packet_id"));

    private static final String PACKET_FACTS = """
            select k.id, k.state, k.paid_fen, k.surplus_fen, k.surplus_count, k.refund_fen,
                   (extract(epoch from k.due_at) * 1000)::bigint, k.due_at > now(),
                   k.total_fen, k.share_count, k.kind, k.sender_id, k.group_id, k.exclusive_user_id, k.time_to_live_ms
            from (PACKETS) k where BUCKET = any (?)
            """;
    private static final String SHARE_FACTS = """
            select s.packet_id, s.user_id, s.sequence, s.amount_fen, s.opened_at, s.opened_at < now() - ? * interval '1 ms'
            from SHARES s where s.packet_id >= ? and s.packet_id < ? and BUCKET = any (?) order by s.packet_id, s.sequence
            """;

    private ReconSql() {}

    /** @param day days since 2020-01-01 */
    static long low(int region, int day) {
        return region * 1_000_000_000_000_000_000L + day * 100_000_000_000_000L;
    }

    static long bucketOf(long packetId) {
        return packetId / 10 % 100 * 1_000_000_000_000L + packetId / 10_000_000;
    }

    static int databaseOf(long bucket) {
        return (int) (bucket / 1_000_000_000_000L);
    }

    static String orderSums(boolean cold, int day) {
        return expand(tables(ORDER_SUMS, cold, day));
    }

    static String packetFacts(boolean cold, int day) {
        String packets = cold
                ? COLD_PACKETS
                : HOT_PACKETS.replace("d.group_id", "d.group_id, d.exclusive_user_id, d.time_to_live_ms");
        return PACKET_FACTS
                .replace("PACKETS", packets)
                .replace("BUCKET", BUCKET.replace("ID", "k.id"))
                .replace("DD", dd(day));
    }

    static String shareFacts(boolean cold, int day) {
        return tables(SHARE_FACTS.replace("BUCKET", BUCKET.replace("ID", "s.packet_id")), cold, day);
    }

    private static String tables(String sql, boolean cold, int day) {
        return sql.replace("SHARES", cold ? "cold.share" : "orders.share_DD")
                .replace("PACKETS", cold ? COLD_PACKETS : HOT_PACKETS)
                .replace("DD", dd(day));
    }

    private static String dd(int day) {
        return "%02d".formatted(PacketId.EPOCH.plusDays(day).getDayOfMonth());
    }

    /** Writes {@code digest(…)} and {@code bucket(…)} out: the databases need no function for it. */
    private static String expand(String sql) {
        return call(call(sql, "digest(", DIGEST, "LINE"), "bucket(", BUCKET, "ID");
    }

    private static String call(String sql, String name, String body, String parameter) {
        var text = new StringBuilder();
        int at = 0;
        for (int found; (found = sql.indexOf(name, at)) >= 0; ) {
            int end = found + name.length();
            for (int depth = 1; depth > 0; end++) {
                depth += sql.charAt(end) == '(' ? 1 : sql.charAt(end) == ')' ? -1 : 0;
            }
            text.append(sql, at, found).append(body.replace(parameter, sql.substring(found + name.length(), end - 1)));
            at = end;
        }
        return text.append(sql.substring(at)).toString();
    }
}
