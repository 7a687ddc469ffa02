-- Days leave for the cold store: each logical database's tables of a day as a unit.
--
--   wait (something is not settled yet) ─▶ copy, table by table ─▶ the cold copy has the same rows: drop ─▶ moved
--
-- A program copies, since the two stores are two servers. What may not go wrong does not depend on it: finish_move drops
-- only what it has counted and summed up under a lock that keeps writers out, and found to be what the cold store holds.

create table orders.day_move (
    database        smallint not null check (database between 0 and 99),
    -- Days since 2020-01-01, as in the order number.
    day             integer  not null check (day between 0 and 9999),
    -- 1 waits, 2 is copied, 3 has moved.
    step            smallint not null default 1 check (step between 1 and 3),
    -- Somebody asked for it: it need not be as old as others.
    requested       boolean  not null default false,
    -- Each mover that begins gets the next number. Whoever has an older one is refused, here and in the cold store.
    attempt         integer  not null default 0,
    -- Until then no other mover begins; it only saves work.
    lease_until     timestamptz not null default '-infinity',
    -- It is not looked at before.
    look_at         timestamptz not null default '-infinity',
    -- Tables 0 to 9 that this or an earlier mover has copied.
    tables_copied   smallint not null default 0 check (tables_copied between 0 and 10),
    -- The day's last event has at most this outbox_id.
    outbox_upto     bigint,
    -- What it waits for, counted to 1,000: packets that are not final, shares without their money, events not relayed.
    live_count      integer  not null default 0,
    unsettled_count integer  not null default 0,
    untold_count    integer  not null default 0,
    -- How often the copy was not what is here.
    mismatch_count  integer  not null default 0,
    packet_count    bigint,
    share_count     bigint,
    moved_at        timestamptz,
    primary key (database, day)
);

-- Today, by this server's clock, as in the order number.
create function orders.today() returns integer
    language sql stable
    return (now() at time zone 'Asia/Shanghai')::date - date '2020-01-01';

-- 56 bits of a row's text. Their sum tells whether two sets of rows are the same.
create function orders.digest(line text) returns bigint
    language sql immutable parallel safe
    return ('x' || encode(substring(sha256(convert_to(line, 'UTF8')) for 7), 'hex'))::bit(56)::bigint;

-- The days that are due to move or to be looked at again, oldest first. after_days: a day that nobody asked for moves when
-- it is more than this many days old. Orders are still written to today's tables, and a moment after midnight to
-- yesterday's: these never move.
create function orders.due_moves(after_days integer, count_max integer) returns table (database integer, day integer)
    language sql stable
    begin atomic
        select t.database::integer, t.day
        from orders.day_table t left join orders.day_move m on m.database = t.database and m.day = t.day
        where t.day <= orders.today() - 2
          and (t.day < orders.today() - after_days or coalesce(m.requested, false))
          and coalesce(m.look_at <= now() and m.lease_until <= now(), true)
        order by t.day, t.database
        limit count_max;
    end;

-- Asks for a day to move as soon as it is settled. Returns how many logical databases hold it; none of them does if the
-- day is younger than two days or has moved.
create function orders.request_move(on_day integer) returns integer
    language plpgsql as
$$
declare
    asked integer;
begin
    insert into orders.day_move (database, day, requested)
        select t.database, t.day, true from orders.day_table t where t.day = on_day and t.day <= orders.today() - 2
        on conflict (database, day) do update set requested = true, look_at = '-infinity';
    get diagnostics asked = row_count;
    return asked;
end
$$;

-- Begins, or goes on with, a move. attempt_min: the cold store has seen this attempt already.
-- outcome: copy (go on with the table after tables_copied), waits, busy (another mover is at it), not due.
create function orders.begin_move(of_database integer, on_day integer, after_days integer, attempt_min integer,
                                  lease_ms bigint, pause_ms bigint,
                                  out outcome text, out attempt integer, out tables_copied integer)
    language plpgsql as
$$
declare
    db    constant text := 'db_' || lpad(of_database::text, 2, '0');
    dd    constant text := to_char(date '2020-01-01' + on_day, 'DD');
    held  orders.day_move;
    some_count integer;
begin
    if not exists (select 1 from orders.day_table t where t.database = of_database and t.day = on_day)
            or on_day > orders.today() - 2 then
        outcome := 'not due';
        return;
    end if;
    insert into orders.day_move (database, day) values (of_database, on_day) on conflict do nothing;
    select m.* into held from orders.day_move m where m.database = of_database and m.day = on_day for update skip locked;
    if not found or held.lease_until > now() then
        outcome := 'busy';
        return;
    end if;
    if held.step = 3 or on_day >= orders.today() - after_days and not held.requested then
        outcome := 'not due';
        return;
    end if;

    held.live_count := 0;
    held.unsettled_count := 0;
    held.untold_count := 0;
    for y in 0..9 loop
        execute format('select count(*) from (select 1 from %I.packet_%s_%s where state in (1, 2) limit 1000) as l',
            db, y, dd) into some_count;
        held.live_count := held.live_count + some_count;
        execute format('select count(*) from (select 1 from %I.share_%s_%s where state = 1 limit 1000) as u',
            db, y, dd) into some_count;
        held.unsettled_count := held.unsettled_count + some_count;
    end loop;
    if held.live_count > 0 then
        -- There are events to come.
        held.outbox_upto := null;
    else
        -- Every packet that was just seen is final, so its last event is committed and has a number by now.
        if held.outbox_upto is null then
            held.outbox_upto := coalesce(
                pg_sequence_last_value(pg_get_serial_sequence('orders.outbox', 'outbox_id')::regclass), 0);
        end if;
        select count(*) into held.untold_count
            from (select 1 from orders.outbox o where o.outbox_id <= held.outbox_upto limit 1000) as o;
    end if;

    if held.live_count + held.unsettled_count + held.untold_count > 0 then
        outcome := 'waits';
        update orders.day_move m
            set step = 1, live_count = held.live_count, unsettled_count = held.unsettled_count,
                untold_count = held.untold_count, outbox_upto = held.outbox_upto,
                look_at = now() + pause_ms * interval '1 ms'
            where m.database = of_database and m.day = on_day;
        return;
    end if;
    outcome := 'copy';
    attempt := greatest(held.attempt, attempt_min) + 1;
    tables_copied := held.tables_copied;
    update orders.day_move m
        set step = 2, live_count = 0, unsettled_count = 0, untold_count = 0, outbox_upto = held.outbox_upto,
            attempt = begin_move.attempt, lease_until = now() + lease_ms * interval '1 ms'
        where m.database = of_database and m.day = on_day;
end
$$;

-- Notes how far a mover has come, and keeps others away for longer. False: another mover has begun, stop.
create function orders.note_move(of_database integer, on_day integer, by_attempt integer, copied integer, lease_ms bigint)
    returns boolean
    language plpgsql as
$$
begin
    update orders.day_move m
        set tables_copied = copied, lease_until = now() + lease_ms * interval '1 ms'
        where m.database = of_database and m.day = on_day and m.attempt = by_attempt and m.step = 2;
    return found;
end
$$;

-- The columns of a packet and of a share, in the order of the cold store's tables.
create function orders.packet_line(db text, y integer, dd text) returns text
    language sql immutable
    return format('select k.id, row(k.id, k.version, k.paid_fen, k.surplus_fen, k.refund_fen, k.due_at, k.surplus_count,
        k.state, d.total_fen, d.share_max_fen, d.time_to_live_ms, d.created_at, d.share_count, d.kind, d.seed, d.sender_id,
        d.group_id, d.exclusive_user_id, d.city_code, d.greeting)::text as line, k.state
        from %1$I.packet_%2$s_%3$s k left join %1$I.packet_detail_%2$s_%3$s d on d.id = k.id', db, y, dd);

create function orders.share_line(db text, y integer, dd text) returns text
    language sql immutable
    return format('select s.packet_id, s.user_id, row(s.packet_id, s.amount_fen, s.opened_at, s.sequence, s.state,
        s.user_id)::text as line, s.state from %I.share_%s_%s s', db, y, dd);

-- A chunk of one table's packets, as text that the cold store's row type reads; by id, after the last one of the chunk
-- before. The text of a row must be the same here and there: so the settings that it depends on are fixed.
create function orders.cold_packets(of_database integer, on_day integer, y integer, after_id bigint, count_max integer)
    returns table (id bigint, line text)
    language plpgsql stable
    set timezone = 'UTC' set datestyle = 'ISO, YMD' set bytea_output = 'hex'
as
$$
begin
    return query execute format('select p.id, p.line from (%s) as p where p.id > $1 order by p.id limit $2',
        orders.packet_line('db_' || lpad(of_database::text, 2, '0'), y, to_char(date '2020-01-01' + on_day, 'DD')))
        using after_id, count_max;
end
$$;

create function orders.cold_shares(of_database integer, on_day integer, y integer, after_id bigint, after_user text,
                                   count_max integer)
    returns table (packet_id bigint, user_id text, line text)
    language plpgsql stable
    set timezone = 'UTC' set datestyle = 'ISO, YMD' set bytea_output = 'hex'
as
$$
begin
    return query execute format('select s.packet_id, s.user_id, s.line from (%s) as s
        where (s.packet_id, s.user_id) > ($1, $2 collate "C") order by s.packet_id, s.user_id limit $3',
        orders.share_line('db_' || lpad(of_database::text, 2, '0'), y, to_char(date '2020-01-01' + on_day, 'DD')))
        using after_id, after_user, count_max;
end
$$;

-- Drops a day's tables of a logical database if the cold store holds exactly their rows: counts and sums are what the cold
-- store has read back. Returns
--   moved    the tables are gone
--   refused  another mover has begun since, or the day has moved already
--   changed  something came that is not settled: the move begins anew
--   differs  the rows are not the same: all is to be copied again
create function orders.finish_move(of_database integer, on_day integer, by_attempt integer,
                                   packets bigint, packet_sum numeric, shares bigint, share_sum numeric) returns text
    language plpgsql
    set timezone = 'UTC' set datestyle = 'ISO, YMD' set bytea_output = 'hex'
    -- Everything is read once: scans and hashes, whatever the session prefers for its look-ups.
    set enable_seqscan = on set enable_hashjoin = on set enable_mergejoin = on
    -- Whoever comes behind us waits for us: rather later than for long. Longer than autovacuum takes to step aside.
    set lock_timeout = '3s'
as
$$
declare
    db        constant text := 'db_' || lpad(of_database::text, 2, '0');
    dd        constant text := to_char(date '2020-01-01' + on_day, 'DD');
    table_sums record;
    p_count   bigint := 0;
    p_sum     numeric := 0;
    s_count   bigint := 0;
    s_sum     numeric := 0;
    open_ends bigint := 0;
    upto      bigint;
begin
    select m.outbox_upto into upto from orders.day_move m
        where m.database = of_database and m.day = on_day and m.attempt = by_attempt and m.step = 2 for update;
    if not found or upto is null
            or not exists (select 1 from orders.day_table t where t.database = of_database and t.day = on_day) then
        return 'refused';
    end if;
    for y in 0..9 loop
        -- Readers go on; writers wait, and what they would write is not missed.
        execute format('lock table %1$I.packet_%2$s_%3$s, %1$I.packet_detail_%2$s_%3$s, %1$I.share_%2$s_%3$s
            in share row exclusive mode', db, y, dd);
        execute format('select count(*) as n, coalesce(sum(orders.digest(p.line)), 0) as total,
            count(*) filter (where p.state in (1, 2)) as ends from (%s) as p', orders.packet_line(db, y, dd)) into table_sums;
        p_count := p_count + table_sums.n;
        p_sum := p_sum + table_sums.total;
        open_ends := open_ends + table_sums.ends;
        execute format('select count(*) as n, coalesce(sum(orders.digest(s.line)), 0) as total,
            count(*) filter (where s.state = 1) as ends from (%s) as s', orders.share_line(db, y, dd)) into table_sums;
        s_count := s_count + table_sums.n;
        s_sum := s_sum + table_sums.total;
        open_ends := open_ends + table_sums.ends;
    end loop;
    if open_ends > 0 or exists (select 1 from orders.outbox o where o.outbox_id <= upto) then
        update orders.day_move m set step = 1, outbox_upto = null, tables_copied = 0, lease_until = '-infinity'
            where m.database = of_database and m.day = on_day;
        return 'changed';
    end if;
    if (p_count, p_sum, s_count, s_sum) is distinct from (packets, packet_sum, shares, share_sum) then
        update orders.day_move m
            set step = 1, tables_copied = 0, lease_until = '-infinity', look_at = now() + interval '1 minute',
                mismatch_count = m.mismatch_count + 1
            where m.database = of_database and m.day = on_day;
        return 'differs';
    end if;
    for y in 0..9 loop
        execute format('drop table %1$I.packet_%2$s_%3$s, %1$I.packet_detail_%2$s_%3$s, %1$I.share_%2$s_%3$s', db, y, dd);
    end loop;
    delete from orders.day_table t where t.database = of_database and t.day = on_day;
    update orders.day_move m
        set step = 3, lease_until = '-infinity', moved_at = now(), packet_count = packets, share_count = shares
        where m.database = of_database and m.day = on_day;
    return 'moved';
end
$$;
