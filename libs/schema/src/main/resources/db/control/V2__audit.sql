-- Who changed what. Every row carries the hash of the row before it, so a row that was altered, taken out or put in
-- between breaks the chain at its place. That the newest rows were cut off shows only to somebody who has noted an
-- earlier head elsewhere: note sequence and hash of the last row outside this database from time to time.
create table audit_entry (
    -- 1, 2, 3, … without a gap: unlike a sequence object, nothing is lost when a transaction is taken back.
    sequence      bigint      primary key check (sequence >= 1),
    at            timestamptz not null,
    -- A person or a service, as the one who calls names itself.
    actor         text        not null check (length(actor) between 1 and 200),
    -- What was done, for instance set.mask.
    action        text        not null check (length(action) between 1 and 100),
    -- What it was done to, for instance set-a.
    subject       text        not null check (length(subject) between 1 and 200),
    details       jsonb       not null,
    previous_hash bytea       not null check (length(previous_hash) = 32),
    hash          bytea       not null check (length(hash) = 32)
);

-- SHA-256 over the hash before and the content as a JSON array, which no choice of texts can make ambiguous.
create function audit_hash(
    previous_hash bytea, sequence bigint, at timestamptz, actor text, action text, subject text, details jsonb
) returns bytea language sql stable as $$
    select sha256(previous_hash || convert_to(
        jsonb_build_array(
            sequence, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor, action, subject, details
        )::text, 'UTF8'))
$$;

-- The only way in. Call it in the transaction of the change it tells of: both are there, or neither.
-- The lock ends with the transaction, so that the next caller reads a row that is committed. Should it ever fail to
-- serialise, the primary key refuses the second row of the same number: the chain has no forks.
create function audit(actor text, action text, subject text, details jsonb) returns bigint
language plpgsql volatile security definer set search_path from current as $$
declare
    last audit_entry;
    next_sequence bigint;
    previous bytea;
    -- The time at which it was this call's turn, so that times do not run backwards.
    now_at timestamptz;
begin
    perform pg_advisory_xact_lock(hashtext('audit_entry'));
    select * into last from audit_entry order by sequence desc limit 1;
    next_sequence := coalesce(last.sequence, 0) + 1;
    -- Before the first row: 32 zeros.
    previous := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
    now_at := clock_timestamp();
    insert into audit_entry (sequence, at, actor, action, subject, details, previous_hash, hash)
    values (next_sequence, now_at, actor, action, subject, details, previous,
            audit_hash(previous, next_sequence, now_at, actor, action, subject, details));
    return next_sequence;
end
$$;

create function audit_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'audit_entry only grows: % is refused', tg_op using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_only_grows before update or delete on audit_entry
    for each row execute function audit_refuse();
create trigger audit_is_not_emptied before truncate on audit_entry
    for each statement execute function audit_refuse();

-- Who may call audit() needs no right on the table: grant execute on function audit to a role that can do nothing else.
revoke all on audit_entry from public;
revoke all on function audit(text, text, text, jsonb) from public;

-- The first place where the chain is broken, and its length; no break is null.
create function audit_verify() returns table (entry_count bigint, first_bad_sequence bigint)
language sql stable as $$
    select count(*), min(place) filter (where
            sequence <> place
            or previous_hash <> coalesce(hash_before, decode(repeat('00', 32), 'hex'))
            or hash <> audit_hash(previous_hash, sequence, at, actor, action, subject, details))
    from (select e.*, row_number() over in_order as place, lag(hash) over in_order as hash_before
          from audit_entry e window in_order as (order by sequence)) as chain
$$;
