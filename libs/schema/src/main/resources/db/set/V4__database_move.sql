-- A logical database moves to another SET.
--
--   here      leaving: copied; then each table is fenced ─▶ left: its rows are gone
--   there     arriving: rows come in, nobody is answered ─▶ arrived: served ─▶ (no row)
--
-- A program copies, since the SETs are two servers. What may not go wrong does not depend on it. A fenced table refuses every
-- write, whoever sends it. finish_leaving lets go only when all tables are fenced and the other SET has read back exactly
-- their rows. And whoever reads a database that has left, or has not arrived, is refused instead of told of an empty table.

create table orders.database_move (
    database    smallint    not null primary key check (database between 0 and 99),
    state       text        not null check (state in ('leaving', 'left', 'arriving', 'arrived')),
    -- As in control data. Whoever has an older one is refused.
    attempt     integer     not null,
    -- The last event of the database has at most this outbox_id.
    outbox_upto bigint,
    since       timestamptz not null default now()
);

-- What everybody hears: SQLSTATE HB001, the database in its detail.
create function orders.refuse_moving(database integer) returns void
    language plpgsql as
$$
begin
    raise exception 'database db_% is on its way to another SET', lpad(database::text, 2, '0')
        using errcode = 'HB001', detail = database::text;
end
$$;

-- True if the packets' databases are served here as far as moves go; refuses otherwise. For statements whose answer would be
-- wrong on tables that are empty or gone.
create function orders.here(packet_ids bigint[]) returns boolean
    language plpgsql stable as
$$
declare
    elsewhere integer;
begin
    select m.database into elsewhere from orders.database_move m
        where m.state in ('left', 'arriving') and exists (select from unnest(packet_ids) as i where i / 10 % 100 = m.database)
        limit 1;
    if elsewhere is not null then
        perform orders.refuse_moving(elsewhere);
    end if;
    return true;
end
$$;

-- On the leaves of a database that leaves: the fence.
create function orders.refuse_write() returns trigger
    language plpgsql as
$$
begin
    perform orders.refuse_moving(substr(tg_table_schema, 4)::integer);
    return null;
end
$$;

-- While a database moves, no tables are made for it and no day of it goes to the cold store, except by the functions here.
create function orders.refuse_day() returns trigger
    language plpgsql as
$$
begin
    if coalesce(current_setting('hongbao.moves', true), '') <> 'on' and exists (
            select from orders.database_move m
            where m.database = new.database and (tg_table_name = 'day_move' or m.state <> 'arrived')) then
        perform orders.refuse_moving(new.database);
    end if;
    return new;
end
$$;

create trigger moving before insert on orders.day_table for each row execute function orders.refuse_day();
create trigger moving before insert or update on orders.day_move for each row execute function orders.refuse_day();

-- As in V2, without the databases that are moving.
create or replace function orders.due_moves(after_days integer, count_max integer) returns table (database integer, day integer)
    language sql stable
    begin atomic
        select t.database::integer, t.day
        from orders.day_table t left join orders.day_move m on m.database = t.database and m.day = t.day
        where t.day <= orders.today() - 2
          and (t.day < orders.today() - after_days or coalesce(m.requested, false))
          and coalesce(m.look_at <= now() and m.lease_until <= now(), true)
          and not exists (select from orders.database_move d where d.database = t.database)
        order by t.day, t.database
        limit count_max;
    end;

-- Every table of a database.
create function orders.tables_of(of_database integer) returns setof regclass
    language sql stable
    begin atomic
        select format('db_%s.%s_%s_%s', lpad(of_database::text, 2, '0'), part, y, lpad(t.day_of_month::text, 2, '0'))::regclass
        from orders.day_table t, generate_series(0, 9) as y, unnest(array['packet', 'packet_detail', 'share']) as part
        where t.database = of_database;
    end;

-- ---- here ----

-- Begins to leave, or goes on with it. Returns the state: leaving, or left if that is done.
create function orders.begin_leaving(of_database integer, by_attempt integer) returns text
    language plpgsql as
$$
declare
    now_state text;
begin
    insert into orders.database_move as m (database, state, attempt) values (of_database, 'leaving', by_attempt)
        on conflict (database) do update set attempt = excluded.attempt
            where m.attempt < excluded.attempt and m.state in ('leaving', 'left')
        returning m.state into now_state;
    if now_state is null then
        raise exception 'database % is not to leave by attempt %', of_database, by_attempt using errcode = 'object_in_use';
    end if;
    return now_state;
end
$$;

-- The tables that still take writes.
create function orders.unfenced(of_database integer) returns setof regclass
    language sql stable
    begin atomic
        select t from orders.tables_of(of_database) as t
        where not exists (select from pg_trigger g where g.tgrelid = t and g.tgname = 'moving');
    end;

-- Fences one table: waits for the writes under way, and refuses all after them. One table in a transaction, so that this
-- waits for nobody while somebody waits for it.
create function orders.fence(of_table regclass, by_attempt integer) returns void
    language plpgsql
    -- Writers stand behind us: longer than autovacuum takes to step aside, and no longer.
    set lock_timeout = '3s'
as
$$
begin
    perform from orders.database_move m
        where m.database = substr(split_part(of_table::text, '.', 1), 4)::integer and m.attempt = by_attempt
          and m.state = 'leaving' for share;
    if not found then
        raise exception 'another attempt moves %', of_table using errcode = 'object_in_use';
    end if;
    execute format('create or replace trigger moving before insert or update or delete on %s
        for each row execute function orders.refuse_write()', of_table);
end
$$;

-- Takes the fence of one table away.
create function orders.unfence(of_table regclass) returns void
    language plpgsql
    set lock_timeout = '3s'
as
$$
begin
    execute format('drop trigger if exists moving on %s', of_table);
end
$$;

-- Count and sum of the rows of one Y and day whose packet numbers are in (after_id, upto_id].
create function orders.move_sums(of_database integer, on_day integer, y integer, after_id bigint, upto_id bigint,
                                 out row_count bigint, out row_sum numeric)
    language plpgsql stable
    -- The text of a row must be the same in both SETs.
    set timezone = 'UTC' set datestyle = 'ISO, YMD' set bytea_output = 'hex'
as
$$
begin
    execute format('select count(*), coalesce(sum(orders.digest(r.line)), 0) from (
            select ''p'' || k::text as line from %1$I.packet_%2$s_%3$s k where k.id > $1 and k.id <= $2
            union all
            select ''d'' || d::text from %1$I.packet_detail_%2$s_%3$s d where d.id > $1 and d.id <= $2
            union all
            select ''s'' || s::text from %1$I.share_%2$s_%3$s s where s.packet_id > $1 and s.packet_id <= $2) as r',
        'db_' || lpad(of_database::text, 2, '0'), y, to_char(date '2020-01-01' + on_day, 'DD'))
        into row_count, row_sum using after_id, upto_id;
end
$$;

-- The next chunk of one Y and day: up to count_max packets after after_id, the last chunk without an upper end.
create function orders.move_chunk(of_database integer, on_day integer, y integer, after_id bigint, count_max integer,
                                  out upto_id bigint, out row_count bigint, out row_sum numeric)
    language plpgsql stable as
$$
begin
    execute format('select k.id from %I.packet_%s_%s k where k.id > $1 order by k.id offset $2 - 1 limit 1',
        'db_' || lpad(of_database::text, 2, '0'), y, to_char(date '2020-01-01' + on_day, 'DD'))
        into upto_id using after_id, count_max;
    upto_id := coalesce(upto_id, 9223372036854775807);
    select s.row_count, s.row_sum into row_count, row_sum
        from orders.move_sums(of_database, on_day, y, after_id, upto_id) as s;
end
$$;

-- The rows of a chunk, as text that the same table there reads.
create function orders.move_rows(of_database integer, on_day integer, y integer, after_id bigint, upto_id bigint)
    returns table (part text, line text)
    language plpgsql stable
    set timezone = 'UTC' set datestyle = 'ISO, YMD' set bytea_output = 'hex'
as
$$
begin
    return query execute format('select ''packet'', k::text from %1$I.packet_%2$s_%3$s k where k.id > $1 and k.id <= $2
            union all
            select ''packet_detail'', d::text from %1$I.packet_detail_%2$s_%3$s d where d.id > $1 and d.id <= $2
            union all
            select ''share'', s::text from %1$I.share_%2$s_%3$s s where s.packet_id > $1 and s.packet_id <= $2',
        'db_' || lpad(of_database::text, 2, '0'), y, to_char(date '2020-01-01' + on_day, 'DD'))
        using after_id, upto_id;
end
$$;

-- All rows of a database: what both SETs must agree on.
create function orders.database_sums(of_database integer, out day_count bigint, out row_count bigint, out row_sum numeric)
    language plpgsql stable
    set enable_seqscan = on
as
$$
begin
    select count(distinct t.day), coalesce(sum(s.row_count), 0), coalesce(sum(s.row_sum), 0)
        into day_count, row_count, row_sum
        from orders.day_table t, generate_series(0, 9) as y,
             orders.move_sums(of_database, t.day, y, -1, 9223372036854775807) as s
        where t.database = of_database;
end
$$;

-- What belongs to a database beside its tables: how far its days have moved to the cold store, and what is frozen in it. A
-- cold move that was under way begins anew there: what it had seen of the outbox was this SET's.
create function orders.carried(of_database integer) returns jsonb
    language sql stable
    set timezone = 'UTC' set datestyle = 'ISO, YMD'
    return jsonb_build_object(
        'days', (select coalesce(jsonb_agg(jsonb_build_object(
                    'day', m.day, 'step', case m.step when 3 then 3 else 1 end, 'requested', m.requested,
                    'attempt', m.attempt, 'live_count', m.live_count, 'mismatch_count', m.mismatch_count,
                    'packet_count', m.packet_count, 'share_count', m.share_count, 'moved_at', m.moved_at)
                    order by m.day), '[]')
                 from orders.day_move m where m.database = of_database),
        'frozen', (select coalesce(jsonb_agg(jsonb_build_object(
                    'packet_id', f.packet_id, 'reason', f.reason, 'frozen_at', f.frozen_at) order by f.packet_id), '[]')
                   from orders.frozen_packet f where f.packet_id / 10 % 100 = of_database));

-- Lets go of a database if the other SET has exactly its rows. Returns
--   left      it is served here no more
--   unfenced  a table still takes writes
--   differs   the rows are not the same: copy again
create function orders.finish_leaving(of_database integer, by_attempt integer, days bigint, rows_there bigint,
                                      sum_there numeric, carried_there jsonb) returns text
    language plpgsql as
$$
declare
    here record;
begin
    perform from orders.database_move m
        where m.database = of_database and m.attempt = by_attempt and m.state = 'leaving' for update;
    if not found then
        raise exception 'another attempt moves database %', of_database using errcode = 'object_in_use';
    end if;
    if exists (select from orders.unfenced(of_database)) then
        return 'unfenced';
    end if;
    -- Nobody writes any more, so this is what there is.
    select * into here from orders.database_sums(of_database);
    if (here.day_count, here.row_count, here.row_sum) is distinct from (days, rows_there, sum_there)
            or orders.carried(of_database) is distinct from carried_there then
        return 'differs';
    end if;
    update orders.database_move m
        set state = 'left', since = now(),
            outbox_upto = coalesce(
                pg_sequence_last_value(pg_get_serial_sequence('orders.outbox', 'outbox_id')::regclass), 0)
        where m.database = of_database;
    return 'left';
end
$$;

-- Whether every event of a database that has left is relayed.
create function orders.all_told(of_database integer) returns boolean
    language sql stable
    return not exists (select from orders.database_move m join orders.outbox o on o.outbox_id <= m.outbox_upto
                       where m.database = of_database);

-- Drops one day's tables of a database that has left. False if there is none.
create function orders.drop_left(of_database integer) returns boolean
    language plpgsql
    set lock_timeout = '3s'
as
$$
declare
    db text := 'db_' || lpad(of_database::text, 2, '0');
    dd text;
    held_day integer;
begin
    perform from orders.database_move m where m.database = of_database and m.state = 'left' for update;
    if not found then
        raise exception 'database % has not left', of_database using errcode = 'object_in_use';
    end if;
    select t.day into held_day from orders.day_table t where t.database = of_database order by t.day limit 1;
    if held_day is null then
        set local hongbao.moves = 'on';
        delete from orders.day_move m where m.database = of_database;
        delete from orders.frozen_packet f where f.packet_id / 10 % 100 = of_database;
        return false;
    end if;
    dd := to_char(date '2020-01-01' + held_day, 'DD');
    for y in 0..9 loop
        execute format('drop table if exists %1$I.packet_%2$s_%3$s, %1$I.packet_detail_%2$s_%3$s, %1$I.share_%2$s_%3$s',
            db, y, dd);
    end loop;
    delete from orders.day_table t where t.database = of_database and t.day = held_day;
    return true;
end
$$;

-- Gives a move up before the database has left: call unfence for every table first.
create function orders.stay(of_database integer, by_attempt integer) returns void
    language plpgsql as
$$
begin
    if (select count(*) from orders.unfenced(of_database)) <> (select count(*) from orders.tables_of(of_database)) then
        raise exception 'database % has fenced tables', of_database using errcode = 'object_in_use';
    end if;
    delete from orders.database_move m
        where m.database = of_database and m.attempt <= by_attempt and m.state = 'leaving';
    if not found then
        raise exception 'database % is not leaving', of_database using errcode = 'object_in_use';
    end if;
end
$$;

-- ---- there ----

-- Begins to arrive, or goes on with it. Returns the state: arriving, or arrived if that is done. Refuses a database of which
-- there are orders here.
create function orders.begin_arriving(of_database integer, by_attempt integer) returns text
    language plpgsql as
$$
declare
    held orders.database_move;
begin
    select * into held from orders.database_move m where m.database = of_database for update;
    if (held.state is null or held.state = 'left') and exists (
            select from orders.day_table t where t.database = of_database) then
        raise exception 'database % has tables here', of_database using errcode = 'object_in_use';
    end if;
    if held.state = 'leaving' or held.attempt >= by_attempt then
        raise exception 'database % is not to arrive by attempt %', of_database, by_attempt using errcode = 'object_in_use';
    end if;
    insert into orders.database_move as m (database, state, attempt) values (of_database, 'arriving', by_attempt)
        on conflict (database) do update
            set attempt = excluded.attempt, outbox_upto = null,
                state = case m.state when 'arrived' then 'arrived' else 'arriving' end;
    return case held.state when 'arrived' then 'arrived' else 'arriving' end;
end
$$;

-- Keeps a newer attempt from beginning until this transaction ends; fails if one has begun.
create function orders.hold_arriving(of_database integer, by_attempt integer) returns void
    language plpgsql as
$$
begin
    perform from orders.database_move m
        where m.database = of_database and m.attempt = by_attempt and m.state = 'arriving' for share;
    if not found then
        raise exception 'another attempt moves database %', of_database using errcode = 'object_in_use';
    end if;
    set local hongbao.moves = 'on';
end
$$;

-- Makes the tables of a day that is to arrive.
create function orders.arrive_day(of_database integer, on_day integer, by_attempt integer) returns void
    language plpgsql as
$$
begin
    perform orders.hold_arriving(of_database, by_attempt);
    perform orders.make_day(array[of_database], date '2020-01-01' + on_day);
end
$$;

-- Stores the rows of a chunk in place of what is there of it.
create function orders.put_rows(of_database integer, on_day integer, y integer, after_id bigint, upto_id bigint,
                                by_attempt integer, parts text[], lines text[]) returns void
    language plpgsql
    set timezone = 'UTC' set datestyle = 'ISO, YMD'
as
$$
declare
    db constant text := 'db_' || lpad(of_database::text, 2, '0');
    dd constant text := to_char(date '2020-01-01' + on_day, 'DD');
    name text;
begin
    perform orders.hold_arriving(of_database, by_attempt);
    foreach name in array array['packet', 'packet_detail', 'share'] loop
        execute format('delete from %I.%s_%s_%s r where r.%s > $1 and r.%5$s <= $2', db, name, y, dd,
            case name when 'share' then 'packet_id' else 'id' end) using after_id, upto_id;
        -- The offset keeps each line from being read once for every column.
        execute format('insert into %1$I.%2$s_%3$s_%4$s select (r.line).* from (
                select l.line::%1$I.%2$s_%3$s_%4$s as line from unnest($1, $2) as l(part, line)
                where l.part = $3 offset 0) as r', db, name, y, dd) using parts, lines, name;
    end loop;
end
$$;

-- Stores what belongs to a database beside its tables.
create function orders.put_carried(of_database integer, by_attempt integer, what jsonb) returns void
    language plpgsql as
$$
begin
    perform orders.hold_arriving(of_database, by_attempt);
    delete from orders.day_move m where m.database = of_database;
    insert into orders.day_move (database, day, step, requested, attempt, live_count, mismatch_count, packet_count,
                                 share_count, moved_at)
        select of_database, d.day, d.step, d.requested, d.attempt, d.live_count, d.mismatch_count, d.packet_count,
               d.share_count, d.moved_at
        from jsonb_to_recordset(what -> 'days') as d(day integer, step smallint, requested boolean, attempt integer,
            live_count integer, mismatch_count integer, packet_count bigint, share_count bigint, moved_at timestamptz);
    delete from orders.frozen_packet f where f.packet_id / 10 % 100 = of_database;
    insert into orders.frozen_packet (packet_id, reason, frozen_at)
        select f.packet_id, f.reason, f.frozen_at
        from jsonb_to_recordset(what -> 'frozen') as f(packet_id bigint, reason text, frozen_at timestamptz);
end
$$;

-- It is served here, once the pods are told. Only after the other SET has let go of it.
create function orders.finish_arriving(of_database integer, by_attempt integer) returns void
    language plpgsql as
$$
begin
    update orders.database_move m set state = 'arrived', since = now()
        where m.database = of_database and m.attempt = by_attempt and m.state in ('arriving', 'arrived');
    if not found then
        raise exception 'another attempt moves database %', of_database using errcode = 'object_in_use';
    end if;
end
$$;

-- Its days may move to the cold store again: what it had to tell from its old place is told.
create function orders.settle_in(of_database integer, by_attempt integer) returns void
    language sql
    begin atomic
        delete from orders.database_move m
            where m.database = of_database and m.attempt <= by_attempt and m.state = 'arrived';
    end;

-- Throws away what has arrived of a move that is given up: what is here counts as left, and drop_left drops it.
create function orders.send_back(of_database integer, by_attempt integer) returns void
    language sql
    begin atomic
        update orders.database_move m set state = 'left', attempt = by_attempt
            where m.database = of_database and m.attempt <= by_attempt and m.state = 'arriving';
    end;
