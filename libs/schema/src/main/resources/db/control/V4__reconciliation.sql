-- What reconciliation has found. A run looks at one day of one SET (or of the cold store); a difference is open from the
-- run that confirmed it until a run of the same day and SET no longer finds it.

create table recon_run (
    run_id           bigint      not null generated always as identity primary key,
    at               timestamptz not null default now(),
    set_name         text        not null,
    -- Days since 2020-01-01, as in the order number.
    day              integer     not null check (day between 0 and 9999),
    packet_count     bigint      not null,
    share_count      bigint      not null,
    bucket_count     integer     not null,
    -- Buckets that had to be compared row by row.
    differing_count  integer     not null,
    difference_count integer     not null,
    -- paid - opened - remaining - refunded over all packets, always 0.
    conservation_fen bigint      not null
);
create index recon_run_newest on recon_run (set_name, day, run_id);

create table recon_difference (
    packet_id     bigint      not null,
    -- What is wrong, for instance CREDIT_MISSING.
    kind          text        not null,
    -- Which share or transfer of the packet; a user is named by a hash.
    item          text        not null,
    set_name      text        not null,
    day           integer     not null,
    detail        text        not null,
    -- REPLAY, PUBLISH, RESTOCK, FREEZE or LOOK.
    remedy        text        not null,
    first_seen_at timestamptz not null default now(),
    last_seen_at  timestamptz not null default now(),
    -- When the remedy was last applied.
    repaired_at   timestamptz,
    -- When a run no longer found it.
    closed_at     timestamptz,
    primary key (packet_id, kind, item)
);
create index recon_difference_open on recon_difference (set_name, day) where closed_at is null;

-- As in V3: rights for the roles, if they are there. Who compares may write here; pods only make metrics of it.
do $$
begin
    if exists (select from pg_roles where rolname = 'hongbao_service') then
        grant select on recon_run, recon_difference to hongbao_service;
    end if;
    if exists (select from pg_roles where rolname = 'hongbao_operator') then
        grant select, insert on recon_run to hongbao_operator;
        grant select, insert, update on recon_difference to hongbao_operator;
    end if;
end
$$;
