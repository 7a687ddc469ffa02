-- SETs that join while everything runs, and logical databases that were moved. The configuration's SETs are not here: every
-- pod knows them before it asks. What is here comes on top, for all pods of the region within a second or two.

create table order_set (
    name     text        primary key check (name ~ '^[a-z][a-z0-9-]{0,39}$' and name <> 'cold'),
    -- Of one host or several; user and password are the configuration's, see login_of.
    url      text        not null check (url ~ '^postgresql://[^@/?]+/[^@?]+$'),
    -- A SET of the configuration: its user, password and limits are used here too.
    login_of text        not null check (login_of <> name),
    reason   text        not null check (length(reason) <= 500),
    added_by text        not null,
    added_at timestamptz not null default now()
);

-- What the SETs above serve. The primary key lets no two of them claim one database; a pod refuses a SET that claims one of
-- the configuration's.
create table order_set_database (
    database smallint primary key check (database between 0 and 99),
    set_name text     not null references order_set,
    -- Whether it gets new orders. Not before every pod serves it.
    active   boolean  not null default false
);

-- Logical databases that are, or were, moved from one SET to another. A row stays for ever: the numbers of the orders do not
-- tell that it moved.
create table database_move (
    database   smallint    primary key check (database between 0 and 99),
    -- Who serves it; null: as if it had never moved.
    served_by  text,
    -- Where it is on the way to. It gets no new orders until the move has ended.
    moves_to   text,
    moves_from text        not null,
    -- Whoever goes on with a move gets the next number, and an older one is refused here and in both SETs.
    attempt    integer     not null default 1,
    begun_at   timestamptz not null default now(),
    -- Null while it moves.
    ended_at   timestamptz,
    reason     text        not null check (length(reason) <= 500),
    begun_by   text        not null
);

-- The databases in a list such as 00-04,07.
create function suffix_range(written text) returns setof smallint
language plpgsql immutable as $$
begin
    if written !~ '^[0-9]{1,2}(-[0-9]{1,2})?(,[0-9]{1,2}(-[0-9]{1,2})?)*$' then
        raise exception 'not a list of databases such as 00-04,07: %', written using errcode = 'invalid_parameter_value';
    end if;
    return query
        select generate_series(split_part(part, '-', 1)::int,
                               coalesce(nullif(split_part(part, '-', 2), ''), part)::int)::smallint
        from regexp_split_to_table(written, ',') as part;
end
$$;

-- Tells all pods of a SET. It gets no new orders yet: see set_activate. Fails if another added SET claims one of the
-- databases. A SET that is there with the same databases gets the address and login given here.
create function set_add(actor text, set_name text, set_url text, set_login_of text, written_range text, why text)
returns void
language plpgsql volatile security definer set search_path from current as $$
declare
    wanted smallint[] := array(select d from suffix_range(written_range) as d order by d);
    held   smallint[] := array(select d.database from order_set_database d where d.set_name = set_add.set_name order by 1);
begin
    if cardinality(held) > 0 and held <> wanted then
        raise exception 'SET % is there, with other databases', set_name using errcode = 'invalid_parameter_value';
    end if;
    if exists (select from database_move m where m.database = any (wanted)) and cardinality(held) = 0 then
        raise exception 'one of these databases was moved: it holds orders' using errcode = 'invalid_parameter_value';
    end if;
    insert into order_set (name, url, login_of, reason, added_by) values (set_name, set_url, set_login_of, why, actor)
    on conflict (name) do update set url = excluded.url, login_of = excluded.login_of;
    insert into order_set_database (database, set_name)
        select d, set_add.set_name from unnest(wanted) as d where cardinality(held) = 0;
    perform audit(actor, 'set.add', set_name,
                  jsonb_build_object('url', set_url, 'range', written_range, 'reason', why, 'login', session_user));
end
$$;

-- Which databases of an added SET get new orders: a list, or none.
create function set_activate(actor text, set_name text, written_range text, why text) returns void
language plpgsql volatile security definer set search_path from current as $$
declare
    wanted smallint[] := case written_range when 'none' then '{}' else array(select suffix_range(written_range)) end;
begin
    if (select count(*) from order_set_database d where d.set_name = set_activate.set_name and d.database = any (wanted))
            <> cardinality(wanted) then
        raise exception 'SET % was not added with all of %', set_name, written_range
            using errcode = 'invalid_parameter_value';
    end if;
    update order_set_database d set active = d.database = any (wanted) where d.set_name = set_activate.set_name;
    perform audit(actor, 'set.activate', set_name,
                  jsonb_build_object('active', written_range, 'reason', why, 'login', session_user));
end
$$;

-- Begins a move, or goes on with one. from_set must be who serves the database; the caller knows, if it never moved.
-- Returns the number of the attempt.
create function database_move_begin(actor text, of_database integer, from_set text, to_set text, why text)
returns integer
language plpgsql volatile security definer set search_path from current as $$
declare
    held database_move;
begin
    if from_set = to_set then
        raise exception 'database % is in % already', of_database, to_set using errcode = 'invalid_parameter_value';
    end if;
    insert into database_move (database, moves_to, moves_from, attempt, reason, begun_by)
        values (of_database, to_set, from_set, 0, why, actor) on conflict do nothing;
    select * into held from database_move m where m.database = of_database for update;
    if held.ended_at is null and (held.moves_to, held.moves_from) <> (to_set, from_set) then
        raise exception 'database % is on its way from % to %', of_database, held.moves_from, held.moves_to
            using errcode = 'invalid_parameter_value';
    end if;
    if held.ended_at is not null and held.served_by <> from_set then
        raise exception 'database % is served by %', of_database, held.served_by using errcode = 'invalid_parameter_value';
    end if;
    update database_move m
        set moves_to = to_set, moves_from = from_set, attempt = held.attempt + 1, ended_at = null, reason = why,
            begun_by = actor, begun_at = case when held.ended_at is null then held.begun_at else now() end
        where m.database = of_database;
    perform audit(actor, 'database.move', lpad(of_database::text, 2, '0'),
                  jsonb_build_object('from', from_set, 'to', to_set, 'attempt', held.attempt + 1, 'reason', why,
                                     'login', session_user));
    return held.attempt + 1;
end
$$;

-- From here on it is served by where it moves to. Only after the old place has let go of it: it refuses everybody by then.
create function database_move_switch(actor text, of_database integer, by_attempt integer) returns void
language plpgsql volatile security definer set search_path from current as $$
declare
    place text;
begin
    update database_move m set served_by = m.moves_to
        where m.database = of_database and m.attempt = by_attempt and m.ended_at is null
        returning m.served_by into place;
    if not found then
        raise exception 'another attempt moves database %', of_database using errcode = 'object_in_use';
    end if;
    perform audit(actor, 'database.switch', lpad(of_database::text, 2, '0'),
                  jsonb_build_object('to', place, 'attempt', by_attempt, 'login', session_user));
end
$$;

-- The move has ended, or was given up before the switch; new orders go there again.
create function database_move_end(actor text, of_database integer, by_attempt integer) returns void
language plpgsql volatile security definer set search_path from current as $$
declare
    ended database_move;
begin
    update database_move m
        set ended_at = now(), moves_to = null, served_by = coalesce(m.served_by, m.moves_from)
        where m.database = of_database and m.attempt = by_attempt and m.ended_at is null
        returning * into ended;
    if not found then
        raise exception 'another attempt moves database %', of_database using errcode = 'object_in_use';
    end if;
    perform audit(actor, 'database.moved', lpad(of_database::text, 2, '0'),
                  jsonb_build_object('served_by', ended.served_by, 'attempt', by_attempt, 'login', session_user));
end
$$;

-- As in V3: rights for the roles, if they are there.
do $$
begin
    if exists (select from pg_roles where rolname = 'hongbao_service') then
        grant select on order_set, order_set_database, database_move to hongbao_service;
    end if;
    if exists (select from pg_roles where rolname = 'hongbao_operator') then
        grant select on order_set, order_set_database, database_move to hongbao_operator;
        grant execute on function set_add(text, text, text, text, text, text), set_activate(text, text, text, text),
            database_move_begin(text, integer, text, text, text), database_move_switch(text, integer, integer),
            database_move_end(text, integer, integer) to hongbao_operator;
    end if;
end
$$;

revoke all on order_set, order_set_database, database_move from public;
revoke all on function set_add(text, text, text, text, text, text), set_activate(text, text, text, text),
    database_move_begin(text, integer, text, text, text), database_move_switch(text, integer, integer),
    database_move_end(text, integer, integer) from public;
