-- The cold store of one region: the rows of days that have left the SETs. They are final: written by a move, then only
-- read. A packet's day follows from its number, and so does its partition here: the numbers of a region and day are one
-- range. Nothing here is updated, so pages are full and there is one index a table.

create schema cold;

-- A packet with its detail, as in the SET.
create table cold.packet (
    id                bigint      not null primary key,
    version           bigint      not null,
    paid_fen          bigint      not null,
    surplus_fen       bigint      not null,
    refund_fen        bigint      not null,
    due_at            timestamptz not null,
    surplus_count     integer     not null,
    state             smallint    not null,
    total_fen         bigint      not null,
    share_max_fen     bigint      not null,
    time_to_live_ms   bigint      not null,
    created_at        timestamptz not null,
    share_count       integer     not null,
    kind              smallint    not null,
    seed              bytea       not null,
    sender_id         text        collate "C" not null,
    group_id          text        collate "C" not null,
    exclusive_user_id text        collate "C" not null,
    city_code         text        collate "C" not null,
    greeting          text        not null,
    -- Finished, expired or closed.
    constraint final check (state between 3 and 5)
) partition by range (id);
-- What is moved together lies together: a few pages tell where a logical database's rows are.
create index packet_of_database on cold.packet using brin (((id / 10) % 100)) with (pages_per_range = 16);

create table cold.share (
    packet_id  bigint      not null,
    amount_fen bigint      not null,
    opened_at  timestamptz not null,
    sequence   integer     not null,
    state      smallint    not null,
    user_id    text        collate "C" not null,
    primary key (packet_id, user_id),
    constraint settled check (state = 2)
) partition by range (packet_id);
create index share_of_database on cold.share using brin (((packet_id / 10) % 100)) with (pages_per_range = 16);

-- What has arrived: each logical database's day.
create table cold.day (
    database     smallint not null check (database between 0 and 99),
    day          integer  not null check (day between 0 and 9999),
    -- The newest attempt to move it. Rows of an older one are refused: its mover slept while another one finished.
    attempt      integer  not null,
    -- Counts and sums of the rows as they were read back, once all were there.
    packet_count bigint,
    packet_sum   numeric,
    share_count  bigint,
    share_sum    numeric,
    sealed_at    timestamptz,
    primary key (database, day)
);

-- As in the SETs.
create function cold.digest(line text) returns bigint
    language sql immutable parallel safe
    return ('x' || encode(substring(sha256(convert_to(line, 'UTF8')) for 7), 'hex'))::bit(56)::bigint;

-- Lets an attempt in and makes the partitions of its day. False: a newer one is at work, or done.
create function cold.begin(of_region integer, of_database integer, on_day integer, by_attempt integer) returns boolean
    language plpgsql as
$$
declare
    low  constant bigint := of_region * 1000000000000000000 + on_day * 100000000000000;
    high constant bigint := low + 100000000000000;
    name constant text := of_region || '_' || lpad(on_day::text, 4, '0');
begin
    -- One maker of partitions at a time. The number is arbitrary, and this program's own.
    perform pg_advisory_xact_lock(7205759403792794);
    if to_regclass(format('cold.packet_%s', name)) is null then
        execute format('create table cold.packet_%s partition of cold.packet for values from (%s) to (%s)', name, low, high);
        execute format('create table cold.share_%s partition of cold.share for values from (%s) to (%s)', name, low, high);
    end if;
    insert into cold.day as d (database, day, attempt) values (of_database, on_day, by_attempt)
        on conflict (database, day) do update
            set attempt = excluded.attempt, packet_count = null, packet_sum = null, share_count = null,
                share_sum = null, sealed_at = null
            where d.attempt < excluded.attempt;
    return found;
end
$$;

-- Keeps a newer attempt from beginning until this transaction ends; fails if one has begun.
create function cold.hold(of_database integer, on_day integer, by_attempt integer) returns void
    language plpgsql as
$$
begin
    perform 1 from cold.day d
        where d.database = of_database and d.day = on_day and d.attempt = by_attempt for share;
    if not found then
        raise exception 'another attempt moves day % of database %', on_day, of_database using errcode = 'object_in_use';
    end if;
end
$$;

-- Stores a chunk of packets, in place of what an earlier attempt left of them.
create function cold.put_packets(of_database integer, on_day integer, by_attempt integer, ids bigint[], lines text[])
    returns void
    language plpgsql as
$$
begin
    perform cold.hold(of_database, on_day, by_attempt);
    delete from cold.packet p where p.id = any (ids);
    -- The offset keeps each line from being read once for every column.
    insert into cold.packet select (r.packet).* from (select l::cold.packet as packet from unnest(lines) as l offset 0) as r;
end
$$;

-- The same for shares. keys: packet and user of each line.
create function cold.put_shares(of_database integer, on_day integer, by_attempt integer, packet_ids bigint[],
                                user_ids text[], lines text[]) returns void
    language plpgsql as
$$
begin
    perform cold.hold(of_database, on_day, by_attempt);
    delete from cold.share s using unnest(packet_ids, user_ids) as l(packet_id, user_id)
        where s.packet_id = l.packet_id and s.user_id = l.user_id;
    insert into cold.share select (r.share).* from (select l::cold.share as share from unnest(lines) as l offset 0) as r;
end
$$;

-- Reads back what has arrived of a logical database's day.
create function cold.sums(of_region integer, of_database integer, on_day integer,
                          out packet_count bigint, out packet_sum numeric, out share_count bigint, out share_sum numeric)
    language plpgsql stable
    -- The text of a row must be the same as in the SET.
    set timezone = 'UTC' set datestyle = 'ISO, YMD' set bytea_output = 'hex'
as
$$
declare
    low  constant bigint := of_region * 1000000000000000000 + on_day * 100000000000000;
    high constant bigint := low + 100000000000000;
begin
    select count(*), coalesce(sum(cold.digest(p::text)), 0) into packet_count, packet_sum
        from cold.packet p where p.id >= low and p.id < high and (p.id / 10) % 100 = of_database;
    select count(*), coalesce(sum(cold.digest(s::text)), 0) into share_count, share_sum
        from cold.share s where s.packet_id >= low and s.packet_id < high and (s.packet_id / 10) % 100 = of_database;
end
$$;

-- Reads back what has arrived and notes it, for finish_move in the SET and for later checks.
create function cold.seal(of_region integer, of_database integer, on_day integer, by_attempt integer,
                          out packet_count bigint, out packet_sum numeric, out share_count bigint, out share_sum numeric)
    language plpgsql as
$$
begin
    perform cold.hold(of_database, on_day, by_attempt);
    select s.* into packet_count, packet_sum, share_count, share_sum
        from cold.sums(of_region, of_database, on_day) as s;
    update cold.day d
        set packet_count = seal.packet_count, packet_sum = seal.packet_sum, share_count = seal.share_count,
            share_sum = seal.share_sum, sealed_at = now()
        where d.database = of_database and d.day = on_day;
end
$$;
