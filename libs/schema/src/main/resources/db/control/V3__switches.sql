-- What operators change while everything runs. Every pod of the region reads both tables once a second and keeps the last
-- state while this database is away. The functions below are the only way in: change and audit entry are one transaction.

-- What can be turned down, mildest first. A row for each switch is always there, so that this table explains itself.
create table switch (
    name       text        primary key,
    -- The order to pull them in when there is too much load; they are cleared the other way round.
    position   smallint    not null unique,
    effect     text        not null,
    -- Regular expression of every value but 'normal'.
    allowed    text        not null,
    value      text        not null default 'normal',
    reason     text        not null default '' check (length(reason) <= 500),
    changed_by text        not null default '',
    changed_at timestamptz not null default now(),
    check (value = 'normal' or value ~ ('^(' || allowed || ')$'))
);

insert into switch (name, position, effect, allowed) values
    ('new-orders', 1, 'off: this region refuses new orders, and clients that know another region go there', 'off'),
    ('lists', 2, 'off: lists and yearly totals of users are refused', 'off'),
    ('settlement-pause-ms', 3, 'wallet-bridge pauses this long after each batch of events, so that credits come later and in larger batches, 1 to 60000', '[1-9][0-9]{0,3}|[1-5][0-9]{4}|60000'),
    ('grabs-per-second', 4, 'each grab-svc pod answers so many grabs a second and refuses the others as overloaded, 0 to 999999', '0|[1-9][0-9]{0,5}');

-- What gets no new orders. Everything else about it goes on.
create table suffix_mask (
    -- A SET's name, or logical databases as in a SET's range: 07 or 00-04,07.
    target     text        primary key check (target ~ '^[A-Za-z0-9][A-Za-z0-9_.,-]{0,99}$'),
    -- Meant for good, until nothing is open there any more; a mask is meant to be taken away.
    draining   boolean     not null,
    reason     text        not null check (length(reason) <= 500),
    changed_by text        not null,
    changed_at timestamptz not null default now()
);

-- Sets a switch; 'normal' clears it. Returns the value before.
create function switch_set(actor text, switch_name text, new_value text, why text) returns text
language plpgsql volatile security definer set search_path from current as $$
declare
    before text;
begin
    select value into before from switch where name = switch_name for update;
    if not found then
        raise exception 'there is no switch %', switch_name using errcode = 'invalid_parameter_value';
    end if;
    update switch set value = new_value, reason = why, changed_by = actor, changed_at = now() where name = switch_name;
    perform audit(actor, case new_value when 'normal' then 'switch.clear' else 'switch.set' end, switch_name,
                  jsonb_build_object('from', before, 'to', new_value, 'reason', why, 'login', session_user));
    return before;
end
$$;

-- Masks or drains a SET or a list of logical databases; a second call changes the first one's kind and reason.
create function mask_set(actor text, what text, drain boolean, why text) returns void
language plpgsql volatile security definer set search_path from current as $$
begin
    insert into suffix_mask (target, draining, reason, changed_by) values (what, drain, why, actor)
    on conflict (target) do update
        set draining = excluded.draining, reason = excluded.reason, changed_by = excluded.changed_by, changed_at = now();
    perform audit(actor, case when drain then 'set.drain' else 'set.mask' end, what,
                  jsonb_build_object('reason', why, 'login', session_user));
end
$$;

-- Takes a mask away. Returns whether there was one; if not, nothing happened, and nothing is audited.
create function mask_clear(actor text, what text, why text) returns boolean
language plpgsql volatile security definer set search_path from current as $$
begin
    delete from suffix_mask where target = what;
    if not found then
        return false;
    end if;
    perform audit(actor, 'set.unmask', what, jsonb_build_object('reason', why, 'login', session_user));
    return true;
end
$$;

-- Three roles to give to logins, each with no more than it needs. They belong to the server, not to this database, so
-- another database may have made them; a migration user who may not make roles leaves that to an administrator.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['hongbao_service', 'hongbao_auditor', 'hongbao_operator'] loop
        begin
            if not exists (select from pg_roles where rolname = wanted) then
                execute format('create role %I nologin', wanted);
            end if;
        exception
            when duplicate_object or unique_violation then null;
            when insufficient_privilege then raise warning 'role % is not made: no right to', wanted;
        end;
    end loop;
end
$$;

-- Gives the roles their rights. Call it again after roles were made by hand.
create function control_grant() returns void language plpgsql as $$
begin
    -- Pods: read what operators set, take blocks of order numbers.
    if exists (select from pg_roles where rolname = 'hongbao_service') then
        grant select on switch, suffix_mask to hongbao_service;
        grant select, insert, update on order_number_block to hongbao_service;
    end if;
    -- Pods that only add to the audit chain: no table can be read or written.
    if exists (select from pg_roles where rolname = 'hongbao_auditor') then
        grant execute on function audit(text, text, text, jsonb) to hongbao_auditor;
    end if;
    -- People: change switches and masks, and read everything.
    if exists (select from pg_roles where rolname = 'hongbao_operator') then
        grant select on switch, suffix_mask, order_number_block, audit_entry to hongbao_operator;
        grant execute on function switch_set(text, text, text, text), mask_set(text, text, boolean, text),
            mask_clear(text, text, text) to hongbao_operator;
    end if;
end
$$;

revoke all on switch, suffix_mask from public;
revoke all on function switch_set(text, text, text, text), mask_set(text, text, boolean, text),
    mask_clear(text, text, text), control_grant() from public;
select control_grant();
