-- The order store of one SET: a PostgreSQL database that holds the logical databases db_XX of the SET.
--
--   orders.packet_DD, orders.packet_detail_DD, orders.share_DD     one parent for each circular day, DD = 01 … 31
--   db_XX.packet_Y_DD, db_XX.packet_detail_Y_DD, db_XX.share_Y_DD  its leaves, one for each suffix XXY
--
-- The leaf of an order follows from its number: XXY are its last three digits, DD the day of the month of its day.
-- Statements about one order name the leaf; statements about a batch name the parent of their day, and the server
-- finds the leaves by (id % 1000). A day's leaves come and go as a unit.

create schema orders;

-- What the business flow tells the others. One row for each committed batch; a relay sends rows to Kafka and deletes
-- them. payload is a serialised hongbao.v1.OrderEventBatch without occurred_at, which is created_at.
create table orders.outbox (
    outbox_id   bigint generated always as identity primary key,
    event_count integer     not null check (event_count >= 1),
    payload     bytea       not null,
    created_at  timestamptz not null default now()
);
-- Events do not compress well enough to pay for the time.
alter table orders.outbox alter column payload set storage external;

-- Which day each set of day tables holds: the proof that a circular day is not reused over another one's orders.
create table orders.day_table (
    database    smallint not null check (database between 0 and 99),
    day_of_month smallint not null check (day_of_month between 1 and 31),
    -- Days since 2020-01-01, as in the order number.
    day         integer  not null check (day between 0 and 9999),
    primary key (database, day_of_month)
);

-- The day in an order number.
create function orders.day_of(packet_id bigint) returns integer
    language sql immutable parallel safe
    return ((packet_id / 100000000000000) % 10000)::integer;

-- Makes the tables of one day for some logical databases. Idempotent. Refuses to touch tables that hold another day's
-- orders: those have to be moved away first. Returns the number of logical databases that got new tables.
create function orders.make_day(databases integer[], on_date date) returns integer
    language plpgsql as
$$
declare
    dd      constant text := to_char(on_date, 'DD');
    day_no  constant integer := on_date - date '2020-01-01';
    made    integer := 0;
    held    integer;
    xx      integer;
    db      text;
    suffix  integer;
begin
    -- One maker at a time: several pods run the job. The number is arbitrary, and this program's own.
    perform pg_advisory_xact_lock(7205759403792793);
    -- A parent has no keys: the leaves have them, since the partition key is an expression.
    if to_regclass(format('orders.packet_%s', dd)) is null then
        execute format('create table orders.packet_%s (
                id            bigint   not null,
                version       bigint   not null,
                paid_fen      bigint   not null,
                surplus_fen   bigint   not null,
                refund_fen    bigint   not null,
                due_at        timestamptz not null,
                surplus_count integer  not null,
                state         smallint not null,
                -- Conservation (nothing is opened, left or refunded that was not paid) and a fen for everyone left.
                -- One short expression: the server parses it again for each leaf of each batch.
                constraint conserved check (surplus_count >= 0 and surplus_fen >= surplus_count
                                            and refund_fen >= 0 and surplus_fen + refund_fen <= paid_fen)
            ) partition by list ((id %% 1000))', dd);
        execute format('create table orders.packet_detail_%s (
                id                bigint   not null,
                total_fen         bigint   not null,
                share_max_fen     bigint   not null,
                time_to_live_ms   bigint   not null,
                created_at        timestamptz not null default now(),
                share_count       integer  not null,
                kind              smallint not null,
                seed              bytea    not null,
                sender_id         text     collate "C" not null,
                group_id          text     collate "C" not null,
                exclusive_user_id text     collate "C" not null,
                city_code         text     collate "C" not null,
                greeting          text     not null,
                constraint a_fen_for_each check (share_count >= 1 and total_fen >= share_count),
                constraint within_share_max check (total_fen <= share_max_fen * share_count),
                constraint lives check (time_to_live_ms >= 1),
                constraint known_kind check (kind between 1 and 3),
                constraint seed_length check (octet_length(seed) = 32)
            ) partition by list ((id %% 1000))', dd);
        execute format('create table orders.share_%s (
                packet_id  bigint   not null,
                amount_fen bigint   not null,
                opened_at  timestamptz not null default now(),
                sequence   integer  not null,
                state      smallint not null default 1,
                user_id    text     collate "C" not null,
                constraint at_least_a_fen check (amount_fen >= 1)
            ) partition by list ((packet_id %% 1000))', dd);
    end if;

    foreach xx in array databases loop
        db := 'db_' || lpad(xx::text, 2, '0');
        select d.day into held from orders.day_table d
            where d.database = xx and d.day_of_month = extract(day from on_date);
        if held = day_no then
            continue;
        end if;
        if held is not null then
            raise exception 'tables of day of month % in % hold day %, not %', dd, db, held, day_no
                using errcode = 'object_in_use', hint = 'Move that day to the cold store first.';
        end if;
        execute format('create schema if not exists %I', db);
        for y in 0..9 loop
            suffix := xx * 10 + y;
            -- Half-empty pages keep the many updates of a packet on its page, with no new index entry.
            execute format('create table %I.packet_%s_%s (like orders.packet_%s including all, primary key (id))
                with (fillfactor = 50)', db, y, dd, dd);
            -- What is due next: payments for orders that wait, expiry for packets that are open.
            execute format('create index packet_%s_%s_due on %I.packet_%s_%s (due_at) where state in (1, 2)',
                y, dd, db, y, dd);
            execute format('create table %I.packet_detail_%s_%s (like orders.packet_detail_%s including all,
                primary key (id))', db, y, dd, dd);
            -- Room for the one update that marks a share settled.
            execute format('create table %I.share_%s_%s (like orders.share_%s including all,
                primary key (packet_id, user_id)) with (fillfactor = 85)', db, y, dd, dd);
            execute format('alter table orders.packet_%s attach partition %I.packet_%s_%s for values in (%s)',
                dd, db, y, dd, suffix);
            execute format('alter table orders.packet_detail_%s attach partition %I.packet_detail_%s_%s
                for values in (%s)', dd, db, y, dd, suffix);
            execute format('alter table orders.share_%s attach partition %I.share_%s_%s for values in (%s)',
                dd, db, y, dd, suffix);
        end loop;
        insert into orders.day_table (database, day_of_month, day)
            values (xx, extract(day from on_date), day_no);
        made := made + 1;
    end loop;
    return made;
end
$$;
