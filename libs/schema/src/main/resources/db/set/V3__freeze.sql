-- A packet that cannot be explained gives out no money: state 6. What decides it is the packet's row. Its version moves on,
-- so whatever a pod remembers misses its guard and reads the row again; and neither the expiry nor an open looks for state 6.

-- The packets that are frozen now.
create table orders.frozen_packet (
    packet_id bigint      not null primary key,
    reason    text        not null,
    frozen_at timestamptz not null default now()
);

-- Changes the state of a packet from one to the other. Returns done, not open, or no packet.
create function orders.change_frozen(of_packet bigint, from_state integer, to_state integer) returns text
    language plpgsql as
$$
declare
    dd    constant text := to_char(date '2020-01-01' + orders.day_of(of_packet), 'DD');
    found_state integer;
begin
    if not exists (select 1 from orders.day_table t
            where t.database = of_packet / 10 % 100 and t.day = orders.day_of(of_packet)) then
        return 'no packet';
    end if;
    execute format('update orders.packet_%s k set state = $3, version = k.version + 1
        where k.id = $1 and k.id %% 1000 = $1 %% 1000 and k.state = $2 returning k.state', dd)
        into found_state using of_packet, from_state, to_state;
    if found_state is not null then
        return 'done';
    end if;
    execute format('select k.state from orders.packet_%s k where k.id = $1 and k.id %% 1000 = $1 %% 1000', dd)
        into found_state using of_packet;
    return case when found_state is null then 'no packet' when found_state = to_state then 'done before' else 'not open' end;
end
$$;

-- An open packet is frozen. Returns done, done before, not open, or no packet.
create function orders.freeze(of_packet bigint, why text) returns text
    language plpgsql as
$$
declare
    outcome constant text := orders.change_frozen(of_packet, 2, 6);
begin
    if outcome = 'done' then
        insert into orders.frozen_packet (packet_id, reason) values (of_packet, why);
    end if;
    return outcome;
end
$$;

-- A frozen packet goes on where it stood. The same outcomes.
create function orders.unfreeze(of_packet bigint) returns text
    language plpgsql as
$$
declare
    outcome constant text := orders.change_frozen(of_packet, 6, 2);
begin
    if outcome = 'done' then
        delete from orders.frozen_packet f where f.packet_id = of_packet;
    end if;
    return outcome;
end
$$;

-- As before, but a day waits for its frozen packets too.
create or replace function orders.begin_move(of_database integer, on_day integer, after_days integer, attempt_min integer,
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
    -- A frozen packet may be unfrozen, and then it is opened or expires.
    select count(*) into some_count from orders.frozen_packet f
        where f.packet_id / 10 % 100 = of_database and orders.day_of(f.packet_id) = on_day;
    held.live_count := held.live_count + some_count;
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
