-- What users sent and received, written from the events of the orders.
--
-- The tables hold facts, one row for each event, under a key that the event brings along. Rows are inserted and never
-- updated, and an insert that finds its row does nothing. So the rows do not depend on the order in which events arrive,
-- nor on how often: a share may be recorded before its packet, and the end of a packet before either. What readers ask
-- for (shares opened so far, state, best luck) is derived from the facts by the two views.

-- packet.published
create table sent_packet (
    packet_id    bigint      not null primary key,
    published_at timestamptz not null,
    total_fen    bigint      not null,
    share_count  integer     not null,
    kind         smallint    not null,
    sender_id    text        collate "C" not null,
    group_id     text        collate "C" not null,
    constraint sent_packet_a_fen_for_each check (share_count >= 1 and total_fen >= share_count),
    constraint sent_packet_kind_known check (kind between 1 and 3)
);
-- A sender's list, read backwards, and a sender's year.
create index sent_packet_of_sender on sent_packet (sender_id, published_at, packet_id);

-- share.opened. The key also counts the shares of a packet.
create table received_share (
    packet_id  bigint      not null,
    opened_at  timestamptz not null,
    amount_fen bigint      not null,
    kind       smallint    not null,
    user_id    text        collate "C" not null,
    sender_id  text        collate "C" not null,
    group_id   text        collate "C" not null,
    primary key (packet_id, user_id),
    constraint received_share_at_least_a_fen check (amount_fen >= 1),
    constraint received_share_kind_known check (kind between 1 and 3)
);
-- A receiver's list, read backwards, and a receiver's year.
create index received_share_of_user on received_share (user_id, opened_at, packet_id);

-- packet.finished or packet.refunded: a packet has one of them, since both are final.
create table packet_end (
    packet_id         bigint not null primary key,
    -- What went back at expiry; 0 if every share was opened.
    refund_fen        bigint not null,
    -- Empty unless a lucky packet is finished.
    best_luck_user_id text   collate "C" not null,
    constraint packet_end_one_kind check (refund_fen = 0 or refund_fen >= 1 and best_luck_user_id = '')
);

-- What a sender sees. state: 2 open, 3 finished, 4 expired, as in the order store.
create view sent_record as
select s.packet_id, s.sender_id, s.group_id, s.kind, s.total_fen, s.share_count, s.published_at,
       -- A finished packet needs no counting, and is right even while its last shares are on their way.
       case when e.refund_fen = 0 then s.share_count
            else (select count(*) from received_share r where r.packet_id = s.packet_id)::integer
       end as opened_count,
       coalesce(e.refund_fen, 0) as refund_fen,
       (case when e.packet_id is null then 2 when e.refund_fen = 0 then 3 else 4 end)::smallint as state
from sent_packet s
left join packet_end e on e.packet_id = s.packet_id;

-- What a receiver sees.
create view received_record as
select r.packet_id, r.user_id, r.sender_id, r.group_id, r.kind, r.amount_fen, r.opened_at,
       coalesce(e.best_luck_user_id = r.user_id, false) as best_luck
from received_share r
left join packet_end e on e.packet_id = r.packet_id;
